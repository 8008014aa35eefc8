#include "shared/core/state_codec.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/personal_values.h"
#include "tests/support/history.h"

namespace songsong::testing {
namespace {

std::vector<State> some_states() {
  const HistoryShape shape{.replicas = 3,
                           .changes = 30,
                           .records = 4,
                           .copies_percent = 10,
                           .removals_percent = 20,
                           .unknown_saw_percent = 10,
                           .empty_percent = 5};
  std::vector<State> states;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    MergedStore store;
    for (const Admitted& each : make_history(seed, shape)) store.admit(each);
    for (const auto& [id, state] : store.states()) states.push_back(state);
  }
  return states;
}

}  // namespace

TEST_CASE("a state comes back from its bytes as it was") {
  for (const State& state : some_states()) {
    const Outcome<State> back = decode_state(encode_state(state));
    REQUIRE(back.ok());
    REQUIRE(*back == state);
  }
}

TEST_CASE("personal values left out are put back from where they are kept, and are erased where they are not") {
  std::size_t left_out = 0;
  for (const State& state : some_states()) {
    PersonalValuesOf kept;
    kept.put_all(state);
    const std::string bytes = encode_state(state, PersonalValues::kLeftOut);
    REQUIRE(*decode_state(bytes, kept.lookup()) == state);
    const Outcome<State> erased = decode_state(bytes);
    REQUIRE(erased.ok());
    for (const Register& each : erased->registers) {
      for (const Head& head : each.heads) {
        REQUIRE((head.value.type() == ValueType::kErased) == head.personal);
        left_out += head.personal ? 1 : 0;
      }
    }
  }
  CHECK(left_out > 100);
}

TEST_CASE(
    "bytes of a state that are cut short or changed are refused, or are another state in its one canonical form") {
  Random random(1);
  for (const State& state : some_states()) {
    const std::string bytes = encode_state(state);
    for (std::size_t size = 0; size < bytes.size(); ++size) REQUIRE_FALSE(decode_state(bytes.substr(0, size)).ok());
    REQUIRE_FALSE(decode_state(bytes + '\0').ok());
    for (int i = 0; i < 50; ++i) {
      std::string changed = bytes;
      char& byte = changed[random.below(changed.size())];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << random.below(8)));
      const Outcome<State> read = decode_state(changed);
      if (read.ok()) REQUIRE(encode_state(*read) == changed);
    }
  }
}

}  // namespace songsong::testing
