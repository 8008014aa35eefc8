#include "shared/sync/decoded_answer.h"

#include "shared/core/state_batch_codec.h"
#include "shared/sync/lines.h"
#include "shared/sync/members.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

Fault fault(const char* code, const char* where, const char* what) {
  return Fault{.code = code, .where = where, .what = what};
}

}  // namespace

Outcome<DecodedAnswer> decode(const wire::Answer& answer, const PublicKey& server, const Primer* primer) {
  DecodedAnswer decoded;
  if (!answer.states().empty()) {
    Outcome<std::vector<State>> states = decode_states(answer.states(), wire::kStatesLimits, primer);
    if (!states) return fault("states_malformed", "states", "The server's states cannot be read.");
    decoded.states = std::move(*states);
  }
  if (decoded.states.size() != static_cast<std::size_t>(answer.versions_size()))
    return fault("states_malformed", "versions", "The server's states and versions do not fit.");
  std::int64_t version = 0;
  for (const std::int64_t step : answer.versions()) {
    version = static_cast<std::int64_t>(static_cast<std::uint64_t>(version) + static_cast<std::uint64_t>(step));
    if (version <= 0) return fault("states_malformed", "versions", "A version is none.");
    decoded.versions.push_back(static_cast<StoreSequence>(version));
  }
  for (const std::string& bytes : answer.receipts()) {
    Outcome<Receipt> receipt = decode_receipt(bytes);
    if (!receipt || !verify(*receipt, server) || receipt->epoch != answer.epoch())
      return fault("receipt_forged", "receipt", "A receipt is not the server's.");
    decoded.receipts.push_back(std::move(*receipt));
  }
  for (const wire::Line& line : answer.lines()) {
    Outcome<std::vector<RunRow>> runs = runs_of(line);
    if (!runs) return runs.fault();
    decoded.lines[line.replica()] = std::move(*runs);
  }
  if (answer.has_grants()) {
    Outcome<Grants> grants = grants_heard(answer.grants());
    if (!grants) return grants.fault();
    decoded.grants = std::move(*grants);
  }
  return decoded;
}

}  // namespace songsong
