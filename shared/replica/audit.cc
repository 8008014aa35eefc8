#include "shared/replica/audit.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/core/merge.h"
#include "shared/core/recount.h"
#include "shared/core/state_codec.h"
#include "shared/replica/audit_log.h"
#include "shared/replica/erasures.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 1000;

struct HeldRecord {
  RecordRow row;
  State shown;
  std::optional<State> base;
};

class Auditor {
 public:
  Auditor(StoreReader& reader, const Policies& policies, Authority authority, const ReplicaKeys& keys)
      : reader_(reader),
        policies_(policies),
        authority_(authority),
        records_(policies),
        log_(reader, authority, keys) {}

  AuditSummary run() {
    log_.check();
    read_records();
    check_states();
    const Recount counted = recount(records_, ids_);
    check_records(counted);
    check_units(counted);
    check_accounts(counted);
    check_indexes(counted);
    check_cases(counted);
    check_totals(counted);
    check_erasures();
    return AuditSummary{.changes = log_.changes().size(),
                        .records = ids_.size(),
                        .replicas = log_.runs().size(),
                        .accounts = counted.accounts.size(),
                        .cases = counted.cases.size(),
                        .units_with_totals = counted.totals.size()};
  }

 private:
  void read_records() {
    for (RecordId after;;) {
      std::vector<RecordRow> page = reader_.scan(0, after, kPage);
      if (page.empty()) break;
      after = page.back().id;
      for (RecordRow& row : page) read_record(std::move(row));
    }
  }

  void read_record(RecordRow row) {
    const RecordId id = row.id;
    const RecordId wanted[] = {id};
    const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(reader_.personal(wanted).front());
    if (!values) differ("personal values of " + to_text(id), values.fault().what);
    Outcome<State> shown = decode_state(row.state, values->lookup());
    if (!shown) differ("record " + to_text(id), shown.fault().what);
    HeldRecord held{.row = std::move(row), .shown = std::move(*shown), .base = std::nullopt};
    if (held.row.base) {
      Outcome<State> base = decode_state(*held.row.base, values->lookup());
      if (!base) differ("base of record " + to_text(id), base.fault().what);
      held.base = std::move(*base);
    }
    ids_.push_back(id);
    records_.put(held.shown);
    held_.emplace(id, std::move(held));
  }

  void check_states() {
    const ReferenceModel model(log_.changes());
    for (const RecordId id : model.records()) {
      if (!held_.contains(id)) differ("record " + to_text(id), "The log has changes of a record that the store lacks.");
    }
    if (authority_ == Authority::kHoldsAllLogs) {
      for (const auto& [id, held] : held_) {
        if (held.shown != model.state(id))
          differ("record " + to_text(id), "The state is not what the log makes of it.");
      }
      return;
    }
    std::map<RecordId, std::vector<const Admitted*>> own_changes;
    for (const Admitted& each : log_.changes()) own_changes[each.change.record].push_back(&each);
    for (const auto& [id, held] : held_) check_overlay(id, held, model, own_changes[id]);
  }

  // A phone: what the server said, with the own changes over it that it does not cover.
  void check_overlay(RecordId id, const HeldRecord& held, const ReferenceModel& model,
                     const std::vector<const Admitted*>& own_changes) {
    const bool all_own = held.base && held.base->applied.empty();
    if (all_own && held.shown != model.state(id))
      differ("record " + to_text(id), "The state is not what the log makes of it.");
    if (!held.base || all_own) return;
    State expected = *held.base;
    lineages().load_for(expected);
    for (const Admitted* own : own_changes) {
      lineages().load_for(own->change);
      if (own->empty) {
        merge_empty(expected, own->change, lineages().lineage());
      } else {
        merge(expected, own->change, lineages().lineage());
      }
    }
    if (held.shown != expected)
      differ("record " + to_text(id), "What is shown is not the base with the own changes over it.");
  }

  Lineages& lineages() {
    if (!lineages_) lineages_.emplace(authority_, reader_);
    return *lineages_;
  }

  void check_records(const Recount& counted) {
    for (const auto& [id, held] : held_) {
      const Shown& shown = *records_.find(id);
      const RecordRow& row = held.row;
      if (row.kind != shown.state->kind || row.live != shown.live)
        differ("record " + to_text(id), "Kind or removal do not fit the state.");
      if (row.unit != counted.homes.at(id))
        differ("record " + to_text(id), "It stands in another unit than it belongs to.");
      const auto last = log_.last_logged().find(id);
      if (row.last_logged != (last == log_.last_logged().end() ? 0 : last->second))
        differ("record " + to_text(id), "The link into the log is wrong.");
    }
  }

  void check_units(const Recount& counted) {
    const UnitTree tree(reader_.units());
    if (tree.units() != counted.tree.units()) differ("units", "The tree of units is not what the records say.");
  }

