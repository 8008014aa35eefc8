// Retention: whose personal data has to go, since no consent stands any more.
//
// A consent stands until it is withdrawn, and up to its last day where it has one. Of whom several are recorded (for
// several purposes), one that stands is enough; of whom none was ever recorded, nothing is said here.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/sync/host.h"

namespace songsong::server {

struct Due {
  std::int64_t reason = 0;  // of the erasure
  std::string unit;         // where the record lives
};

// On a day (days since 1970-01-01), those who are erased already left out. Reads all records once.
Outcome<std::map<RecordId, Due>> due_for_erasure(Host& host, std::int64_t day);

}  // namespace songsong::server
