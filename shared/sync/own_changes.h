// OwnChanges: what this replica saved of a record, with the verdicts that an answer brings. Piece of intake; one
// transaction, one thread. Throws StorageDamage.
#pragma once

#include <set>
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

}  // namespace songsong