  void check_accounts(const Recount& counted) {
    std::size_t stored = 0;
    for (RecordId after;;) {
      const std::vector<AccountRow> page = reader_.all_accounts(after, kPage);
      if (page.empty()) break;
      after = page.back().id;
      for (const AccountRow& row : page) {
        ++stored;
        const auto expected = counted.accounts.find(row.id);
        if (expected == counted.accounts.end())
          differ("account " + to_text(row.id), "Nothing should be counted there.");
        if (row.cells != expected->second.cells)
          differ("account " + to_text(row.id), "The tally is not what the records make of it.");
        if (row.claims != expected->second.claims)
          differ("account " + to_text(row.id), "The claims are not what the records make of them.");
      }
    }
    if (stored != counted.accounts.size()) differ("accounts", "An account is missing.");
    const std::vector<RecordId> names = reader_.class_names(ids_);
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto expected = counted.class_names.find(ids_[i]);
      if (names[i] != (expected == counted.class_names.end() ? ids_[i] : expected->second))
        differ("class of " + to_text(ids_[i]), "It has another name.");
    }
  }

  void check_indexes(const Recount& counted) {
    std::map<RecordId, std::vector<ReferenceTo>> references;
    for (const ReferenceTo& each : counted.references) references[each.target].push_back(each);
    for (const auto& [target, expected] : references) {
      const RecordId wanted[] = {target};
      if (reader_.references_to(wanted).front() != expected)
        differ("references to " + to_text(target), "They are not what the records say.");
    }
    std::map<MatchKey, std::vector<RecordId>> matches;
    for (const auto& [key, record] : counted.matches) matches[key].push_back(record);
    for (const auto& [key, expected] : matches) {
      const MatchKey wanted[] = {key};
      if (reader_.matches(wanted).front() != expected)
        differ("match key " + std::to_string(key.number), "Its records are not those that have it.");
    }
    std::map<std::pair<std::uint32_t, std::string>, std::vector<RecordId>> claimants;
    std::size_t claims = 0;
    for (const auto& [id, account] : counted.accounts) {
      for (const ClaimKey& claim : account.claims) {
        claimants[{claim.number, claim.key}].push_back(claim.claimant);
        ++claims;
      }
    }
    for (auto& [key, expected] : claimants) {
      std::sort(expected.begin(), expected.end());
      const ClaimKey wanted[] = {ClaimKey{.number = key.first, .key = key.second, .claimant = {}}};
      if (reader_.claimants(wanted).front() != expected)
        differ("claim " + std::to_string(key.first), "Its claimants are not those that make it.");
    }
    const std::vector<std::string> texts = reader_.search_texts(ids_);
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto expected = counted.search.find(ids_[i]);
      if (texts[i] != (expected == counted.search.end() ? std::string() : expected->second))
        differ("search text of " + to_text(ids_[i]), "It is not what the record says.");
    }
    // Whatever else stands in these tables stands there for nothing.
    const StoreCounts counts = reader_.counts();
    if (counts.references != counted.references.size()) differ("references", "There are more than the records make.");
    if (counts.matches != counted.matches.size()) differ("match keys", "There are more than the records have.");
    if (counts.claims != claims) differ("claims", "There are more than the accounts make.");
    if (counts.search != counted.search.size()) differ("search texts", "There are more than records to be found.");
    if (counts.class_names != counted.class_names.size()) differ("classes", "There are more than decisions make.");
  }

  void check_cases(const Recount& counted) {
    std::size_t stored = 0;
    for (std::string after;;) {
      const std::vector<CaseRow> page = reader_.open_cases(after, kPage);
      if (page.empty()) break;
      after = page.back().raised.id;
      for (const CaseRow& row : page) {
        ++stored;
        const auto expected = counted.cases.find(row.raised.id);
        if (expected == counted.cases.end()) differ("case " + row.raised.id, "Nothing is open there.");
        if (row.raised != expected->second) differ("case " + row.raised.id, "It is not what the records make of it.");
      }
    }
    if (stored == counted.cases.size()) return;
    for (const auto& [id, expected] : counted.cases) {
      const std::string wanted[] = {id};
      if (!reader_.cases(wanted).front()) differ("case " + id, "It is open, and the store does not have it.");
    }
  }

  void check_totals(const Recount& counted) {
    std::size_t stored = 0;
    for (std::string after;;) {
      const std::vector<TotalsRow> page = reader_.all_totals(after, kPage);
      if (page.empty()) break;
      after = page.back().unit;
      for (const TotalsRow& row : page) {
        ++stored;
        const auto expected = counted.totals.find(row.unit);
        const bool same = expected != counted.totals.end() && row.own == expected->second.own &&
                          row.subtree == expected->second.subtree;
        if (!same) differ("total " + row.unit, "It is not the sum of the accounts.");
      }
    }
    if (stored != counted.totals.size()) differ("totals", "A unit's total is missing.");
  }

  // Of whom an erasure stands, no value is held.
  void check_erasures() {
    const KindPolicy* const kind = policies_.erasure();
    if (authority_ != Authority::kHoldsAllLogs || kind == nullptr) return;
    RecordCache cache(policies_, reader_);
    Erasures erasures(policies_, cache);
    for (const auto& [id, held] : held_) {
      if (held.row.kind != kind->number() || !erasures.stands(id)) continue;
      const std::optional<RecordId> named = erasures.named_by(id);
      if (!named) continue;
      for (const RecordId record : erasures.reached(*named)) {
        for (const auto& [written, value] : cache.personal(record).all()) {
          if (!value.is_none() && erasures.covers(record, written.first, written.second))
            differ("personal values of " + to_text(record), "One is held that was to be erased.");
        }
      }
    }
  }

  StoreReader& reader_;
  const Policies& policies_;
  Authority authority_;
  Records records_;
  AuditLog log_;
  std::optional<Lineages> lineages_;
  std::vector<RecordId> ids_;
  std::map<RecordId, HeldRecord> held_;
};

}  // namespace

Outcome<AuditSummary> audit(Store& store, Shard shard, const Policies& policies, Authority authority,
                            const ReplicaKeys& keys) {
  Outcome<AuditSummary> result = Fault{.code = "storage_failed", .where = "store", .what = "Nothing was read."};
  const Outcome<Done> done = store.read(shard, [&](StoreReader& reader) {
    try {
      result = Auditor(reader, policies, authority, keys).run();
    } catch (const Difference& difference) {
      result = difference.fault;
    }
  });
  if (!done) return done.fault();
  return result;
}

}  // namespace songsong
