#include "shared/core/recount.h"

#include <algorithm>

namespace songsong {
namespace {

class Recounter {
 public:
  Recounter(const Records& records, const std::vector<RecordId>& ids) : records_(records), ids_(ids) {}

  Recount run() {
    read_units();
    group();
    count_accounts();
    raise_cases();
    add_up_totals();
    for (const RecordId id : ids_) index(*records_.find(id));
    return std::move(counted_);
  }

 private:
  std::vector<Decision> decisions_of(RecordId record) const {
    std::vector<Decision> decisions;
    const KindPolicy* const kind = records_.policies().samehood();
    if (kind == nullptr) return decisions;
    for (const FieldNumber side : {kind->samehood().one(), kind->samehood().other()}) {
      for (const RecordId source : records_.referrers(record, kind->number(), side)) {
        Decision decision;
        if (!read_decision(*records_.find(source), record, decision)) continue;
        if (can_be_one(records_.find(record), records_.find(decision.other))) decisions.push_back(decision);
      }
    }
    return decisions;
  }

  DecisionsOf lookup() const {
    return [this](RecordId record) { return decisions_of(record); };
  }

  void read_units() {
    std::vector<Unit> units;
    for (const RecordId id : ids_) {
      Unit unit;
      if (read_unit(*records_.find(id), records_, unit)) units.push_back(std::move(unit));
    }
    counted_.tree = UnitTree(std::move(units));
  }

  // Every record belongs to a root, every root (arrived or not) to a class, every class is an account.
  void group() {
    for (const RecordId id : ids_) {
      const RecordId root = records_.root_of(id);
      const std::vector<RecordId> members = class_of(root, lookup());
      Account& account = groups_[members.front()];
      account.members = members;
      if (!std::binary_search(members.begin(), members.end(), id)) account.dependents.push_back(id);
      for (std::size_t i = 1; i < members.size(); ++i) counted_.class_names[members[i]] = members.front();
    }
    for (auto& [name, account] : groups_) std::sort(account.dependents.begin(), account.dependents.end());
  }

  void count_accounts() {
    const ClassNameOf class_name_of = [this](RecordId record) { return class_of(record, lookup()).front(); };
    for (const auto& [name, account] : groups_) {
      CountedAccount counted{.cells = tally(account, records_), .claims = claims(account, records_, class_name_of)};
      cells_.insert(cells_.end(), counted.cells.begin(), counted.cells.end());
      for (const ClaimKey& claim : counted.claims) claimants_[{claim.number, claim.key}].push_back(claim.claimant);
      if (!counted.cells.empty() || !counted.claims.empty()) counted_.accounts[name] = std::move(counted);
    }
  }

  void raise(const std::optional<Case>& raised) {
    if (raised) counted_.cases[raised->id] = *raised;
  }

  void raise_cases() {
    std::map<MatchKey, std::vector<RecordId>> sharing;
    std::set<std::pair<RecordId, RecordId>> alike;
    std::set<std::pair<RecordId, RecordId>> pairs;
    for (const RecordId id : ids_) {
      const Shown& record = *records_.find(id);
      raise(conflict_case(record, records_, counted_.tree));
      raise(missing_proof_case(record, records_));
      raise(quarantine_case(record, records_));
      for (const MatchKey& key : match_keys(record, records_)) sharing[key].push_back(id);
      for (const Decision& each : decisions_of(id)) pairs.emplace(std::min(id, each.other), std::max(id, each.other));
    }
    for (auto& [key, holders] : sharing) {
      std::sort(holders.begin(), holders.end());
      const auto likely = likely_pairs(holders);
      alike.insert(likely.begin(), likely.end());
    }
    pairs.insert(alike.begin(), alike.end());
    for (const auto& pair : pairs)
      raise(duplicate_case(pair.first, pair.second, alike.contains(pair), lookup(), records_));
    for (auto& [key, claimants] : claimants_) {
      std::sort(claimants.begin(), claimants.end());
      raise(claim_case(key.first, key.second, claimants, records_));
    }
  }

  void add_up_totals() {
    const policy::MeasurePolicy* const open = records_.policies().kept(schema::OPEN_CASES);
    if (open != nullptr) {
      for (const auto& [id, raised] : counted_.cases) {
        cells_.push_back(Cell{.unit = raised.unit, .measure = open->number(), .dimension = 0, .value = 0, .count = 1});
      }
    }
    for (const Cell& cell : combined(std::move(cells_))) {
      counted_.totals[cell.unit].own.push_back(cell);
      for (const std::string& above : counted_.tree.path(cell.unit)) {
        Cell moved = cell;
        moved.unit = above;
        counted_.totals[above].subtree.push_back(std::move(moved));
      }
    }
    for (auto& [unit, totals] : counted_.totals) {
      totals.own = combined(std::move(totals.own));
      totals.subtree = combined(std::move(totals.subtree));
    }
    std::erase_if(counted_.totals,
                  [](const auto& each) { return each.second.own.empty() && each.second.subtree.empty(); });
  }

  void index(const Shown& record) {
    counted_.homes[record.id()] = records_.unit_of(record);
    for (const ReferenceTo& each : references_of(record)) counted_.references.insert(each);
    for (const MatchKey& key : match_keys(record, records_)) counted_.matches.emplace(key, record.id());
    std::string text = search_text(record, records_);
    if (!text.empty()) counted_.search[record.id()] = std::move(text);
  }

  const Records& records_;
  const std::vector<RecordId>& ids_;
  std::map<RecordId, Account> groups_;
  std::map<std::pair<std::uint32_t, std::string>, std::vector<RecordId>> claimants_;
  Cells cells_;
  Recount counted_;
};

}  // namespace

Recount recount(const Records& records, const std::vector<RecordId>& ids) { return Recounter(records, ids).run(); }

}  // namespace songsong
