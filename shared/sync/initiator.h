// Initiator: the phone's side of the conversation, as a state machine. It neither sends, sleeps nor reads a clock:
//
//   loop   next()      what to send now; nothing when all is done
//          send it; then either
//          receive()   the body of the answer, or
//          failed()    when none came: it was cut, stalled or timed out
//
// Each answer is committed by itself, in one transaction, before receive() returns, so that whatever is interrupted
// costs at most the piece in flight, and whoever goes on later goes on from there. It may be given up at any moment.
// Several processes may converse over one store at once.
//
// One thread at a time; borrows the replica. Faults of receive(): "not_our_server" (no frame: a captive portal),
// "answer_forged" (the tag does not fit), "refused" with the server's code in `where` (see PROTOCOL.md), those of the
// store; nothing of such an answer is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/core/change_codec.h"
#include "shared/replica/replica.h"
#include "shared/sync/ticket.h"

namespace songsong {

struct SyncTally {
  std::uint64_t sent = 0;         // own changes that receipts newly cover
  std::uint64_t received = 0;     // records whose state was taken in
  std::uint64_t quarantined = 0;  // own changes that the server set aside in this conversation
  std::uint64_t erased = 0;       // records of which personal values that were saved here were destroyed
  std::uint64_t pending = 0;      // own changes that no receipt covers
  std::uint64_t remaining = 0;    // records still to come, about
  std::uint64_t bytes_up = 0;     // bodies only
  std::uint64_t bytes_down = 0;
  std::uint64_t round_trips = 0;
  std::uint64_t unreadable = 0;  // states that could not be taken in; they stay at the server
  // Of a check: whether both sides were found to hold the same in the end, and how many records had to be mended.
  bool same = false;
  std::uint64_t mended = 0;
};

struct Outgoing {
  std::string url;                            // whole: the ticket's address and the path
  std::optional<Fingerprint> authority = {};  // which vouches for it by TLS, as the ticket says
  std::string body;
};

struct InitiatorOptions {
  const Primer* primer = nullptr;
  bool check = false;  // also compare digests, and mend what differs
  // Of a piece, and of the states in an answer; on a slow link they are smaller by themselves.
  std::size_t most_piece_bytes = std::size_t{512} << 10;
};

class Initiator {
 public:
  // Fault "no_server" when the store was never given a ticket.
  static Outcome<std::unique_ptr<Initiator>> begin(Replica& replica, const InitiatorOptions& options);
  ~Initiator();

  // `now` is remembered as the moment of sending.
  Outcome<std::optional<Outgoing>> next(const ClockReading& now);
  Outcome<Done> receive(std::string_view answer, const ClockReading& now);
  void failed();

  const SyncTally& tally() const;
  // The server handed out a newer policy table: whoever opens the replica next uses it.
  bool has_new_policies() const;

 private:
  class Machine;
  explicit Initiator(std::unique_ptr<Machine> machine);

  std::unique_ptr<Machine> machine_;
};

}  // namespace songsong
