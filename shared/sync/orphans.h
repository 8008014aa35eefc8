// Orphans: what a phone still holds of a server's older epoch when it has heard all of the new one. A restore loses what
// no living device can send again, and may put records back into units that are not this phone's: the server is asked
// which, once, and what lives elsewhere goes. A part of the initiator; the same rules.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong {

class Orphans {
 public:
  // To be asked about next; empty when all were. Then, if none has to be asked about again, the restore is over for
  // this phone, and the store says so.
  Outcome<std::vector<RecordId>> next(Store& store, std::uint64_t epoch);
  bool is_over() const { return over_; }

 private:
  RecordId at_;
  bool over_ = false;
};

// All that there are, ascending, after `after`; at most `most`.
std::vector<RecordId> orphans_held(StoreReader& reader, std::uint64_t epoch, RecordId after, std::size_t most);

}  // namespace songsong
