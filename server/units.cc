#include "server/units.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/units_list.h"
#include "shared/core/value_text.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/unit_trees.h"

namespace songsong::server {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kActsInSave = 2000;
constexpr const char* kClosed = "closed";
constexpr const char* kParent = "parent";

// What the tree's records hold now, by code.
struct Held {
  RecordId record;
  VersionVector seen;  // as it was read
  std::map<FieldNumber, Value> values;

  const Value* find(FieldNumber field) const {
    const auto found = values.find(field);
    return found == values.end() ? nullptr : &found->second;
  }
};

std::map<std::string, Held> held_units(StoreReader& reader, const Policies& policies) {
  std::map<std::string, Held> held;
  const KindPolicy* const kind = policies.unit_tree();
  each_live_record(reader, policies, kind, [&](const Shown& shown) {
    Held one{.record = shown.id(), .seen = shown.state->applied, .values = {}};
    for (const ShownField& each : shown.fields) one.values[each.field] = *each.value;
    const Value* const code = shown.find(kind->unit_tree().code());
    if (code != nullptr && code->text() != nullptr) held.try_emplace(*code->text(), std::move(one));
  });
  return held;
}

Input written(FieldNumber field, Value value) {
  return Input{.field = field, .shape = Shape::kRegister, .value = std::move(value)};
}

// The act that makes the unit as the row has it; none where it is so already. Columns that the list lacks, and the
// empty cells of a unit that is there, say nothing.
Outcome<std::optional<Act>> act_for(const UnitsRow& row, const KindPolicy& kind, const Held* held) {
  Act act;
  act.kind = kind.number();
  if (held != nullptr) {
    act.record = held->record;
    act.seen = held->seen;  // what somebody wrote since is not replaced unseen
  }
  for (const FieldPolicy& field : kind.field()) {
    const auto cell = row.cells.find(field.name());
    if (cell == row.cells.end() || cell->second.empty()) continue;
    if (cell->second == kNoMore && (field.name() == kClosed || field.name() == kParent)) {
      if (held != nullptr && held->find(field.number()) != nullptr)
        act.inputs.push_back(written(field.number(), Value()));
      continue;
    }
    Outcome<Value> value = parse_value(field, cell->second);
    if (!value) return at_row(value.fault().code.c_str(), row.number, field.name() + ": " + value.fault().what);
    if (held != nullptr) {
      const Value* const now = held->find(field.number());
      if (now != nullptr && *now == *value) continue;
    }
    act.inputs.push_back(written(field.number(), std::move(*value)));
  }
  if (act.inputs.empty()) return std::optional<Act>();
  return std::optional(std::move(act));
}

bool writes(const Act& act, FieldNumber field) {
  return std::any_of(act.inputs.begin(), act.inputs.end(), [&](const Input& input) { return input.field == field; });
}

std::string text_of(const Value* value) {
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

// One list, made into acts.
class Rewriting {
 public:
  Rewriting(const Policies& policies, std::optional<std::int64_t> on) : policies_(policies), on_(on) {}

  Outcome<Done> read(Host& host, const std::vector<UnitsRow>& rows) {
    const Outcome<Done> read = host.store().read(kShard, [&](StoreReader& reader) {
      history_ = *host.unit_trees().history(reader, policies_);
      held_ = held_units(reader, policies_);
    });
    if (!read) return read.fault();
    return check_closed(rows);
  }

  // Adds what the rows of one level write.
  Outcome<Done> add(const std::vector<const UnitsRow*>& level) {
    saves_.emplace_back();
    for (const UnitsRow* row : level) {
      const Outcome<Done> added = add(*row);
      if (!added) return added;
    }
    return Done{};
  }

  const UnitTree& tree() const { return history_.now(); }
  const UnitChanges& changes() const { return changes_; }
  const std::vector<std::vector<Act>>& saves() const { return saves_; }

 private:
  const policy::UnitTreeRule& rule() const { return policies_.unit_tree()->unit_tree(); }
  const Held* held(const std::string& code) const {
    const auto found = held_.find(code);
    return found == held_.end() ? nullptr : &found->second;
  }

  Outcome<Done> add(const UnitsRow& row) {
    const Held* const before = held(row.cell("code"));
    Outcome<std::optional<Act>> made = act_for(row, *policies_.unit_tree(), before);
    if (!made) return made.fault();
    if (!made->has_value()) {
      ++changes_.unchanged;
      return Done{};
    }
    Act& act = **made;
    std::vector<Act> acts;
    if (before == nullptr) {
      ++changes_.added;
      if (on_ && !writes(act, rule().opened())) act.inputs.push_back(written(rule().opened(), Value(*on_)));
    } else {
      ++changes_.changed;
      const bool otherwise = writes(act, rule().name()) || writes(act, rule().level()) || writes(act, rule().parent());
      if (on_ && otherwise) {
        const Outcome<std::optional<Act>> period = period_of(row, *before);
        if (!period) return period.fault();
        if (*period) {
          ++changes_.kept;
          acts.push_back(std::move(**period));
        }
      }
    }
    acts.push_back(std::move(act));
    // How it stood and how it stands go into one commit.
    if (saves_.back().size() + acts.size() > kActsInSave) saves_.emplace_back();
    std::move(acts.begin(), acts.end(), std::back_inserter(saves_.back()));
    return Done{};
  }

  // The record that keeps how the unit stood until the day. None where it began on that day, or changed on it: a day is
  // the least that history knows, and of two lists of one day the second corrects the first.
  Outcome<std::optional<Act>> period_of(const UnitsRow& row, const Held& before) const {
    const std::string code = row.cell("code");
    const std::optional<std::int64_t> began = std::max(history_.last_change(code), history_.dates(code).opened);
    if (began && *began > *on_)
      return at_row("units_history", row.number, "The history of " + code + " has a later day than the list.");
    if (began && *began == *on_) return std::optional<Act>();
    const KindPolicy& kind = *policies_.unit_period();
    const policy::UnitPeriodRule& period = kind.unit_period();
    Act act;
    act.kind = kind.number();
    act.unit = code;
    act.inputs = {written(period.unit(), Value(Text(code))), written(period.until(), Value(*on_))};
    for (const auto& [from, to] : {std::pair(rule().name(), period.name()), std::pair(rule().level(), period.level()),
                                   std::pair(rule().parent(), period.parent())}) {
      if (const Value* const value = before.find(from)) act.inputs.push_back(written(to, *value));
    }
    return std::optional(std::move(act));
  }

  // An open unit below a closed one would be missed by everybody who goes down the tree. Looks only where the list
  // touches either.
  Outcome<Done> check_closed(const std::vector<UnitsRow>& rows) const {
    struct Will {
      std::string parent;
      bool closed = false;
      std::size_t row = 0;
    };
    std::map<std::string, Will> units;
    for (const auto& [code, unit] : held_)
      units[code] = {.parent = text_of(unit.find(rule().parent())), .closed = unit.find(rule().closed()) != nullptr};
    for (const UnitsRow& row : rows) {
      Will& unit = units[row.cell("code")];
      unit.row = row.number;
      if (!row.cell(kParent).empty()) unit.parent = row.parent();
      if (const std::string closed = row.cell(kClosed); !closed.empty()) unit.closed = closed != kNoMore;
    }
    for (const auto& [code, unit] : units) {
      const auto above = units.find(unit.parent);
      if (unit.closed || above == units.end() || !above->second.closed) continue;
      const std::size_t row = std::max(unit.row, above->second.row);
      if (row != 0) return at_row("units_closed", row, code + " would lie below " + unit.parent + ", which is closed.");
    }
    return Done{};
  }

  const Policies& policies_;
  std::optional<std::int64_t> on_;
  UnitHistory history_;
  std::map<std::string, Held> held_;
  UnitChanges changes_;
  std::vector<std::vector<Act>> saves_;
};

}  // namespace

Outcome<std::size_t> check_units(std::string_view csv, const Policies& policies) {
  const Outcome<std::vector<UnitsRow>> rows = read_units_list(csv);
  if (!rows) return rows.fault();
  const Outcome<std::vector<std::vector<const UnitsRow*>>> levels = in_levels(*rows, UnitTree());
  if (!levels) return levels.fault();
  for (const UnitsRow& row : *rows) {
    const Outcome<std::optional<Act>> act = act_for(row, *policies.unit_tree(), nullptr);
    if (!act) return act.fault();
  }
  return rows->size();
}

Outcome<UnitChanges> write_units(Host& host, std::string_view csv, std::optional<std::int64_t> on) {
  const Outcome<std::vector<UnitsRow>> rows = read_units_list(csv);
  if (!rows) return rows.fault();
  Rewriting rewriting(host.policies(), on);
  const Outcome<Done> read = rewriting.read(host, *rows);
  if (!read) return read.fault();
  const Outcome<std::vector<std::vector<const UnitsRow*>>> levels = in_levels(*rows, rewriting.tree());
  if (!levels) return levels.fault();
  for (const std::vector<const UnitsRow*>& level : *levels) {
    const Outcome<Done> added = rewriting.add(level);
    if (!added) return added.fault();
  }
  for (const std::vector<Act>& acts : rewriting.saves()) {
    if (acts.empty()) continue;
    const Outcome<std::vector<RecordId>> saved = host.save(acts);
    if (!saved) return saved.fault();
  }
  return rewriting.changes();
}

}  // namespace songsong::server
