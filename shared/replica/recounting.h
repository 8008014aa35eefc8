// Recounting: when a store is opened with a policy table of another revision than its books were counted by (a newer
// program, or a table that a server handed out), everything that is counted is counted anew from the records. In
// batches, so that it goes on where it was when the program is ended meanwhile.
#pragma once

#include <optional>

#include "shared/replica/books.h"
#include "shared/replica/store.h"

namespace songsong {

// Nothing is done where the revisions are equal. Faults: "storage_newer" when the books were counted by a newer table;
// those of the store. `now_ms` for cases that arise; those that were open keep the time when they were raised.
Outcome<Done> recount_if_due(Store& store, Shard shard, const BooksContext& context, std::int64_t now_ms);

// The store's last sequence when it was first recounted by a later revision than this; nothing if it never was. Records
// that a recount moved to another unit have that version.
std::optional<StoreSequence> recounted_after(StoreReader& reader, std::uint64_t revision);

}  // namespace songsong
