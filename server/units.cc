#include "server/units.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "shared/core/csv.h"
#include "shared/core/fold.h"
#include "shared/core/personal_values.h"
#include "shared/core/state_codec.h"
#include "shared/core/unit_tree.h"
#include "shared/core/value_text.h"

namespace songsong::server {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kActsInSave = 2000;

struct Row {
  std::size_t number = 0;  // in the list, the heading being 1
  std::map<std::string, std::string> cells;

  std::string cell(const std::string& name) const {
    const auto found = cells.find(name);
    return found == cells.end() ? std::string() : found->second;
  }
};

Fault at_row(const char* code, std::size_t row, const std::string& what) {
  return Fault{.code = code, .where = "row " + std::to_string(row), .what = what};
}

Outcome<std::vector<Row>> read_rows(std::string_view csv) {
  const Outcome<std::vector<CsvRow>> lines = parse_csv(csv);
  if (!lines) return lines.fault();
  if (lines->empty()) return at_row("units_heading", 1, "The list is empty.");
  std::vector<std::string> heading;
  for (const std::string& cell : lines->front()) heading.emplace_back(fold(cell));
  for (const char* needed : {"code", "name", "level", "parent"}) {
    if (std::find(heading.begin(), heading.end(), needed) == heading.end())
      return at_row("units_heading", 1, std::string("The column is missing: ") + needed);
  }
  std::vector<Row> rows;
  std::set<std::string> codes;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    const CsvRow& line = (*lines)[i];
    Row row{.number = i + 1, .cells = {}};
    bool any = false;
    for (std::size_t k = 0; k < line.size() && k < heading.size(); ++k) {
      const std::string_view cell = trimmed(line[k]);
      any = any || !cell.empty();
      row.cells[heading[k]] = std::string(cell);
    }
    if (!any) continue;
    if (row.cell("code").empty() || row.cell("name").empty())
      return at_row("units_row", row.number, "A unit needs a code and a name.");
    if (!codes.insert(row.cell("code")).second)
      return at_row("units_row", row.number, "The code stands in the list twice: " + row.cell("code"));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return at_row("units_row", 2, "The list has no units.");
  return rows;
}

// Parents before children, so that each parent is in the tree when its unit is saved.
Outcome<std::vector<std::vector<const Row*>>> in_levels(const std::vector<Row>& rows, const UnitTree& tree) {
  std::map<std::string, const Row*> by_code;
  for (const Row& row : rows) by_code[row.cell("code")] = &row;
  std::vector<std::vector<const Row*>> levels;
  for (const Row& row : rows) {
    std::size_t depth = 0;
    std::set<std::string> passed;
    for (const Row* at = &row;;) {
      const std::string parent = at->cell("parent");
      if (parent.empty()) break;
      if (!passed.insert(parent).second)
        return at_row("unit_circle", row.number, "The unit is above itself: " + row.cell("code"));
      const auto found = by_code.find(parent);
      if (found == by_code.end()) {
        if (tree.find(parent) == nullptr)
          return at_row("unknown_parent", at->number, "There is no unit with the parent's code: " + parent);
        break;
      }
      at = found->second;
      ++depth;
    }
    if (levels.size() <= depth) levels.resize(depth + 1);
    levels[depth].push_back(&row);
  }
  return levels;
}

// What the tree's records hold now, by code.
struct Held {
  RecordId record;
  std::map<FieldNumber, Value> values;
};

Outcome<std::map<std::string, Held>> held_units(Host& host, const KindPolicy& kind) {
  std::map<std::string, Held> held;
  Outcome<Done> decoded = Done{};
  const Outcome<Done> read = host.store().read(kShard, [&](StoreReader& reader) {
    for (RecordId after; decoded;) {
      const std::vector<RecordRow> page = reader.scan(kind.number(), after, kActsInSave);
      if (page.empty()) return;
      after = page.back().id;
      for (const RecordRow& row : page) {
        if (!row.live) continue;
        const RecordId wanted[] = {row.id};
        const Outcome<PersonalValuesOf> personal = PersonalValuesOf::decode(reader.personal(wanted).front());
        if (!personal) {
          decoded = personal.fault();
          return;
        }
        const Outcome<State> state = decode_state(row.state, personal->lookup());
        if (!state) {
          decoded = state.fault();
          return;
        }
        const Shown shown = show(*state, &kind);
        Held one{.record = row.id, .values = {}};
        for (const ShownField& each : shown.fields) one.values[each.field] = *each.value;
        const Value* const code = shown.find(kind.unit_tree().code());
        if (code != nullptr && code->text() != nullptr) held.try_emplace(*code->text(), std::move(one));
      }
    }
  });
  if (!read) return read.fault();
  if (!decoded) return decoded.fault();
  return held;
}

// The act that makes the unit as the row has it; none where it is so already. Columns that the list lacks, and the
// empty cells of a unit that is there, say nothing.
Outcome<std::optional<Act>> act_for(const Row& row, const KindPolicy& kind, const Held* held) {
  Act act;
  act.kind = kind.number();
  if (held != nullptr) act.record = held->record;
  for (const FieldPolicy& field : kind.field()) {
    const auto cell = row.cells.find(field.name());
    if (cell == row.cells.end() || cell->second.empty()) continue;
    Outcome<Value> value = parse_value(field, cell->second);
    if (!value) return at_row(value.fault().code.c_str(), row.number, field.name() + ": " + value.fault().what);
    if (held != nullptr) {
      const auto now = held->values.find(field.number());
      if (now != held->values.end() && now->second == *value) continue;
    }
    act.inputs.push_back(Input{.field = field.number(), .shape = Shape::kRegister, .value = std::move(*value)});
  }
  if (act.inputs.empty()) return std::optional<Act>();
  return std::optional(std::move(act));
}

}  // namespace

