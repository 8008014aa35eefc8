// Leaving: which records an answer takes out of a replica's scope: those that it names, those of units that left, those
// that a range which was mended does not hold, and those from before a restore that live elsewhere now. What was saved
// here and the server does not hold yet stays. Piece of intake; within its transaction. Throws StorageDamage.
#pragma once

#include <cstdint>
#include <set>

#include "schemas/songsong/wire.pb.h"
#include "shared/replica/admission.h"
#include "shared/replica/own_lines.h"
#include "shared/sync/intake.h"
#include "shared/sync/own_changes.h"

namespace songsong {

struct LeavingContext {
  StoreReader& reader;
  Admission& admission;
  OwnChanges& own_changes;
  const Policies& policies;
  const Question& question;
  const wire::Answer& answer;
  const OwnLines& own;                 // with this answer's receipts
  const OwnLines& own_before;          // without them
  const std::set<RecordId>& taken_in;  // records whose state came with the answer
};

class Leaving {
 public:
  explicit Leaving(const LeavingContext& context) : context_(context) {}

  void departures();
  // `sent`: the records whose states the answer holds, taken in or not.
  void mended(const std::set<RecordId>& sent);
  void orphans();
  // All that was ever told: the replica was revoked. What it saved stays in its log, and what waits on its screen.
  void everything();

  // Records that mended() and orphans() took out.
  std::uint64_t dropped() const { return dropped_; }

 private:
  bool belongs_to_waiting(const RecordRow& row);
  void drop(const RecordRow& row);
  void leave(RecordId record, ServerVersion said);

  const LeavingContext& context_;
  std::uint64_t dropped_ = 0;
};

}  // namespace songsong
