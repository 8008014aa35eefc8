// Batches of states: the columns (state_batch_codec.h).
#include "shared/core/state_batch_codec.h"

#include "shared/core/columns_piece.h"
#include "shared/core/digest.h"
#include "shared/core/shown.h"
#include "shared/core/state_codec.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/rows.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

constexpr DecodeLimits kSmall{.rows = 1024, .bytes = std::size_t{1} << 20};

void hold_encoding(const std::vector<State>& states, const Primer* primer) {
  const std::string again = encode_states(states, primer);
  hold(must(decode_states(again, DecodeLimits{}, primer)) == states, "what is encoded decodes to the same");
}

}  // namespace

// The first byte as piece() has it.
void states(std::string_view bytes) {
  const std::uint8_t how = take_byte(bytes);
  const Primer* const primer = (how & 1) != 0 ? &simulation::primer() : nullptr;
  if ((how & 2) != 0) return hold_encoding(states_of(split_rows(bytes)), primer);
  const DecodeLimits limits = (how & 4) != 0 ? wire::kStatesLimits : kSmall;
  const Outcome<std::vector<State>> states = decode_states(bytes, limits, primer);
  if (!states) {
    hold_fault(states.fault());
    return hold(states.fault().code.starts_with("piece_"), "a piece's fault says so", states.fault().code);
  }
  hold(states->size() <= limits.rows, "a piece has no more rows than its limit");
  for (const State& state : *states) {
    const char* const flaw = columns::find_flaw(state);
    hold(flaw == nullptr, "a state that comes out keeps every bound", flaw == nullptr ? "" : flaw);
    hold(must(decode_state(encode_state(state))) == state, "a state goes into a store");
    (void)show(state, simulation::newer_policies().kind(state.kind));
  }
  hold_encoding(*states, primer);
}

}  // namespace songsong::fuzz
