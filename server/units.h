// Units: the tree of units out of a list (units_list.h): new units, and what of the others is to be otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/sync/host.h"

namespace songsong::server {

struct UnitChanges {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  std::size_t kept = 0;  // of the changed: how they stood before is kept, as a period
};

// Writes what the list has and the tree has not: new units, and values that differ; removes none. A list with any fault
// writes nothing.
//
// `on`: the first day on which the units stand so (a day in Vietnam's calendar). How they stood until then is kept, in
// the same save, so that figures can be had on the tree of an earlier day (unit_history.h); units that are new were
// opened on it. The same list with the same day again writes what is left to write. Without it the list corrects what
// was never so.
//
// Faults, with the row in `where`: those of units_list.h; "units_history" (the unit's history has a later day already),
// "units_closed" (an open unit would hang below one that is closed); those of saving.
Outcome<UnitChanges> write_units(Host& host, std::string_view csv, std::optional<std::int64_t> on = std::nullopt);

// Only reads it: what write_units would refuse by itself.
Outcome<std::size_t> check_units(std::string_view csv, const Policies& policies);

}  // namespace songsong::server
