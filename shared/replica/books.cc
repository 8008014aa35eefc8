#include "shared/replica/books.h"

#include <algorithm>
#include <iterator>

#include "shared/core/match.h"
#include "shared/core/state_codec.h"

namespace songsong {
namespace {

// That a setting changes whenever a record does: the setting before, with what the records say now.
class Fingerprint {
 public:
  explicit Fingerprint(const std::string& before) { writer_.bytes(before); }

  void add(const State& state) {
    writer_.fixed64(state.id.packed());
    writer_.bytes(encode_state(state, PersonalValues::kLeftOut));
    changed_ = true;
  }
  bool changed() const { return changed_; }
  std::string value() const { return std::to_string(short_digest(writer_.out())); }

 private:
  ByteWriter writer_;
  bool changed_ = false;
};

}  // namespace

Books::Books(const BooksContext& context, StoreReader& reader, Counting counting)
    : context_(context),
      reader_(reader),
      cache_(context.policies, reader),
      classes_(cache_),
      accounts_(context.dependencies, cache_, classes_),
      matches_(cache_, classes_),
      unit_trees_(context.trees, reader, context.policies),
      tree_before_(unit_trees_.now()),
      tree_(tree_before_) {
  const std::string counted_by = reader.setting(kBooksRevisionSetting);
  const std::string wanted = counting == Counting::kAnew ? kRecounting : std::to_string(context.policies.revision());
  if (counted_by.empty() || counted_by == wanted) return;
  throw StorageDamage{Fault{.code = "policies_changed",
                            .where = "policy table",
                            .what = "Another program has taken over a newer policy table; open the store again."}};
}

// A record whose opening was refused after all has no kind any more, but what it said has to be taken back.
bool Books::is_or_was(const Before& before, const KindPolicy* now, bool (KindPolicy::*has)() const) {
  return (now != nullptr && (now->*has)()) || (before.kind != nullptr && (before.kind->*has)());
}

Books::Before Books::footprint(RecordId id) {
  const Shown* const shown = cache_.records().find(id);
  if (shown == nullptr)
    return Before{
        .counted = true, .live = false, .kind = nullptr, .root = id, .references = {}, .matches = {}, .search = {}};
  return Before{.counted = true,
                .live = shown->live,
                .kind = shown->kind,
                .root = accounts_.root(id),
                .references = references_of(*shown),
                .matches = match_keys(*shown, cache_.records()),
                .search = search_text(*shown, cache_.records())};
}

void Books::put(State shown, std::optional<State> base) {
  const RecordId id = shown.id;
  const RecordId wanted[] = {id};
  cache_.load(wanted);
  if (!changed_.contains(id)) changed_.emplace(id, footprint(id));
  PersonalValuesOf& personal = cache_.personal(id);
  personal.put_all(shown);
  bases_.erase(id);
  if (base) {
    personal.put_all(*base);
    bases_.emplace(id, std::move(*base));
  }
  cache_.put(std::move(shown));
}

void Books::count_anew(RecordId id) {
  const RecordId wanted[] = {id};
  cache_.load(wanted);
  const RecordRow* const row = cache_.stored(id);
  if (row == nullptr) return;
  changed_.emplace(
      id,
      Before{
          .counted = false, .live = false, .kind = nullptr, .root = id, .references = {}, .matches = {}, .search = {}});
  if (!row->base) return;
  Outcome<State> base = decode_state(*row->base, cache_.personal(id).lookup());
  if (!base) throw StorageDamage{base.fault()};
  bases_.emplace(id, std::move(*base));
}

void Books::settle(StoreSequence version, std::int64_t now_ms, StoreBatch& batch) {
  const std::set<RecordId> recut = settle_units(batch);
  settle_accounts(batch);
  settle_rows(version, batch);
  settle_pairs(batch);
  settle_claims(batch);
  settle_record_cases(recut);
  const policy::MeasurePolicy* const open = context_.policies.kept(schema::OPEN_CASES);
  cases_.settle(open != nullptr ? open->number() : 0, now_ms, reader_, totals_, batch);
  for (TotalsRow& row : totals_.rows(*tree_before_, *tree_, reader_)) batch.totals.push_back(std::move(row));
}

// Returns the records of units whose parent is cut now and was not, or was and is not.
std::set<RecordId> Books::settle_units(StoreBatch& batch) {
  Fingerprint fingerprint(reader_.setting(UnitTreeCache::kFingerprint));
  for (const auto& [id, before] : changed_) {
    const Shown* const shown = cache_.records().find(id);
    const bool of_tree = is_or_was(before, shown->kind, &KindPolicy::has_unit_tree);
    if (of_tree || is_or_was(before, shown->kind, &KindPolicy::has_unit_period)) fingerprint.add(*shown->state);
    if (!of_tree) continue;
    Unit unit;
    if (read_unit(*shown, cache_.records(), unit)) {
      batch.units.push_back(std::move(unit));
    } else if (stored(id)) {
      batch.units_dropped.push_back(id);
    }
  }
  if (fingerprint.changed()) batch.settings[UnitTreeCache::kFingerprint] = fingerprint.value();
  if (batch.units.empty() && batch.units_dropped.empty()) return {};
  std::map<RecordId, Unit> units;
  for (Unit& unit : reader_.units()) units[unit.record] = std::move(unit);
  for (const RecordId dropped : batch.units_dropped) units.erase(dropped);
  for (const Unit& unit : batch.units) units[unit.record] = unit;
  std::vector<Unit> all;
  for (auto& [record, unit] : units) all.push_back(std::move(unit));
  tree_ = std::make_shared<const UnitTree>(std::move(all));

  const auto cut_records = [](const UnitTree& tree) {
    std::set<RecordId> records;
    for (const std::string& code : tree.cut()) records.insert(tree.find(code)->record);
    return records;
  };
  const std::set<RecordId> before = cut_records(*tree_before_), now = cut_records(*tree_);
  std::set<RecordId> recut;
  std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                std::inserter(recut, recut.end()));
  return recut;
}

