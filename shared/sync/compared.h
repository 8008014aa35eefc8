// Compared: a server's half of a check: whether what a replica holds in ranges of record ids is what its scope holds
// here. Piece of Telling; reads one snapshot. Throws StorageDamage.
#pragma once

#include <optional>
#include <vector>

#include "shared/sync/feed.h"
#include "shared/sync/ranges.h"

namespace songsong {

struct Compared {
  std::vector<wire::Range> differing;
  std::vector<RecordId> mended;  // to be sent whole: all that is held here of the ranges that say so
};

// Nothing where nothing was asked, the ranges are none, or the scope is too large to be compared in one answer.
std::optional<Compared> compare(StoreReader& reader, const Policies& policies, const Scope& scope,
                                const wire::Request& request);

}  // namespace songsong
