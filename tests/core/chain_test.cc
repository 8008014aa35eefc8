#include "shared/core/chain.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/chain_example.h"

using namespace songsong;
using namespace songsong::example;

namespace {

PublicKey lans_public_key() {
  SigningKey secret;
  PublicKey key;
  make_signing_key(lans_seed(), secret, key);
  return key;
}

ChainHash lans_root() { return root_hash(kLansPhone, lans_public_key()); }

ChainHash hash_of(const Change& change) {
  const auto hashes = chain(lans_root(), std::span(&change, 1), lans_lookup());
  REQUIRE(hashes.ok());
  return hashes->front();
}

using Collect = std::function<void(const Change&)>;

// Hands over the change with each bit of the number at `at` turned, of those that `bits` counts.
template <class Number>
void flip_number(Change& change, Number& at, unsigned bits, const Collect& collect) {
  for (unsigned bit = 0; bit < bits; ++bit) {
    const Number was = at;
    at = static_cast<Number>(static_cast<std::uint64_t>(was) ^ (std::uint64_t{1} << bit));
    collect(change);
    at = was;
  }
}

void flip_name(Change& change, Name& at, const Collect& collect) {
  std::uint64_t packed = at.packed();
  for (unsigned bit = 0; bit < 64; ++bit) {
    at = Name::from_packed(packed ^ (std::uint64_t{1} << bit));
    collect(change);
  }
  at = Name::from_packed(packed);
}

void flip_text(Change& change, std::string& at, const Collect& collect) {
  const std::string was = at;
  for (const std::string& flipped : bit_flips(was)) {
    at = flipped;
    collect(change);
  }
  at = was;
}

void flip_value(Change& change, Value& at, const Collect& collect) {
  const Value was = at;
  const auto put = [&](Value value) {
    at = std::move(value);
    collect(change);
  };
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t mask = std::uint64_t{1} << bit;
    if (was.integer()) put(Value(static_cast<std::int64_t>(static_cast<std::uint64_t>(*was.integer()) ^ mask)));
    if (was.reference()) put(Value(Name::from_packed(was.reference()->packed() ^ mask)));
  }
  if (was.text()) {
    for (const std::string& flipped : bit_flips(*was.text())) put(Value(Text{flipped}));
  }
  if (was.bytes()) {
    for (const std::string& flipped : bit_flips(*was.bytes())) put(Value(Bytes{flipped}));
  }
  if (was.group()) {
    for (std::size_t i = 0; i < was.group()->size(); ++i) {
      for (unsigned bit = 0; bit < 32; ++bit) {
        Group group = *was.group();
        group[i].first ^= 1u << bit;
        put(Value(std::move(group)));
      }
      Group group = *was.group();
      Value member = group[i].second;
      flip_value(change, member, [&](const Change&) {
        group[i].second = member;
        put(Value(group));
      });
    }
  }
  at = was;
}

void flip_every_bit(Change change, const Collect& collect) {
  flip_name(change, change.name, collect);
  flip_name(change, change.record, collect);
  flip_number(change, change.kind, 32, collect);
  for (Name& name : change.saw) flip_name(change, name, collect);
  flip_number(change, change.captured_ms, 64, collect);
  flip_number(change, change.correction_ms, 64, collect);
  flip_number(change, change.uncertainty_ms, 32, collect);
  flip_text(change, change.actor, collect);
  flip_text(change, change.unit, collect);
  flip_number(change, change.revision, 32, collect);
  flip_name(change, change.origin, collect);
  for (Write& write : change.writes) {
    flip_number(change, write.field, 32, collect);
    flip_number(change, write.shape, 2, collect);
    flip_number(change, write.personal, 1, collect);
    flip_value(change, write.value, collect);
  }
}