Outcome<std::size_t> check_units(std::string_view csv, const Policies& policies) {
  const Outcome<std::vector<Row>> rows = read_rows(csv);
  if (!rows) return rows.fault();
  const Outcome<std::vector<std::vector<const Row*>>> levels = in_levels(*rows, UnitTree());
  if (!levels) return levels.fault();
  for (const Row& row : *rows) {
    const Outcome<std::optional<Act>> act = act_for(row, *policies.unit_tree(), nullptr);
    if (!act) return act.fault();
  }
  return rows->size();
}

Outcome<UnitChanges> write_units(Host& host, std::string_view csv) {
  const KindPolicy* const kind = host.policies().unit_tree();
  const Outcome<std::vector<Row>> rows = read_rows(csv);
  if (!rows) return rows.fault();
  UnitTree tree;
  const Outcome<Done> read = host.store().read(kShard, [&](StoreReader& reader) { tree = UnitTree(reader.units()); });
  if (!read) return read.fault();
  const Outcome<std::vector<std::vector<const Row*>>> levels = in_levels(*rows, tree);
  if (!levels) return levels.fault();
  const Outcome<std::map<std::string, Held>> held = held_units(host, *kind);
  if (!held) return held.fault();
  UnitChanges changes;
  std::vector<std::vector<Act>> saves;
  for (const std::vector<const Row*>& level : *levels) {
    saves.emplace_back();
    for (const Row* row : level) {
      const auto now = held->find(row->cell("code"));
      const Held* const before = now == held->end() ? nullptr : &now->second;
      Outcome<std::optional<Act>> act = act_for(*row, *kind, before);
      if (!act) return act.fault();
      if (!act->has_value()) {
        ++changes.unchanged;
        continue;
      }
      ++(before != nullptr ? changes.changed : changes.added);
      if (saves.back().size() == kActsInSave) saves.emplace_back();
      saves.back().push_back(std::move(**act));
    }
  }
  for (const std::vector<Act>& acts : saves) {
    if (acts.empty()) continue;
    const Outcome<std::vector<RecordId>> saved = host.save(acts);
    if (!saved) return saved.fault();
  }
  return changes;
}

}  // namespace songsong::server
