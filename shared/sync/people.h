// People: whom a server knows and what they may, taken over into a store that is put back from a backup. Records go
// back to what the backup has; rights do not: who was revoked since stays revoked, and a password that was changed
// stays changed.
#pragma once

#include "shared/replica/store.h"
#include "shared/sync/host.h"

namespace songsong {

// Into `restored`, before its epoch begins, whatever `present` knows of replicas and accounts that is newer. False, and
// nothing done, where `present` is another server's, or cannot be read. Faults of writing.
Outcome<bool> take_over_people(Store& present, Store& restored);

}  // namespace songsong
