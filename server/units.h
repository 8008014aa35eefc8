// Units: the tree of units out of a CSV list: columns code, name, level, parent, area, and (for changes) opened,
// closed.
#pragma once

#include <string>
#include <string_view>

#include "shared/sync/host.h"

namespace songsong::server {

struct UnitChanges {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t unchanged = 0;
};

// Writes what the list has and the tree has not: new units, and values that differ; removes none. A list with any fault
// writes nothing. Faults, with the row in `where`: those of parse_csv, "units_heading" (a column is missing),
// "units_row" (code or name missing, a code twice), "unknown_parent", "unit_circle", those of saving.
Outcome<UnitChanges> write_units(Host& host, std::string_view csv);

// Only reads it: what write_units would refuse by itself.
Outcome<std::size_t> check_units(std::string_view csv, const Policies& policies);

}  // namespace songsong::server
