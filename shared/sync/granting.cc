#include "shared/sync/granting.h"

#include <algorithm>

namespace songsong {
namespace {

// Ends what goes on and is not given (unless it is to stay), and begins what is given and does not go on. Of a grant
// that ended several times the last end is kept, for rights are asked as of a moment before it. Returns whether
// anything is otherwise now.
bool alter_grants(Member& member, const Grants& grants, bool besides, std::int64_t now_ms) {
  bool altered = false;
  for (HeldGrant& held : member.grants) {
    if (besides || held.until_ms != 0 || std::find(grants.begin(), grants.end(), held.grant) != grants.end()) continue;
    held.until_ms = now_ms;
    altered = true;
  }
  for (const Grant& grant : grants) {
    const Grants present = present_grants(member);
    if (std::find(present.begin(), present.end(), grant) != present.end()) continue;
    std::erase_if(member.grants, [&](const HeldGrant& held) { return held.grant == grant; });
    member.grants.push_back(HeldGrant{.grant = grant, .until_ms = 0});
    altered = true;
  }
  return altered;
}

}  // namespace

Outcome<Done> check_units(const std::vector<std::string>& units, const UnitTree& tree) {
  for (const std::string& unit : units) {
    if (tree.find(unit) == nullptr)
      return Fault{.code = "unknown_unit", .where = "unit " + unit, .what = "The tree of units has no such code."};
  }
  return Done{};
}

Outcome<Done> appoint(Member& member, const Grants& grants, bool besides, std::int64_t now_ms) {
  if (!alter_grants(member, grants, besides, now_ms)) return Done{};
  if (present_grants(member).size() > kMaxGrants || member.grants.size() > kMostHeldGrants)
    return Fault{.code = "too_many_grants",
                 .where = "replica " + std::to_string(member.replica),
                 .what = "A replica has a bounded number of grants."};
  // By the clock, so that no server that was put back from a backup gives one number to other grants.
  const std::int64_t seconds = std::clamp<std::int64_t>(now_ms / 1000, 0, 0xFFFFFFFFLL);
  member.grants_revision = std::max(member.grants_revision + 1, static_cast<std::uint32_t>(seconds));
  return Done{};
}

}  // namespace songsong
