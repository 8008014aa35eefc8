// OwnChanges: what this replica saved of a record, with the verdicts that an answer brings; and what a server's state
// may say of them, for what was saved here is known here. Piece of intake; one transaction, one thread. Throws
// StorageDamage.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "shared/replica/admission.h"
#include "shared/replica/record_cache.h"

namespace songsong {

class OwnChanges {
 public:
  // Borrows both.
  OwnChanges(StoreReader& reader, RecordCache& cache) : reader_(reader), cache_(cache) {}

  // The server has set it aside, whatever the log says.
  void refuse(Name change) { refused_.insert(change); }
  std::vector<OwnChange> of(RecordId record);

 private:
  StoreReader& reader_;
  RecordCache& cache_;
  std::set<Name> refused_;
};

// The own changes of which a state says that values were erased, and of which they are held here yet.
std::set<Name> erased_in(const State& state, std::span<const OwnChange> own_changes);
// What was erased here stays so, whatever a server says that has forgotten it.
void blank_own(State& state, std::span<const OwnChange> own_changes);
// Whether a state says of an own change what it did not say.
bool contradicts(const State& state, std::span<const OwnChange> own_changes);

}  // namespace songsong
