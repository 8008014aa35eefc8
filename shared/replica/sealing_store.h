// Sealing a store: the whole content of a bare file goes into a sealed one, and the bare one is marked as moved, so
// that nobody who has it open writes to it from then on. Which file has which name, and what is left after a program
// was killed, is for whoever owns the folder (client/sealing.h).
//
// One thread. Faults of SqliteStore: "storage_busy" where somebody else has the bare store open.
#pragma once

#include <string>

#include "shared/core/outcome.h"
#include "shared/replica/sqlite_sealed.h"

namespace songsong {

// Makes the file `to`, which is not there yet, checks it, and marks the bare one. Where that fails the bare one is as
// it was, and `to` may be there in part. The bare one's log ahead is left beside it, to be overwritten.
Outcome<Done> copy_sealed(const std::string& bare, const std::string& to, const SealedFiles& sealed, int busy_ms);

// Whether the bare store was marked; a fault where that cannot be read now.
Outcome<bool> is_moved(const std::string& bare);
// It stays after all, and is a store as before.
Outcome<Done> take_back(const std::string& bare);

}  // namespace songsong
