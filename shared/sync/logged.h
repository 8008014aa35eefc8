// Logged: a record's log as an answer tells it, newest first kept where not all has room. Piece of Telling; reads one
// snapshot. Throws StorageDamage.
#pragma once

#include <optional>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/change_codec.h"
#include "shared/sync/feed.h"

namespace songsong {

// Nothing of a record that is none of the scope's.
std::optional<wire::History> history_of(StoreReader& reader, const Scope& scope, RecordId record, const Primer* primer);

}  // namespace songsong
