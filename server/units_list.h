// The list of units, as it is read: CSV with the columns code, name, level, parent, area, and (for changes) opened,
// closed. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/outcome.h"
#include "shared/core/unit_tree.h"

namespace songsong::server {

// In the columns closed and parent: the unit is open after all, hangs from nothing. An empty cell says nothing of a
// unit that is there.
inline constexpr const char* kNoMore = "-";

struct UnitsRow {
  std::size_t number = 0;  // in the list, the heading being 1
  std::map<std::string, std::string> cells;

  std::string cell(const std::string& name) const;
  std::string parent() const;  // empty at a root, and where the row says nothing
};

Fault at_row(const char* code, std::size_t row, const std::string& what);

// Faults, with the row in `where`: those of parse_csv, "units_heading" (a column is missing), "units_row" (code or name
// missing, a code twice).
Outcome<std::vector<UnitsRow>> read_units_list(std::string_view csv);

// Parents before children, so that each parent is in the tree when its unit is saved. Faults: "unknown_parent",
// "unit_circle".
Outcome<std::vector<std::vector<const UnitsRow*>>> in_levels(const std::vector<UnitsRow>& rows, const UnitTree& tree);

}  // namespace songsong::server
