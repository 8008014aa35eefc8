#include "shared/sync/scope.h"

#include <algorithm>

#include "shared/core/match.h"
#include "shared/sync/members.h"

namespace songsong {
namespace {

constexpr std::uint64_t kHasRecords = 2;  // a bit of a scope's digest

bool tells_records(const Grant& grant) { return grant.role != schema::HEAD_OFFICE; }

}  // namespace

bool Scope::contains(const std::string& unit) const { return std::binary_search(units.begin(), units.end(), unit); }

bool has_records(std::uint64_t scope_digest) { return (scope_digest & kHasRecords) != 0; }

Scope scope_of(const Grants& grants, const UnitTrees& trees) {
  Scope scope;
  const auto add = [&](const UnitTree& tree, const std::string& top) {
    const std::vector<std::string> below = tree.subtree(top);
    scope.units.insert(scope.units.end(), below.begin(), below.end());
  };
  const std::shared_ptr<const UnitTree> now = trees.now();
  const std::shared_ptr<const UnitHistory> history = trees.history();
  // Head office is told of units only; who has another role besides is told of that one's records, and no more.
  scope.records = std::any_of(grants.begin(), grants.end(), tells_records);
  for (const Grant& grant : grants) {
    const std::string& top = grant.unit;
    if (top.empty()) continue;
    if (scope.records && !tells_records(grant)) continue;
    add(*now, top);
    if (const std::optional<std::int64_t> closed = history->dates(top).closed) add(*trees.on(*closed - 1), top);
  }
  std::sort(scope.units.begin(), scope.units.end());
  scope.units.erase(std::unique(scope.units.begin(), scope.units.end()), scope.units.end());
  // Never 0, which means none; and it says whether there are records.
  scope.digest = (short_digest(encode_units(scope.units)) & ~kHasRecords) | 1 | (scope.records ? kHasRecords : 0);
  return scope;
}

bool covers(const UnitTrees& trees, const std::string& top, const std::string& unit) {
  if (trees.now()->within(unit, top)) return true;
  const std::optional<std::int64_t> closed = trees.history()->dates(top).closed;
  return closed && trees.history()->within(unit, top, *closed - 1);
}

bool sees_totals(const Grants& grants, const std::string& unit, const UnitTrees& trees) {
  return std::any_of(grants.begin(), grants.end(),
                     [&](const Grant& grant) { return !grant.unit.empty() && covers(trees, grant.unit, unit); });
}

bool administers(const Grants& grants, const std::string& unit, const UnitTrees& trees) {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return grant.role == schema::ADMINISTRATOR && !grant.unit.empty() && covers(trees, grant.unit, unit);
  });
}

bool Reach::holds(const HeldGrant& held) const { return held.until_ms == 0 || captured_ms_ < held.until_ms; }

Roles Reach::roles() const {
  Roles roles;
  for (const HeldGrant& held : member_.grants) {
    if (holds(held)) roles.add(held.grant.role);
  }
  return roles;
}

Roles Reach::roles_in(const std::string& unit) const {
  Roles roles;
  for (const HeldGrant& held : member_.grants) {
    if (holds(held) && covered(held.grant.unit, unit)) roles.add(held.grant.role);
  }
  return roles;
}

bool Reach::covered(const std::string& top, const std::string& unit) const {
  return covers(trees_, top, unit) || trees_.history()->within_at(unit, top, captured_ms_);
}

bool Reach::is_one_unit() const {
  Grants grants;
  for (const HeldGrant& held : member_.grants) {
    if (holds(held)) grants.push_back(held.grant);
  }
  const std::vector<std::string> units = units_of(grants);
  return units.size() == 1 && trees_.now()->subtree(units.front()).size() == 1;
}

}  // namespace songsong
