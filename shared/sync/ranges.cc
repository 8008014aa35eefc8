#include "shared/sync/ranges.h"

#include <algorithm>

#include "shared/core/state_codec.h"
#include "shared/replica/record_cache.h"

namespace songsong {
namespace {

bool is_before(const HeldRecord& held, std::uint64_t id) { return held.id.packed() < id; }

}  // namespace

HeldRecord held_record(const RecordRow& row) {
  const Outcome<State> state = decode_state(row.state, {});
  if (!state) throw StorageDamage{state.fault()};
  return HeldRecord{.id = row.id, .live = row.live, .digest = row.live ? record_digest(*state) : Digest128()};
}

wire::Range whole_range() { return wire::Range(); }

std::span<const HeldRecord> within(std::span<const HeldRecord> held, const wire::Range& range) {
  const auto begin = std::lower_bound(held.begin(), held.end(), range.from(), is_before);
  const auto end = range.to() == 0 ? held.end() : std::lower_bound(begin, held.end(), range.to(), is_before);
  return {begin, end};
}

wire::Range summed(std::span<const HeldRecord> held, const wire::Range& range) {
  wire::Range sum = range;
  Digest128 digest;
  std::uint32_t records = 0;
  for (const HeldRecord& each : within(held, range)) {
    if (!each.live) continue;
    digest += each.digest;
    ++records;
  }
  sum.set_records(records);
  sum.set_digest(to_bytes(digest));
  return sum;
}

bool same(const wire::Range& one, const wire::Range& other) {
  return one.records() == other.records() && one.digest() == other.digest();
}

std::vector<wire::Range> split(std::span<const HeldRecord> held, const wire::Range& range) {
  const std::span<const HeldRecord> all = within(held, range);
  std::vector<wire::Range> parts;
  for (std::size_t i = 0; i < kRangeParts; ++i) {
    const std::size_t begin = all.size() * i / kRangeParts, end = all.size() * (i + 1) / kRangeParts;
    if (begin == end && i != 0) continue;
    wire::Range part;
    part.set_from(parts.empty() ? range.from() : all[begin].id.packed());
    if (!parts.empty()) parts.back().set_to(part.from());
    part.set_to(range.to());
    parts.push_back(std::move(part));
  }
  for (wire::Range& part : parts) part = summed(held, part);
  return parts;
}

Outcome<Done> check_ranges(std::span<const wire::Range* const> ranges) {
  std::uint64_t end = 0;
  bool open = false;
  for (const wire::Range* const range : ranges) {
    if (open || range->from() < end || (range->to() != 0 && range->to() <= range->from()))
      return Fault{.code = "request_malformed", .where = "ranges", .what = "The ranges overlap, or are none."};
    end = range->to();
    open = range->to() == 0;
  }
  return Done{};
}

}  // namespace songsong
