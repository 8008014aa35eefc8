// Sealing a store: the whole content of a bare file goes into a sealed one beside it, and the bare one is no store any
// more. Whatever ends it, the power or a killed program, one of the two is whole, and finish_sealing() says which.
//
//   1  the sealed file is made under another name ("….unfinished"), checked and on the disk
//   2  the bare one is marked as moved: nobody who has it open writes to it from then on
//   3  the sealed one gets its name
//   4  the bare one is overwritten and taken away. A disk may keep what was overwritten (flash does): what has to be
//      unreadable for certain is sealed before anything is recorded
//
// Only on a system with files (std::filesystem). One thread; nobody else has the store open, or "storage_busy".
#pragma once

#include <string>

#include "shared/core/outcome.h"
#include "shared/replica/sqlite_sealed.h"

namespace songsong {

// Faults of SqliteStore. What could not be finished is as it was before, or is finished by the next finish_sealing().
// `busy_ms`: how long others who use it are waited for.
Outcome<Done> seal_store(const std::string& bare, const std::string& sealed_path, const SealedFiles& sealed,
                         int busy_ms = 10'000);

enum class StoreLies { kNowhere, kBare, kSealed };
// Where the store is, after what another call left half done was finished or taken back. Before it is opened.
Outcome<StoreLies> finish_sealing(const std::string& bare, const std::string& sealed_path);

}  // namespace songsong