void Books::settle_accounts(StoreBatch& batch) {
  std::vector<RecordId> ids;
  for (const auto& [id, before] : changed_) ids.push_back(id);
  cache_.load_referrers(ids);
  for (const auto& [id, before] : changed_) {
    const bool kind_changed = before.kind != cache_.records().find(id)->kind;
    accounts_.touch(id, before.root, before.references, kind_changed);
  }
  accounts_.recount(totals_, batch);
}

void Books::settle_rows(StoreSequence version, StoreBatch& batch) {
  for (const auto& [id, before] : changed_) settle_row(id, &before, version, batch);
  for (const RecordId id : accounts_.counted()) {
    if (!changed_.contains(id) && stored(id)) settle_row(id, nullptr, version, batch);
  }
}

// `before` is null for a record that did not change itself, but may have moved with the record that it belongs to.
void Books::settle_row(RecordId id, const Before* before, StoreSequence version, StoreBatch& batch) {
  accounts_.root(id);
  const Shown& shown = *cache_.records().find(id);
  const RecordRow* const was = cache_.stored(id);
  std::string unit = cache_.records().unit_of(shown);
  const bool moved = was != nullptr && was->unit != unit;
  if (before == nullptr && !moved) return;
  if (moved) {
    moved_.insert(id);
    batch.departures.push_back(DepartureRow{.left = was->unit, .version = version, .record = id, .home = unit});
  }
  const std::string search = search_text(shown, cache_.records());
  const bool anew = before != nullptr && !before->counted;
  if (moved || anew || was == nullptr || (before != nullptr && before->search != search)) {
    batch.search.push_back(SearchRow{.record = id, .unit = unit, .text = search});
  }
  RecordRow row{.id = id,
                .kind = shown.state->kind,
                .unit = std::move(unit),
                .version = version,
                .live = shown.live,
                .state = {},
                .base = std::nullopt,
                .last_logged = 0,
                .base_epoch = 0,
                .base_version = 0};
  if (was != nullptr) {
    row.last_logged = was->last_logged;
    row.base_epoch = was->base_epoch;
    row.base_version = was->base_version;
    if (anew && !moved) row.version = was->version;
  }
  if (before == nullptr) {
    row.state = was->state;
    row.base = was->base;
    batch.records.push_back(std::move(row));
    return;
  }
  row.state = encode_state(*shown.state, PersonalValues::kLeftOut);
  if (const auto base = bases_.find(id); base != bases_.end())
    row.base = encode_state(base->second, PersonalValues::kLeftOut);
  batch.records.push_back(std::move(row));
  if (cache_.personal(id).destroyed()) batch.values_destroyed = true;
  std::string personal = cache_.personal(id).encode();
  if (personal != cache_.stored_personal(id))
    batch.personal.push_back(PersonalRow{.record = id, .values = std::move(personal)});
  const std::vector<ReferenceTo> references = references_of(shown);
  std::set_difference(references.begin(), references.end(), before->references.begin(), before->references.end(),
                      std::back_inserter(batch.references_added));
  std::set_difference(before->references.begin(), before->references.end(), references.begin(), references.end(),
                      std::back_inserter(batch.references_removed));
}

