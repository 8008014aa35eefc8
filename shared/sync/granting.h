// Granting: how grants are given and ended, of a replica or of all that one account has. Inside Store::write.
#pragma once

#include <string>
#include <vector>

#include "shared/core/grants.h"
#include "shared/core/unit_tree.h"
#include "shared/sync/host.h"

namespace songsong {

// Fault "unknown_unit".
Outcome<Done> check_units(const std::vector<std::string>& units, const UnitTree& tree);

// From `now_ms` on the member has these grants instead of those that it had, or besides them, and is told so when
// anything is otherwise. Fault "too_many_grants".
Outcome<Done> appoint(Member& member, const Grants& grants, bool besides, std::int64_t now_ms);

}  // namespace songsong
