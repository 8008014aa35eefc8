// Feed: which states a replica is to be sent next. The records of its scope stand in the order of their last change,
// each once, in its present state; a cursor says how far a replica has come.
//
// A unit that entered the scope after the cursor was made (it moved, or a right was granted) is sent from its
// beginning first; of one that left only its code is told. A cursor of another epoch begins anew. One from before a
// recount goes back to where that was: a newer policy table may have moved records, and nothing was logged for it.
//
// Reads one snapshot, inside Store::read. Throws StorageDamage.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/policy.h"
#include "shared/core/state.h"
#include "shared/replica/store.h"
#include "shared/sync/scope.h"

namespace songsong {

// A replica keeps it as opaque bytes.
struct FeedCursor {
  std::uint64_t epoch = 0;
  std::uint64_t scope = 0;     // digest of its units
  std::uint64_t revision = 0;  // of the policy table that the store was counted by
  FeedPosition at;             // sent up to it
  StoreSequence departed = 0;  // marks of departures are told up to it
  // Removed records up to it are not sent: whoever begins with nothing does not hold them. 0: all are.
  StoreSequence fresh_until = 0;
  // While units that entered are sent: the digest of the scope before, and how far. `scope` is the new one already.
  std::uint64_t scope_before = 0;
  FeedPosition entered_at;

  bool operator==(const FeedCursor&) const = default;
};

std::string encode(const FeedCursor& cursor);
Outcome<FeedCursor> decode_cursor(std::string_view bytes);

struct FeedPage {
  std::vector<RecordRow> rows;  // whose states come next; not decoded, for some of them may be left out
  std::vector<DepartureRow> departures;
  std::vector<std::string> units_left;
  FeedCursor cursor;  // once all of it is taken in
  bool more = false;
  std::uint64_t remaining = 0;
};

// The states of rows, their personal values put back in.
std::vector<State> decode_rows(StoreReader& reader, std::span<const RecordRow> rows);

// `renewed`: the replica holds records although it has no cursor. At most about `most` states. `before` is what the
// replica sent: nothing at the beginning, and what was no cursor.
FeedPage read_feed(StoreReader& reader, const Policies& policies, const Scope& scope, std::uint64_t epoch,
                   std::string_view before, bool renewed, std::size_t most);

}  // namespace songsong