void Books::settle_pairs(StoreBatch& batch) {
  for (const auto& [id, before] : changed_) {
    const Shown& shown = *cache_.records().find(id);
    matches_.change_keys(id, before.matches, match_keys(shown, cache_.records()));
    if (before.live != shown.live) matches_.reconsider(id);
    if (!is_or_was(before, shown.kind, &KindPolicy::has_samehood)) continue;
    for (const ReferenceTo& side : before.references) matches_.reconsider(side.target);
    for (const ReferenceTo& side : references_of(shown)) matches_.reconsider(side.target);
    for (const ReferenceTo& one : before.references) {
      for (const ReferenceTo& other : before.references) matches_.reconsider_pair(one.target, other.target);
    }
  }
  for (const RecordId id : moved_) matches_.reconsider(id);
  for (const auto& [pair, share_a_key] : matches_.settle(batch)) {
    accounts_.root(pair.first);
    accounts_.root(pair.second);
    const bool known = stored(pair.first) && stored(pair.second);
    cases_.stand(duplicate_case_id(pair.first, pair.second),
                 duplicate_case(pair.first, pair.second, share_a_key, classes_.lookup(), cache_.records()), known);
  }
}

void Books::settle_claims(StoreBatch& batch) {
  const std::set<ClaimKey>& before = accounts_.claims_before();
  const std::set<ClaimKey>& now = accounts_.claims_now();
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::back_inserter(batch.claims_added));
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(batch.claims_removed));

  using Key = std::pair<std::uint32_t, std::string>;
  std::map<Key, std::pair<std::set<RecordId>, std::set<RecordId>>> by_key;  // claimants of these accounts now, before
  for (const ClaimKey& claim : now) by_key[{claim.number, claim.key}].first.insert(claim.claimant);
  for (const ClaimKey& claim : before) by_key[{claim.number, claim.key}].second.insert(claim.claimant);
  std::vector<ClaimKey> keys;
  for (const auto& [key, claimants] : by_key)
    keys.push_back(ClaimKey{.number = key.first, .key = key.second, .claimant = {}});
  const std::vector<std::vector<RecordId>> stored_claimants = reader_.claimants(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& [here, left] = by_key.at({keys[i].number, keys[i].key});
    std::set<RecordId> claimants(stored_claimants[i].begin(), stored_claimants[i].end());
    for (const RecordId gone : left) claimants.erase(gone);
    claimants.insert(here.begin(), here.end());
    const std::vector<RecordId> all(claimants.begin(), claimants.end());
    for (const RecordId claimant : all) accounts_.root(claimant);
    cases_.stand(claim_case_id(keys[i].number, keys[i].key),
                 claim_case(keys[i].number, keys[i].key, all, cache_.records()), stored_claimants[i].size() > 1);
  }
}

void Books::settle_record_cases(const std::set<RecordId>& recut) {
  std::set<RecordId> concerned = accounts_.counted();
  for (const auto& [id, before] : changed_) concerned.insert(id);
  concerned.insert(recut.begin(), recut.end());
  const std::vector<RecordId> wanted(concerned.begin(), concerned.end());
  cache_.load(wanted);
  for (const RecordId id : wanted) {
    const Shown* const shown = cache_.records().find(id);
    if (shown == nullptr) continue;
    accounts_.root(id);
    cases_.stand(conflict_case_id(id), conflict_case(*shown, cache_.records(), *tree_), stored(id));
    cases_.stand(missing_proof_case_id(id), missing_proof_case(*shown, cache_.records()), stored(id));
    cases_.stand(quarantine_case_id(id), quarantine_case(*shown, cache_.records()), stored(id));
  }
}

}  // namespace songsong
