// Authentic: messages as a holder of the keys makes them, out of cases that a fuzzer draws: hashes, keys, signatures
// and tags fit whatever the messages say.
#pragma once

#include <string>
#include <vector>

#include "shared/sync/initiator.h"
#include "shared/sync/questions.h"
#include "tests/fuzz/cases.pb.h"
#include "tests/fuzz/town.h"

namespace songsong::fuzz {

// In rows a name of this replica stands for a record of the town, and one of the next for an own change: the sequence
// says which. No replica of the town has these ids.
inline constexpr ReplicaId kRecordOfTown = 1;
inline constexpr ReplicaId kOwnChange = 2;

// One replica that asks, through a whole case: its line grows with what it sends.
class Asker {
 public:
  Asker(const Town& town, const Seat& seat) : town_(town), seat_(seat), pair_(seat.pair()), line_(seat.line) {}

  struct Made {
    std::string frame;
    QuestionSecret secret;
  };
  Made make(const Asked& asked);

 private:
  void address(wire::Request& request) const;
  void place(wire::Request& request, const Asked& asked);
  std::vector<Change> changes_in(const Asked& asked, int piece) const;
  void seal_piece(wire::Piece& piece, std::vector<Change> changes, Predecessor& before, const Asked& asked);
  static void bind(wire::Piece& piece, Keyring& keyring, const BlockName& block, const BlockKey& key, Change& change);
  BlockKey key_of(const BlockName& block, bool other) const;

  const Town& town_;
  const Seat& seat_;
  const KeyPair pair_;
  std::vector<Predecessor> line_;
};

// A server's answer to the question of a phone's initiator.
std::string answer_of(const Town& town, PhoneAtWork& phone, std::string_view question, const Told& told);

}  // namespace songsong::fuzz
