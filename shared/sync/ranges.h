// Ranges: whether two stores hold the same records, and where they do not. Each side sums the digests of what it holds
// in ranges of record ids; what differs is split until it is small enough to be sent whole.
//
// After A. Meyer, "Range-Based Set Reconciliation" (SRDS 2023). Pure functions, any thread.
#pragma once

#include <span>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/digest.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong {

struct HeldRecord {
  RecordId id;
  bool live = false;  // others are not compared: a new phone is not told of what was removed before it came
  Digest128 digest;
};

// Of a row as it is shown. Throws StorageDamage.
HeldRecord held_record(const RecordRow& row);

// What differs is sent whole where the server holds at most so many records, and split into so many parts else.
inline constexpr std::size_t kMendAtOnce = 64;
inline constexpr std::size_t kRangeParts = 16;

// Everything, as one range.
wire::Range whole_range();
// All of these take `held` ascending by id.
std::span<const HeldRecord> within(std::span<const HeldRecord> held, const wire::Range& range);
// The range with what is held of it.
wire::Range summed(std::span<const HeldRecord> held, const wire::Range& range);
bool same(const wire::Range& one, const wire::Range& other);
// The range in parts of as many records each, as held.
std::vector<wire::Range> split(std::span<const HeldRecord> held, const wire::Range& range);
// Fault "request_malformed" for ranges that are none, or overlap.
Outcome<Done> check_ranges(std::span<const wire::Range* const> ranges);

}  // namespace songsong
