#include "shared/sync/scope.h"

#include <algorithm>

#include "shared/core/civil_time.h"
#include "shared/core/match.h"
#include "shared/sync/members.h"

namespace songsong {
namespace {

constexpr std::uint64_t kHasRecords = 2;  // a bit of a scope's digest

}  // namespace

bool Scope::contains(const std::string& unit) const { return std::binary_search(units.begin(), units.end(), unit); }

bool has_records(std::uint64_t scope_digest) { return (scope_digest & kHasRecords) != 0; }

Scope scope_of(const Member& member, const UnitTrees& trees) {
  Scope scope;
  const auto add = [&](const UnitTree& tree, const std::string& top) {
    const std::vector<std::string> below = tree.subtree(top);
    scope.units.insert(scope.units.end(), below.begin(), below.end());
  };
  const std::shared_ptr<const UnitTree> now = trees.now();
  const std::shared_ptr<const UnitHistory> history = trees.history();
  for (const std::string& top : member.units) {
    add(*now, top);
    if (const std::optional<std::int64_t> closed = history->dates(top).closed) add(*trees.on(*closed - 1), top);
  }
  std::sort(scope.units.begin(), scope.units.end());
  scope.units.erase(std::unique(scope.units.begin(), scope.units.end()), scope.units.end());
  scope.records = member.role != schema::HEAD_OFFICE;
  // Never 0, which means none; and it says whether there are records.
  scope.digest = (short_digest(encode_units(scope.units)) & ~kHasRecords) | 1 | (scope.records ? kHasRecords : 0);
  return scope;
}

Reach::Reach(const Member& member, UnitTrees trees, std::int64_t captured_ms)
    : member_(member), trees_(trees), captured_day_(day_in_vietnam(captured_ms)), now_(trees.now()) {}

bool Reach::covers(const std::string& unit) const {
  const auto any = [&](const auto& lies_within) {
    return std::any_of(member_.units.begin(), member_.units.end(), lies_within);
  };
  if (any([&](const std::string& top) { return now_->within(unit, top); })) return true;
  const std::shared_ptr<const UnitHistory> history = trees_.history();
  return any([&](const std::string& top) {
    const std::optional<std::int64_t> closed = history->dates(top).closed;
    return history->within(unit, top, captured_day_) || (closed && history->within(unit, top, *closed - 1));
  });
}

bool Reach::is_one_unit() const {
  return member_.units.size() == 1 && now_->subtree(member_.units.front()).size() == 1;
}

}  // namespace songsong
