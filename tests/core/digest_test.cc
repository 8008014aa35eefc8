#include "shared/core/digest.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <vector>

#include "shared/core/fixed_bytes.h"
#include "tests/support/chain_example.h"
#include "tests/support/random.h"

using namespace songsong;
using namespace songsong::example;

namespace {

State lans_record() {
  State state;
  state.id = lans(1);
  state.applied = {lans(1), Name(9, 4, 5)};
  return state;
}

// Of two registers with an ahead, one is a member of a union.
State minhs_record() {
  State state;
  state.id = lans(2);
  state.applied = {lans(2)};
  state.removal_ahead = {Name(9, 9, 9)};
  state.registers.resize(3);
  state.registers[0].field = 4;
  state.registers[0].ahead = {Name(3, 1, 0)};
  state.registers[1].field = 5;
  state.registers[2].field = 12;
  state.registers[2].member = Value(Text{"Minh"});
  state.registers[2].ahead = {Name(4, 1, 0), Name(4, 2, 1)};
  return state;
}

Digest128 random_digest(Random& random) { return {random.next(), random.next()}; }

template <class Edit>
Digest128 digest_after(Edit edit) {
  State state = minhs_record();
  edit(state);
  return record_digest(state);
}

}  // namespace

TEST_CASE("digests are those of FORMAT.md", "[digest]") {
  CHECK(to_hex(to_bytes(record_digest(lans_record()))) == "64feb8aee2f7afec218f680d21acc849");
  CHECK(to_hex(to_bytes(record_digest(minhs_record()))) == "6100d9b5c9362c3f7ebf9c29f8d19b35");
  const std::vector<State> both = {lans_record(), minhs_record()};
  CHECK(to_hex(to_bytes(scope_digest(both))) == "c5ff9264ac2ddc2ba04f04371a7e637e");
}

TEST_CASE("a digest tells versions of a record apart", "[digest]") {
  std::set<Digest128> seen = {record_digest(minhs_record())};
  const auto other = [&seen](Digest128 digest) { return seen.insert(digest).second; };
  CHECK(other(digest_after([](State& s) { s.id = lans(3); })));
  CHECK(other(digest_after([](State& s) { s.applied.push_back(Name(9, 9, 9)); })));
  CHECK(other(digest_after([](State& s) { s.applied.clear(); })));
  CHECK(other(digest_after([](State& s) { s.applied.swap(s.removal_ahead); })));
  CHECK(other(digest_after([](State& s) { s.removal_ahead.clear(); })));
  CHECK(other(digest_after([](State& s) { s.registers[0].field = 5; })));
  CHECK(other(digest_after([](State& s) { s.registers[0].ahead.clear(); })));
  CHECK(other(digest_after([](State& s) { s.registers[1].ahead = {Name(3, 1, 0)}; })));
  CHECK(other(digest_after([](State& s) { s.registers[2].member = Value(Bytes{"Minh"}); })));
  CHECK(other(digest_after([](State& s) { s.registers[2].ahead.pop_back(); })));
  // A name that moves from one list to the next is another version.
  CHECK(other(digest_after([](State& s) { s.applied = {lans(2), Name(9, 9, 9)}, s.removal_ahead.clear(); })));
}

TEST_CASE("a digest does not look at values, which follow from what was applied", "[digest]") {
  const Digest128 before = record_digest(minhs_record());
  CHECK(digest_after([](State& s) {
          s.registers[1].heads.push_back({lans(2), 1, true, false, Value(Text{"Mai"})});
        }) == before);
  CHECK(digest_after([](State& s) { s.registers.erase(s.registers.begin() + 1); }) == before);
}

TEST_CASE("the digest of a scope does not depend on order, and is kept up to date by one record at a time",
          "[digest]") {
  std::vector<State> states;
  for (Sequence sequence = 1; sequence <= 50; ++sequence) {
    states.push_back(lans_record());
    states.back().id = lans(sequence);
  }
  const Digest128 whole = scope_digest(states);
  std::reverse(states.begin(), states.end());
  CHECK(scope_digest(states) == whole);

  const Digest128 old = record_digest(states[7]);
  states[7].applied.push_back(Name(12, 1, 1));
  CHECK(whole - old + record_digest(states[7]) == scope_digest(states));
  CHECK(scope_digest(states) != whole);

  states.push_back(states.front());
  states.push_back(states.front());
  CHECK(scope_digest(states) != scope_digest(std::span(states).first(50)));  // a pair does not vanish
  CHECK(scope_digest({}) == Digest128());
}

TEST_CASE("digests add and subtract modulo 2^128", "[digest]") {
  const std::uint64_t most = UINT64_MAX;
  CHECK(Digest128{0, most} + Digest128{0, 1} == Digest128{1, 0});
  CHECK(Digest128{most, most} + Digest128{0, 1} == Digest128{0, 0});
  CHECK(Digest128{most, most} + Digest128{most, most} == Digest128{most, most - 1});
  CHECK(Digest128{0, 0} - Digest128{0, 1} == Digest128{most, most});
  CHECK(Digest128{1, 0} - Digest128{0, 1} == Digest128{0, most});
  CHECK(Digest128{5, 7} - Digest128{5, 7} == Digest128{});

  Random random(20260903);
  INFO("seed " << random.seed());
  for (int run = 0; run < 1'000; ++run) {
    const Digest128 a = random_digest(random), b = random_digest(random), c = random_digest(random);
    CHECK(a + b == b + a);
    CHECK(a + b + c == a + (b + c));
    CHECK(a + b - b == a);
    CHECK(parse_digest(to_bytes(a)).value() == a);
  }
}

TEST_CASE("a digest is 16 bytes, big-endian", "[digest]") {
  CHECK(to_hex(to_bytes({0x0102030405060708, 0x090a0b0c0d0e0f10})) == "0102030405060708090a0b0c0d0e0f10");
  CHECK(parse_digest(std::string(15, 'x')).fault().code == "wrong_length");
  CHECK(parse_digest(std::string(17, 'x')).fault().code == "wrong_length");
}
