// Intake: what a replica makes of a server's answer, in one transaction: receipts, verdicts, lines of copied phones,
// states, departures, clock and cursor. The answer is authentic already.
//
// Applying an answer twice, or an older one after a newer one, changes nothing for the worse: states are replaced by
// newer ones only, receipts grow within an epoch, and what stands at the cursor of the question is taken only while the
// store's cursor is there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/change_codec.h"
#include "shared/core/clock.h"
#include "shared/replica/replica.h"

namespace songsong {

struct Question {
  ReplicaId replica = 0;  // the line that it was asked for
  Name upto;              // as in the request
  std::string cursor;     // as in the request
  bool wants_states = false;
  bool renewed = false;                // as in the request
  bool compares = false;               // it had ranges
  std::vector<RecordId> orphans = {};  // it asked about
  bool brought_ticket = false;         // the ticket was in it
  ClockReading sent;
  bool carried = false;  // the answer came by a file, and so late: it says nothing of the time
};

struct Taken {
  std::uint64_t received = 0;     // records whose state was taken in
  std::uint64_t quarantined = 0;  // own changes newly set aside
  std::uint64_t sent = 0;         // own changes newly covered by a receipt
  std::uint64_t unreadable = 0;
  std::uint64_t erased = 0;   // records of which personal values were destroyed
  std::uint64_t dropped = 0;  // records that the server does not hold in the scope
  bool new_policies = false;
  bool overtaken = false;  // the store's cursor is not the question's any more: nothing of the scope was taken in
  // Up to where the server holds the line, where no receipt says it: the next piece goes on from there.
  std::optional<Sequence> held_without_receipt;
};

// Faults: "states_malformed", "line_malformed", "receipt_forged", those of the store; then nothing is kept. A state
// that alters an own change is passed over, and counts as unreadable.
Outcome<Taken> take_in(Replica& replica, const PublicKey& server, const Question& question, const wire::Answer& answer,
                       const ClockReading& now, const Primer* primer);

}  // namespace songsong
