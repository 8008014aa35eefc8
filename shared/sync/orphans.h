// Orphans: what a phone still holds of a server's older epoch when it has heard all of the new one. A restore loses
// what no living device can send again, and may put records back into units that are not this phone's. The server is
// asked which live elsewhere, and those go: in a question of its own when all of the new epoch was heard, and along
// with the first question of later conversations as long as there are any, for the device that can send them may still
// come. A part of the initiator; the same rules.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/replica/store.h"
#include "shared/sync/contact.h"

namespace songsong {

// Whether a record hangs in the air: what it belongs to is not here. Its unit may have left the scope while an edit of
// what it belongs to waited, and the answer that would have named it went to a line that listens to nothing.
bool hangs(const RecordRow& row);

class Orphans {
 public:
  // What the next question asks about; nothing, if it need not. `heard_all`: there is nothing else to ask.
  Outcome<std::vector<RecordId>> next(Store& store, const Contact& contact, bool heard_all);
  // The answer to it was taken in; until then the same is asked again.
  void heard() { at_ = asked_until_; }
  // Whether a question of its own is due once all was heard.
  bool is_due(const Contact& contact) const { return contact.after_restore == AfterRestore::kHearing && !over_; }

 private:
  Outcome<std::vector<RecordId>> batch(Store& store, std::uint64_t epoch, bool only_orphans);
  static Outcome<Done> move_to(Store& store, AfterRestore stage);

  RecordId at_, asked_until_;
  bool found_ = false;
  bool over_ = false;
};

// Records that this store holds and the server, since a restore, does not: as far as is known they are nowhere else.
// 0 until all of the new epoch was heard. Throws StorageDamage.
std::uint64_t count_orphans(StoreReader& reader, const Contact& contact);

}  // namespace songsong
