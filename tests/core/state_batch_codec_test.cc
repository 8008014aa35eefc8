#include "shared/core/state_batch_codec.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/core/merge.h"
#include "tests/support/bench_need.h"
#include "tests/support/random.h"
#include "tests/support/wild.h"

using namespace songsong;

namespace {

const Name kLan(7, 41, 0xABCDE);
const Name kMinh(9, 5, 0x12345);
const Name kDistrict(11, 3, 0x00777);

State lans_pupil() {
  State state;
  state.id = kLan;
  state.kind = 10;
  state.opened = true;
  state.opened_in = "S001";
  state.applied = {kLan};
  state.registers = {{1, Value(), {{kLan, 1790000000000, true, false, Value(Text{"Giàng A Lan"})}}, {}},
                     {4, Value(), {{kLan, 1790000000000, false, false, Value(std::int64_t{1})}}, {}}};
  return state;
}

void check_kept(const std::vector<State>& states, const Primer* primer = nullptr) {
  const std::string piece = encode_states(states, primer);
  const Outcome<std::vector<State>> decoded = decode_states(piece, {}, primer);
  REQUIRE(decoded);
  REQUIRE(*decoded == states);
  REQUIRE(encode_states(*decoded, primer) == piece);
}

void check_answer(std::string_view piece) {
  DecodeLimits limits;
  limits.bytes = 4u << 20;
  const Outcome<std::vector<State>> decoded = decode_states(piece, limits);
  if (decoded) {
    CHECK_NOTHROW(encode_states(*decoded));
  } else {
    CHECK(decoded.fault().code.starts_with("piece_"));
  }
}

Primer training_primer() {
  const std::vector<std::string> pieces = bench::training_pieces();
  return *Primer::from_pieces(1, pieces);
}

}  // namespace

TEST_CASE("no states are a piece too, and a piece of changes is none") {
  CHECK(decode_states(encode_states({}), {})->empty());
  CHECK(decode_states(encode_changes({}), {}).fault().code == "piece_format_unknown");
}

TEST_CASE("a state that one change made comes back") { check_kept({lans_pupil()}); }

TEST_CASE("a conflict between Lan and Minh comes back with both values") {
  State state = lans_pupil();
  state.applied.push_back(kMinh);
  state.registers[1].heads.push_back({kMinh, 1790000060000, false, true, Value(std::int64_t{2})});
  state.registers[1].ahead = {kDistrict};
  state.removal_ahead = {kDistrict};
  check_kept({lans_pupil(), state, lans_pupil()});
}

TEST_CASE("heads of different types come back, and a change has one time in all of them") {
  State state = lans_pupil();
  state.registers[0].heads.push_back({kMinh, 5, true, false, Value(Erased{})});
  state.registers[1].heads = {{kLan, 1790000000000, true, false, Value()}, {kMinh, 5, false, false, Value(Text{""})}};
  state.registers.push_back({9, Value(), {}, {kDistrict}});
  check_kept({state});
  state.registers[1].heads[1].captured_ms = 6;
  CHECK_THROWS_AS(encode_states(std::vector<State>{state}), std::logic_error);
}

TEST_CASE("unions and sums come back, from one change and from several") {
  State one = lans_pupil();
  one.registers.push_back(
      {5, Value(Text{"anh.jpg"}), {{kLan, 1790000000000, false, false, Value(std::int64_t{1})}}, {}});
  one.registers.push_back(
      {5, Value(Text{"cu.jpg"}), {{kLan, 1790000000000, false, false, Value(std::int64_t{0})}}, {}});
  one.sums = {{6, -40, {{kLan, false}}}};
  State several = one;
  several.applied = {kLan, kMinh};
  several.registers[3].heads.push_back({kMinh, 7, false, false, Value(std::int64_t{1})});
  several.sums[0].last.push_back({kMinh, true});
  several.sums.push_back({8, INT64_MIN, {}});
  check_kept({one, several});
}

TEST_CASE("a removed record and one that was never opened come back") {
  State removed = lans_pupil();
  removed.registers.insert(removed.registers.begin(),
                           {kRemovedField, Value(), {{kMinh, 9, false, true, Value(std::int64_t{1})}}, {}});
  for (Register& field : removed.registers) field.heads[0].removal_saw = true;
  State unopened;
  unopened.id = kDistrict;
  unopened.kind = 3;
  check_kept({removed, unopened});
}

