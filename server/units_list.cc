#include "server/units_list.h"

#include <algorithm>
#include <set>

#include "shared/core/csv.h"
#include "shared/core/fold.h"

namespace songsong::server {

std::string UnitsRow::cell(const std::string& name) const {
  const auto found = cells.find(name);
  return found == cells.end() ? std::string() : found->second;
}

std::string UnitsRow::parent() const {
  const std::string code = cell("parent");
  return code == kNoMore ? std::string() : code;
}

Fault at_row(const char* code, std::size_t row, const std::string& what) {
  return Fault{.code = code, .where = "row " + std::to_string(row), .what = what};
}

Outcome<std::vector<UnitsRow>> read_units_list(std::string_view csv) {
  const Outcome<std::vector<CsvRow>> lines = parse_csv(csv);
  if (!lines) return lines.fault();
  if (lines->empty()) return at_row("units_heading", 1, "The list is empty.");
  std::vector<std::string> heading;
  for (const std::string& cell : lines->front()) heading.emplace_back(fold(cell));
  for (const char* needed : {"code", "name", "level", "parent"}) {
    if (std::find(heading.begin(), heading.end(), needed) == heading.end())
      return at_row("units_heading", 1, std::string("The column is missing: ") + needed);
  }
  std::vector<UnitsRow> rows;
  std::set<std::string> codes;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    const CsvRow& line = (*lines)[i];
    UnitsRow row{.number = i + 1, .cells = {}};
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
Outcome<std::vector<std::vector<const UnitsRow*>>> in_levels(const std::vector<UnitsRow>& rows, const UnitTree& tree) {
  std::map<std::string, const UnitsRow*> by_code;
  for (const UnitsRow& row : rows) by_code[row.cell("code")] = &row;
  std::vector<std::vector<const UnitsRow*>> levels;
  for (const UnitsRow& row : rows) {
    std::size_t depth = 0;
    std::set<std::string> passed;
    for (const UnitsRow* at = &row;;) {
      const std::string parent = at->parent();
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

}  // namespace songsong::server
