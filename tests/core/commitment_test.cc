#include "shared/core/commitment.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/core/chain.h"
#include "tests/support/chain_example.h"

using namespace songsong;
using namespace songsong::example;

namespace {

std::string hex(const ChangeKey& key) {
  return to_hex({reinterpret_cast<const char*>(key.view().data()), key.view().size()});
}

ChainHash lans_root() {
  SigningKey secret;
  PublicKey key;
  make_signing_key(lans_seed(), secret, key);
  return root_hash(kLansPhone, key);
}

}  // namespace

TEST_CASE("keys and commitments are those of FORMAT.md", "[commitment]") {
  const ChangeKey key = derive_change_key(lans_block_key(), lans(1));
  CHECK(hex(key) == "bcaaa49aa73c540840557aa8b07e6e7d159998b38f87647baae1c68c91c98d2a");
  CHECK(to_text(commit(key, 0, Value(Text{"Lan"}))) ==
        "65612627236151ab749ee859da623de31f3c0cb436dbd035c3afd89975cad966");
  CHECK(to_text(commit(key, 2, Value(std::int64_t{-9000}))) ==
        "96c37d07ccfff6e16513479cf31aaae6264fea55048095664bb7a951992708d7");
}

TEST_CASE("256 sequences of one tag share a block", "[commitment]") {
  CHECK(block_of(lans(1)) == BlockName{kLansPhone, 0, kLansTag});
  CHECK(block_of(lans(256)) == BlockName{kLansPhone, 0, kLansTag});
  CHECK(block_of(lans(257)) == BlockName{kLansPhone, 1, kLansTag});
  CHECK(block_of(lans(257)).first() == 257);
  CHECK(block_of(lans(257)).last() == 512);
  CHECK(block_of(lans(kMaxSequence)).last() == kMaxSequence);
  CHECK_THROWS_AS(block_of(Name()), std::logic_error);
}

TEST_CASE("equal values have other commitments in another change, write or replica, and under another tag or key",
          "[commitment]") {
  const Value born(std::int64_t{16'000});
  const Name names[] = {lans(1), lans(2), lans(257), Name(8, 1, kLansTag), Name(kLansPhone, 1, kLansTag ^ 1)};
  std::set<Commitment> seen;
  for (const Name name : names) {
    CHECK(seen.insert(commit(derive_change_key(lans_block_key(), name), 0, born)).second);
  }
  CHECK(seen.insert(commit(derive_change_key(lans_block_key(), lans(1)), 1, born)).second);
  CHECK(seen.insert(commit(derive_change_key(counting<BlockKey>(1), lans(1)), 0, born)).second);
  CHECK(seen.insert(commit(derive_change_key(lans_block_key(), lans(1)), 0, Value(std::int64_t{16'001}))).second);
}

TEST_CASE("after an erasure the chain is checked as before, with the stored commitments", "[commitment]") {
  std::vector<Change> run = {opening(1), editing(), opening(3)};
  const auto before = chain(lans_root(), run, lans_lookup());
  REQUIRE(before.ok());
  const Outcome<std::vector<Commitment>> stored = commitments(run[0], lans_lookup());
  REQUIRE(stored.ok());
  run[0].writes[0].value = Value(Erased{});

  CommitmentLookup lookup = lans_lookup();
  lookup.key = [](Name name) {
    return name == lans(1) ? std::nullopt : std::optional(derive_change_key(lans_block_key(), name));
  };
  const auto without = chain(lans_root(), run, lookup);
  REQUIRE_FALSE(without.ok());
  CHECK(without.fault().code == "commitment_missing");

  lookup.stored = [&stored](Name name) { return name == lans(1) ? &*stored : nullptr; };
  const auto after = chain(lans_root(), run, lookup);
  REQUIRE(after.ok());
  CHECK(*after == *before);

  // The changes that were not erased are still bound to their values.
  run[2].writes[0].value = Value(Text{"Mai"});
  const auto altered = chain(lans_root(), run, lookup);
  REQUIRE(altered.ok());
  CHECK(altered->at(1) == before->at(1));
  CHECK(altered->at(2) != before->at(2));
}

TEST_CASE("a value that is held is checked by its key even where commitments are stored", "[commitment]") {
  const std::vector<Commitment> others(2);
  CommitmentLookup lookup = lans_lookup();
  lookup.stored = [&](Name) { return &others; };
  const auto computed = commitments(opening(), lookup);
  REQUIRE(computed.ok());
  CHECK(*computed == *commitments(opening(), lans_lookup()));
}

TEST_CASE("commitments that are more or fewer than the personal writes are none of the change", "[commitment]") {
  const std::vector<Commitment> three(3);
  CommitmentLookup lookup = lans_lookup();
  lookup.stored = [&](Name) { return &three; };
  CHECK(commitments(opening(), lookup).fault().code == "commitment_missing");
}

TEST_CASE("a list of commitments comes back from its bytes, and no other bytes are one", "[commitment]") {
  const std::vector<Commitment> list = *commitments(opening(), lans_lookup());
  const std::string bytes = join_commitments(list);
  CHECK(bytes.size() == 2 * Commitment::kSize);
  CHECK(*split_commitments(bytes) == list);
  CHECK(split_commitments("")->empty());
  CHECK(split_commitments(bytes.substr(1)).fault().code == "commitments_malformed");
}

TEST_CASE("an erased value cannot be committed to", "[commitment]") {
  CHECK_THROWS_AS(commit(ChangeKey(), 0, Value(Erased{})), std::logic_error);
}
