#include "shared/sync/compared.h"

#include <algorithm>

#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kMostCompared = 500'000;
constexpr std::size_t kMostMended = 1024;  // in one answer

// Ascending by id. Nothing for a scope that is too large.
std::optional<std::vector<HeldRecord>> held_in(StoreReader& reader, const Policies& policies, const Scope& scope) {
  std::vector<HeldRecord> held;
  for (FeedPosition at;;) {
    const std::vector<RecordRow> rows = reader.feed(scope.units, at, kPage);
    if (rows.empty()) break;
    at = FeedPosition{.version = rows.back().version, .record = rows.back().id};
    if (held.size() + rows.size() > kMostCompared) return std::nullopt;
    for (const RecordRow& row : rows) {
      if (scope.tells(policies.kind(row.kind))) held.push_back(held_record(row));
    }
  }
  std::sort(held.begin(), held.end(), [](const HeldRecord& one, const HeldRecord& other) { return one.id < other.id; });
  return held;
}

}  // namespace

std::optional<Compared> compare(StoreReader& reader, const Policies& policies, const Scope& scope,
                                const wire::Request& request) {
  if (request.ranges_size() == 0 || static_cast<std::size_t>(request.ranges_size()) > wire::kMaxRanges)
    return std::nullopt;
  std::vector<const wire::Range*> asked;
  for (const wire::Range& range : request.ranges()) asked.push_back(&range);
  if (!check_ranges(asked)) return std::nullopt;
  const std::optional<std::vector<HeldRecord>> held = held_in(reader, policies, scope);
  if (!held) return std::nullopt;
  Compared compared;
  for (const wire::Range* const range : asked) {
    const wire::Range here = summed(*held, *range);
    if (same(here, *range)) continue;
    const std::span<const HeldRecord> records = within(*held, *range);
    if (records.size() > kMendAtOnce) {
      for (wire::Range& part : split(*held, *range)) compared.differing.push_back(std::move(part));
    } else if (compared.mended.size() + records.size() <= kMostMended) {
      for (const HeldRecord& each : records) compared.mended.push_back(each.id);
      compared.differing.push_back(here);
      compared.differing.back().set_mended(true);
    }  // else it differs still when it is asked for the next time
  }
  return compared;
}

}  // namespace songsong
