// Erasures: whose personal values are to be destroyed, as the records say it: a person's own, and those of records that
// tell of that person (the policy's `subject`, followed from record to record). A value tells of whom its record named
// when it was written, whomever the record names by now.
//
// Looks at records and log through the cache of one commit and belongs to its thread. Throws StorageDamage.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/policy.h"
#include "shared/replica/record_cache.h"

namespace songsong {

class Erasures {
 public:
  // Borrows both. The policies have a kind of erasures.
  Erasures(const Policies& policies, RecordCache& cache) : policies_(policies), cache_(cache) {}

  // A change that this commit takes in, after those in the log.
  void note(const Change& change);
  // An erasure of the record came with this commit, whatever became of it in the same one.
  void presume(RecordId record) { named_[record] = true; }

  // Whether what the change wrote to the register belongs to somebody whose erasure stands.
  bool covers(RecordId record, Name change, FieldNumber field);
  // Whether an erasure stands that names it; or one whose person it tells of, or ever told of.
  bool is_named(RecordId record);
  bool is_erased(RecordId record);
  // The record that an erasure names, whether it stands or not.
  std::optional<RecordId> named_by(RecordId erasure);
  bool stands(RecordId erasure);
  // The record, and all that tells of it or told of it once.
  std::set<RecordId> reached(RecordId record);

 private:
  const Shown* shown(RecordId record);
  const std::vector<Change>& history(RecordId record);
  std::optional<RecordId> named_at(RecordId record, Name change, FieldNumber reference);

  const Policies& policies_;
  RecordCache& cache_;
  std::map<RecordId, bool> named_, erased_;
  std::map<RecordId, std::vector<Change>> noted_, histories_;
};

// The references through which a kind's personal values tell of another record.
std::set<FieldNumber> subjects_of(const KindPolicy& kind);

// On a server, settings that say which records told of another where the index of references does not: "tells.TARGET.
// RECORD". Of a change that was set aside, or that names somebody else from now on.
std::string tells_prefix(RecordId target);
std::vector<RecordId> targets_left_behind(const Policies& policies, const Change& change, const Shown* before,
                                          bool set_aside);

}  // namespace songsong