void every_bit_counts(const Change& change, std::size_t at_least) {
  std::set<ChainHash> seen = {hash_of(change)};
  std::size_t flips = 0;
  flip_every_bit(change, [&](const Change& flipped) {
    ++flips;
    const bool new_hash = seen.insert(hash_of(flipped)).second;
    if (!new_hash) FAIL_CHECK("flip " << flips << " has the hash of another change");
  });
  CHECK(flips >= at_least);
}

}  // namespace

TEST_CASE("Lan's chain has the hashes of FORMAT.md", "[chain]") {
  CHECK(to_text(lans_root()) == "24471da4cc262ba51f620dbb7c09e1d877bffc7c3fee336b5b11b5f9b2c20096");
  const std::vector<Change> run = {opening(), editing()};
  const auto hashes = chain(lans_root(), run, lans_lookup());
  REQUIRE(hashes.ok());
  REQUIRE(hashes->size() == 2);
  CHECK(to_text(hashes->at(0)) == "6bafd46875fa8e2a816b5b831dce203551b4e6c854ba9f063c85857d7ad15e0e");
  CHECK(to_text(hashes->at(1)) == "77b51325c465418a3f72eda98c76014255a08fa21339a1faa471eacbd41f3de2");
}

TEST_CASE("every bit of a change counts in its hash", "[chain]") {
  every_bit_counts(opening(), 600);
  every_bit_counts(editing(), 1'000);
}

TEST_CASE("a hash stands for all before it, one change at a time or in a run", "[chain]") {
  const std::vector<Change> run = {opening(), editing(), opening(3)};
  const auto whole = chain(lans_root(), run, lans_lookup());
  REQUIRE(whole.ok());
  ChainHash before = lans_root();
  for (std::size_t i = 0; i < run.size(); ++i) {
    const auto committed = commitments(run[i], lans_lookup());
    REQUIRE(committed.ok());
    before = next_hash(before, canonical_bytes(run[i], *committed));
    CHECK(before == whole->at(i));
  }
  std::vector<Change> altered = run;
  altered[0].captured_ms += 1;
  const auto others = chain(lans_root(), altered, lans_lookup());
  REQUIRE(others.ok());
  for (std::size_t i = 0; i < run.size(); ++i) CHECK(others->at(i) != whole->at(i));
}

TEST_CASE("an empty run has no hashes", "[chain]") {
  const auto hashes = chain(lans_root(), {}, lans_lookup());
  REQUIRE(hashes.ok());
  CHECK(hashes->empty());
}

TEST_CASE("the root belongs to one replica and one key", "[chain]") {
  PublicKey other = lans_public_key();
  other.bytes[31] ^= 1;
  CHECK(root_hash(kLansPhone + 1, lans_public_key()) != lans_root());
  CHECK(root_hash(kLansPhone, other) != lans_root());
}

TEST_CASE("bytes that move from one change to the next are not the same chain", "[chain]") {
  CHECK(next_hash(next_hash(lans_root(), "ab"), "c") != next_hash(next_hash(lans_root(), "a"), "bc"));
  CHECK(next_hash(next_hash(lans_root(), "ab"), "") != next_hash(lans_root(), "ab"));
}

TEST_CASE("a run that skips a change, turns back or changes the replica is refused", "[chain]") {
  Change minhs = editing();
  minhs.name = Name(kLansPhone + 1, 2, kLansTag);
  const std::vector<std::vector<Change>> runs = {
      {opening(1), opening(3)}, {opening(2), opening(1)}, {opening(1), opening(1)}, {opening(1), minhs}};
  for (const std::vector<Change>& run : runs) {
    const auto hashes = chain(lans_root(), run, lans_lookup());
    REQUIRE_FALSE(hashes.ok());
    CHECK(hashes.fault().code == "chain_broken");
  }
}

TEST_CASE("a new tag in the middle of a run is no break", "[chain]") {
  Change reopened = opening(2);
  reopened.name = reopened.record = Name(kLansPhone, 2, kLansTag ^ 1);
  const std::vector<Change> run = {opening(1), reopened};
  CHECK(chain(lans_root(), run, lans_lookup()).ok());
}
