// DecodedAnswer: what of an answer is decoded and checked before the transaction that takes it in. Piece of intake.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/change_codec.h"
#include "shared/core/grants.h"
#include "shared/core/receipt.h"
#include "shared/core/state.h"
#include "shared/replica/store.h"

namespace songsong {

struct DecodedAnswer {
  std::vector<State> states;
  std::vector<StoreSequence> versions;  // of the states
  std::vector<Receipt> receipts;
  std::map<ReplicaId, std::vector<RunRow>> lines;
  std::optional<Grants> grants;
};

// Faults: "states_malformed", "line_malformed", "receipt_forged", "answer_malformed".
Outcome<DecodedAnswer> decode(const wire::Answer& answer, const PublicKey& server, const Primer* primer);

}  // namespace songsong
