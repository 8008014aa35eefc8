// Erasures: whose personal values are to be destroyed, as the records say it: a person's own, and those of records that
// tell of that person (the policy's `subject`, followed from record to record).
//
// Looks at records through the cache of one commit and belongs to its thread. Throws StorageDamage.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "shared/core/policy.h"
#include "shared/replica/record_cache.h"

namespace songsong {

class Erasures {
 public:
  // Borrows both. The policies have a kind of erasures.
  Erasures(const Policies& policies, RecordCache& cache) : policies_(policies), cache_(cache) {}

  // Whether the values of the register belong to somebody whose erasure stands.
  bool covers(RecordId record, FieldNumber field);
  // Whether an erasure stands that names it; or one whose person it tells of.
  bool is_named(RecordId record);
  bool is_erased(RecordId record);
  // The record that an erasure names, if it stands; and all that tells of it.
  std::optional<RecordId> named_by(RecordId erasure);
  std::set<RecordId> reached(RecordId erasure);

 private:
  const Shown* shown(RecordId record);

  const Policies& policies_;
  RecordCache& cache_;
  std::map<RecordId, bool> named_, erased_;
};

}  // namespace songsong