TEST_CASE("what merge makes of changes comes back") {
  Random random(20260901);
  const std::vector<Change> changes = wild::changes(random, 400);
  std::map<Name, State> merged;
  for (const Change& change : changes) {
    State& state = merged[change.record];
    state.id = change.record;
    merge(state, change, Lineage());
  }
  std::vector<State> states;
  for (auto& [id, state] : merged) states.push_back(std::move(state));
  check_kept(states);
}

TEST_CASE("whatever a state may hold comes back") {
  const Primer primer = training_primer();
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const std::vector<State> states = wild::states(random, static_cast<std::size_t>(1 + random.below(40)));
    check_kept(states);
    check_kept(states, &primer);
  }
}

TEST_CASE("what state.h forbids is not encoded") {
  const auto refused = [](auto spoil) {
    State state = lans_pupil();
    spoil(state);
    CHECK_THROWS_AS(encode_states(std::vector<State>{state}), std::logic_error);
  };
  refused([](State& s) { s.id = Name(); });
  refused([](State& s) { s.applied = {kMinh, kLan}; });
  refused([](State& s) { s.removal_ahead = {kLan, kLan}; });
  refused([](State& s) { std::swap(s.registers[0], s.registers[1]); });
  refused([](State& s) { s.registers[0].heads.push_back(s.registers[0].heads[0]); });
  refused([](State& s) { s.registers[0].ahead = {kMinh, kLan}; });
  refused([](State& s) { s.applied[0] = Name(1, 0, 0); });
  refused([](State& s) { s.registers[0].heads[0].name = Name(); });
  refused([](State& s) {
    s.registers[1].member = Value(std::int64_t{1});
    s.registers[1].heads[0].personal = true;
  });
  refused([](State& s) { s.sums = {{2, 1, {}}, {2, 1, {}}}; });
  refused([](State& s) { s.sums = {{2, 1, {{kMinh, false}, {kLan, false}}}}; });
  refused([](State& s) { s.registers[1].heads[0].value = Value(Text{std::string(kMaxValueBytes + 1, 'a')}); });
}

TEST_CASE("every beginning of a piece of states and every bit turned has an answer") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const std::string piece = encode_states(wild::states(random, 5));
    for (std::size_t size = 0; size < piece.size(); size += 1 + piece.size() / 300) {
      check_answer(std::string_view(piece).substr(0, size));
    }
    for (int i = 0; i < 300; ++i) {
      std::string turned = piece;
      turned[static_cast<std::size_t>(random.below(turned.size()))] ^= static_cast<char>(1u << random.below(8));
      check_answer(turned);
    }
    for (int i = 0; i < 100; ++i) check_answer("\x11" + wild::bytes(random, 300));
  }
}

TEST_CASE("a piece of states holds no more than its limits") {
  CHECK(decode_states("\x11\x80\xC0\xAC\xF3\x0E and more", {}).fault().code == "piece_too_large");
  const std::vector<State> equal(5000, lans_pupil());
  const std::string bomb = encode_states(equal);
  CHECK(bomb.size() < 500);
  CHECK(decode_states(bomb, {}).value() == equal);
  DecodeLimits few;
  few.bytes = 1u << 18;
  CHECK(decode_states(bomb, few).fault().code == "piece_too_large");
}

// The budget: 23 bytes a state, which is hardly more than the change that made it.
TEST_CASE("a fresh state costs what its change costs") {
  const Primer primer = training_primer();
  const std::vector<bench::Need> needs = bench::make_needs(bench::Lists::kMeasured, 4000, bench::kMeasuredSeed);
  const std::vector<Change> changes = bench::make_changes(needs, {.replica = 4711, .tag = 0x5A5A5, .unit = "D04"});
  std::vector<State> states;
  for (const Change& change : changes) {
    State merged;
    merged.id = change.record;
    merge(merged, change, Lineage());
    states.push_back(std::move(merged));
  }
  CHECK(states[17] == bench::fresh_state(changes[17]));
  const auto bytes_of_changes = static_cast<double>(encode_changes(changes, &primer).size());
  const auto bytes_of_states = static_cast<double>(encode_states(states, &primer).size());
  CHECK(bytes_of_states <= bytes_of_changes * 1.01);
  CHECK(bytes_of_states / static_cast<double>(states.size()) <= 20);
}
