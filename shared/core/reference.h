// The naive reference model of merge: the definition, written down as plainly as it can be, with no bookkeeping to go
// wrong. Tests compare merge() with it, and `verify` recounts a store with it.
//
//   seen(d, c)   d's author had seen c: c lies on d's own path, or a name in d's `saw` is held here and c lies on its
//   path head(c, f)   c writes f, and no d that writes f has seen c
//
// Quadratic in the changes of one record and linear in the length of a replica's line; not for the hot path.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/state.h"

namespace songsong {

// An admitted change, with the name of the change before it on its replica's line (not valid() for the first).
struct Admitted {
  Change change;
  Name parent;
  bool empty = false;  // quarantined or refused: counts as applied and empty
};

class ReferenceModel {
 public:
  // Takes the changes of all records: paths run through all of them. Any order, repetitions allowed.
  explicit ReferenceModel(std::span<const Admitted> admitted);

  std::vector<RecordId> records() const;
  State state(RecordId record) const;

 private:
  bool on_path(Name later, Name earlier) const;
  bool seen(const Admitted& later, Name earlier, const std::vector<const Admitted*>& here) const;
  bool held(Name name, const std::vector<const Admitted*>& here) const;

  std::map<Name, Admitted> changes_;
  std::map<RecordId, std::vector<const Admitted*>> by_record_;
  std::map<ReplicaId, bool> forked_;
};

}  // namespace songsong
