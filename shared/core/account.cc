#include "shared/core/account.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "shared/core/byte_reader.h"
#include "shared/core/fold.h"

namespace songsong {
namespace {

// Counts a class once for each of its rules: which members some record counts for.
struct DistinctCount {
  const policy::TallyRule* rule = nullptr;
  std::set<RecordId> members;
};

std::int64_t number_in(const Value* value, const FieldPolicy* field) {
  if (value != nullptr && value->integer() != nullptr) return *value->integer();
  return field != nullptr && field->has_absent_means() ? field->absent_means() : 0;
}

// The value that a breakdown sees of a record; `via` is followed unless the record is already what it leads to.
std::int64_t dimension_value(const Records& records, const Shown* record, FieldNumber via, FieldNumber field) {
  if (record == nullptr) return 0;
  const Shown* const looked_at = via != 0 ? records.follow(*record, via) : record;
  if (looked_at == nullptr || looked_at->kind == nullptr) return 0;
  return number_in(records.value(*looked_at, field), Policies::field(*looked_at->kind, field));
}

bool counts(const Shown& record, const policy::TallyRule& rule, const Records& records) {
  if (!record.live) return false;
  if (!std::all_of(rule.when().begin(), rule.when().end(),
                   [&](const policy::Test& test) { return records.holds(record, test); }))
    return false;
  if (!rule.has_unless_referenced_by()) return true;
  return !records.has_live_referrer(record.id(), rule.unless_referenced_by().kind(),
                                    rule.unless_referenced_by().field());
}

class Tallier {
 public:
  Tallier(const Account& account, const Records& records) : account_(account), records_(records) {}

  Cells run() {
    for (const RecordId member : account_.members) {
      if (records_.root_of(member) == member) count_record(member);  // else it belongs to another account now
    }
    for (const RecordId dependent : account_.dependents) count_record(dependent);
    for (const auto& [measure, distinct] : distinct_) count_class(measure, distinct);
    count_elsewhere();
    return combined(std::move(cells_));
  }

 private:
  void count_record(RecordId id) {
    const Shown* const record = records_.find(id);
    if (record == nullptr || record->kind == nullptr) return;
    for (const policy::TallyRule& rule : record->kind->tally()) {
      if (!counts(*record, rule, records_)) continue;
      if (rule.distinct() != 0) {
        const Value* const reference = records_.value(*record, rule.distinct());
        const RecordId* const member = reference != nullptr ? reference->reference() : nullptr;
        DistinctCount& distinct = distinct_[rule.measure()];
        distinct.rule = &rule;
        distinct.members.insert(member != nullptr ? *member : id);
        continue;
      }
      const std::string unit = records_.unit_of(*record);
      add(unit, rule.measure(), 0, 0);
      for (const policy::BreakdownRule& by : rule.by()) {
        add(unit, rule.measure(), by.dimension(), dimension_value(records_, record, by.via(), by.field()));
      }
    }
  }

  // Once, where the class is at home, with what its home record says.
  void count_class(std::uint32_t measure, const DistinctCount& distinct) {
    const Shown* const home = home_record();
    const std::string unit = home != nullptr && home->state->opened ? records_.unit_of(*home) : unit_without_home();
    add(unit, measure, 0, 0);
    for (const policy::BreakdownRule& by : distinct.rule->by()) {
      add(unit, measure, by.dimension(), dimension_value(records_, home, 0, by.field()));
    }
  }

  void count_elsewhere() {
    const policy::MeasurePolicy* const measure = records_.policies().kept(schema::COUNTED_ELSEWHERE);
    const Shown* const home = home_record();
    if (measure == nullptr || home == nullptr || account_.members.size() == 1) return;
    for (const RecordId member : account_.members) {
      const Shown* const record = records_.find(member);
      const auto counted = [member](const auto& each) { return each.second.members.contains(member); };
      if (record == nullptr || record == home || !std::any_of(distinct_.begin(), distinct_.end(), counted)) continue;
      add(records_.unit_of(*record), measure->number(), 0, 0);
    }
  }

  // The least live member; where none lives, the least that has arrived.
  const Shown* home_record() const {
    const Shown* first = nullptr;
    for (const RecordId member : account_.members) {
      const Shown* const record = records_.find(member);
      if (record == nullptr) continue;
      if (record->live) return record;
      if (first == nullptr) first = record;
    }
    return first;
  }

  // No member has arrived: the dependents stand in the unit where the least of them was captured.
  std::string unit_without_home() const {
    for (const RecordId dependent : account_.dependents) {
      const Shown* const record = records_.find(dependent);
      if (record != nullptr && record->live) return records_.unit_of(*record);
    }
    return kUnspecifiedUnit;
  }

  void add(const std::string& unit, std::uint32_t measure, std::uint32_t dimension, std::int64_t value) {
    cells_.push_back(Cell{.unit = unit, .measure = measure, .dimension = dimension, .value = value, .count = 1});
  }

  const Account& account_;
  const Records& records_;
  std::map<std::uint32_t, DistinctCount> distinct_;
  Cells cells_;
};

std::string class_key(RecordId name) {
  ByteWriter writer;
  writer.fixed64(name.packed());
  return std::move(writer).take();
}

void add_claims(const Shown& record, const Records& records, const ClassNameOf& class_name_of,
                std::vector<ClaimKey>& all) {
  for (const policy::ClaimRule& rule : record.kind->claim()) {
    if (rule.has_unless_referenced_by() && records.has_live_referrer(record.id(), rule.unless_referenced_by().kind(),
                                                                     rule.unless_referenced_by().field())) {
      continue;
    }
    const Value* const value = records.value(record, rule.field());
    if (value == nullptr) continue;
    std::string key;
    if (const RecordId* const target = value->reference()) key = class_key(class_name_of(*target));
    if (const std::string* const text = value->text()) key = fold_key(*text);
    if (!key.empty()) all.push_back(ClaimKey{.number = rule.number(), .key = std::move(key), .claimant = record.id()});
  }
}

}  // namespace

Cells combined(Cells cells) {
  const auto key = [](const Cell& cell) { return std::tie(cell.unit, cell.measure, cell.dimension, cell.value); };
  std::sort(cells.begin(), cells.end(), [&](const Cell& one, const Cell& other) { return key(one) < key(other); });
  Cells sums;
  for (Cell& cell : cells) {
    if (!sums.empty() && key(sums.back()) == key(cell)) {
      sums.back().count += cell.count;
    } else {
      sums.push_back(std::move(cell));
    }
  }
  std::erase_if(sums, [](const Cell& cell) { return cell.count == 0; });
  return sums;
}

Cells tally(const Account& account, const Records& records) { return Tallier(account, records).run(); }

std::vector<ClaimKey> claims(const Account& account, const Records& records, const ClassNameOf& class_name_of) {
  std::vector<ClaimKey> all;
  const auto add = [&](RecordId id) {
    const Shown* const record = records.find(id);
    if (record != nullptr && record->live && record->kind != nullptr) add_claims(*record, records, class_name_of, all);
  };
  for (const RecordId member : account.members) {
    if (records.root_of(member) == member) add(member);
  }
  for (const RecordId dependent : account.dependents) add(dependent);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace songsong
