#include "shared/replica/account_book.h"

#include <algorithm>

namespace songsong {

RecordId AccountBook::root(RecordId record) {
  for (;;) {
    const RecordId at = cache_.records().root_of(record);
    if (cache_.records().has(at)) return at;
    const RecordId wanted[] = {at};
    cache_.load(wanted);
    if (!cache_.records().has(at)) return at;
  }
}

void AccountBook::touch(RecordId record, RecordId root_before, const std::vector<ReferenceTo>& references_before,
                        bool kind_changed) {
  roots_.insert(root_before);
  roots_.insert(root(record));
  const auto touch_targets = [&](const std::vector<ReferenceTo>& references) {
    for (const ReferenceTo& each : references) {
      if (dependencies_.leans_on(each.source_kind, each.field)) roots_.insert(root(each.target));
    }
  };
  touch_targets(references_before);
  touch_targets(references_of(*cache_.records().find(record)));
  touch_referrers(record, kind_changed);
  touch_viewers(record);
}

// Whether others may lean on the record, or be decided to be one with it, hangs on what kind of record it is.
void AccountBook::touch_referrers(RecordId record, bool kind_changed) {
  const RecordId asked[] = {record};
  cache_.load_referrers(asked);
  const std::vector<ReferenceTo> references = cache_.records().references_to(record);  // loading may add to them
  for (const ReferenceTo& each : references) {
    if (!dependencies_.leans_on(each.source_kind, each.field)) continue;
    roots_.insert(root(each.source));
    // While nobody knew what the record is, it led nowhere, and those that lean on it counted by themselves.
    if (kind_changed) roots_.insert(each.source);
    for (const ReferenceTo& side : references_of(*cache_.records().find(each.source))) {
      if (dependencies_.leans_on(side.source_kind, side.field)) roots_.insert(root(side.target));
    }
  }
}

// The record may not have arrived yet, or be of another kind than those who look at it expect.
void AccountBook::touch_viewers(RecordId record) {
  const RecordId asked[] = {record};
  cache_.load_referrers(asked);
  const std::vector<ReferenceTo> references = cache_.records().references_to(record);  // loading may add to them
  for (const ReferenceTo& each : references) {
    if (dependencies_.looks_at(each.source_kind, each.field)) roots_.insert(root(each.source));
  }
}

// Classes grow the set of roots (a class that changed its name is looked at by others), so go on until nothing is new.
std::vector<std::vector<RecordId>> AccountBook::touched_classes() {
  std::map<RecordId, std::vector<RecordId>> by_name;
  std::set<RecordId> done;
  while (done.size() < roots_.size()) {
    std::vector<RecordId> fresh;
    std::set_difference(roots_.begin(), roots_.end(), done.begin(), done.end(), std::back_inserter(fresh));
    cache_.load_referrers(fresh);
    for (const RecordId each : fresh) {
      done.insert(each);
      const std::vector<RecordId> members = classes_.members(each);
      if (!by_name.emplace(members.front(), members).second) continue;
      cache_.load(members);
      for (const RecordId member : members) touch_viewers(member);
    }
  }
  std::vector<std::vector<RecordId>> classes;
  for (auto& [name, members] : by_name) classes.push_back(std::move(members));
  return classes;
}

void AccountBook::recount(TotalsBook& totals, StoreBatch& batch) {
  const std::vector<std::vector<RecordId>> classes = touched_classes();
  const std::map<RecordId, AccountRow> stored = take_out(classes, totals, batch);
  std::map<RecordId, AccountRow> rows;
  // Under other names where a decision joined or split them; what they leave behind is empty.
  for (const auto& [id, row] : stored) rows[id] = AccountRow{.id = id, .cells = {}, .claims = {}};
  for (const std::vector<RecordId>& members : classes) {
    const Account account = account_of(members);
    load_looked_at(account);
    AccountRow row{.id = account.id(), .cells = tally(account, cache_.records()), .claims = {}};
    row.claims = claims(account, cache_.records(), [this](RecordId target) { return classes_.name(target); });
    totals.add(row.cells);
    claims_now_.insert(row.claims.begin(), row.claims.end());
    counted_.insert(account.members.begin(), account.members.end());
    counted_.insert(account.dependents.begin(), account.dependents.end());
    rows[account.id()] = std::move(row);
  }
  for (auto& [id, row] : rows) {
    const auto before = stored.find(id);
    const bool is_empty = row.cells.empty() && row.claims.empty();
    if (before == stored.end() ? !is_empty : before->second != row) batch.accounts.push_back(std::move(row));
  }
}

// The accounts that counted the members before this commit.
std::map<RecordId, AccountRow> AccountBook::take_out(const std::vector<std::vector<RecordId>>& classes,
                                                     TotalsBook& totals, StoreBatch& batch) {
  std::vector<RecordId> members;
  std::set<RecordId> names;
  for (const std::vector<RecordId>& each : classes) {
    members.insert(members.end(), each.begin(), each.end());
    names.insert(each.front());
  }
  const std::vector<RecordId> names_before = cache_.reader().class_names(members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    names.insert(names_before[i]);
    const RecordId name = classes_.name(members[i]);
    if (name != names_before[i]) batch.class_names[members[i]] = name;
  }
  const std::vector<RecordId> asked(names.begin(), names.end());
  std::map<RecordId, AccountRow> rows;
  for (std::optional<AccountRow>& stored : cache_.reader().accounts(asked)) {
    if (!stored) continue;
    totals.take_out(stored->cells);
    claims_before_.insert(stored->claims.begin(), stored->claims.end());
    rows.emplace(stored->id, std::move(*stored));
  }
  return rows;
}

Account AccountBook::account_of(const std::vector<RecordId>& members) {
  Account account{.members = members, .dependents = {}};
  std::set<RecordId> dependents;
  std::vector<RecordId> frontier = members;
  while (!frontier.empty()) {
    cache_.load_referrers(frontier);
    std::vector<RecordId> next;
    for (const RecordId at : frontier) {
      const std::vector<ReferenceTo> references = cache_.records().references_to(at);  // loading may add to them
      for (const ReferenceTo& each : references) {
        const KindPolicy* const kind = cache_.records().policies().kind(each.source_kind);
        if (kind == nullptr || kind->unit_via() != each.field) continue;
        const RecordId belongs_to = root(each.source);
        const bool here = std::binary_search(members.begin(), members.end(), belongs_to);
        if (here && belongs_to != each.source && dependents.insert(each.source).second) next.push_back(each.source);
      }
    }
    frontier = std::move(next);
  }
  account.dependents.assign(dependents.begin(), dependents.end());
  return account;
}

void AccountBook::load_looked_at(const Account& account) {
  std::vector<RecordId> targets;
  const auto collect = [&](RecordId id) {
    const Shown* const shown = cache_.records().find(id);
    if (shown == nullptr) return;
    for (const ReferenceTo& each : references_of(*shown)) {
      if (dependencies_.looks_at(each.source_kind, each.field)) targets.push_back(each.target);
    }
  };
  for (const RecordId member : account.members) collect(member);
  for (const RecordId dependent : account.dependents) collect(dependent);
  cache_.load(targets);
}

}  // namespace songsong
