#include "shared/core/commitment.h"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/core/chain.h"
#include "tests/support/chain_example.h"

using namespace songsong;
using namespace songsong::example;

namespace {

CommitmentKeys lans_keys() {
  CommitmentKeys keys;
  keys.add(block_of(lans(1)), lans_block_key());
  return keys;
}

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

TEST_CASE("a key is had only for what was added", "[commitment]") {
  CommitmentKeys keys = lans_keys();
  CHECK(keys.key_for(lans(256)) == derive_change_key(lans_block_key(), lans(256)));
  CHECK_FALSE(keys.key_for(lans(257)));
  CHECK_FALSE(keys.key_for(Name(kLansPhone, 1, kLansTag ^ 1)));
  CHECK_FALSE(keys.key_for(Name(8, 1, kLansTag)));
  CHECK_FALSE(keys.key_for(Name()));
  keys.add(lans(257), counting<ChangeKey>(9));
  CHECK(keys.key_for(lans(257)) == counting<ChangeKey>(9));
}

TEST_CASE("erasing a change forgets its key and the block's, and keeps the others", "[commitment]") {
  CommitmentKeys keys = lans_keys();
  keys.erase(lans(5));
  CHECK(keys.block_keys().empty());
  CHECK(keys.change_keys().size() == kCommitmentBlock - 1);
  for (Sequence sequence = 1; sequence <= kCommitmentBlock; ++sequence) {
    const auto key = keys.key_for(lans(sequence));
    if (sequence == 5) {
      CHECK_FALSE(key);
    } else {
      CHECK(key == derive_change_key(lans_block_key(), lans(sequence)));
    }
  }
  keys.erase(lans(6));
  CHECK_FALSE(keys.key_for(lans(6)));
  CHECK(keys.key_for(lans(7)));
}

TEST_CASE("keys of changes that were never saved need not be written out", "[commitment]") {
  CommitmentKeys keys = lans_keys();
  keys.erase(lans(5), 7);
  CHECK(keys.change_keys().size() == 6);
  CHECK(keys.key_for(lans(7)));
  CHECK_FALSE(keys.key_for(lans(8)));
}

TEST_CASE("erasing leaves other blocks and tags whole", "[commitment]") {
  CommitmentKeys keys = lans_keys();
  const Name of_the_copy(kLansPhone, 5, kLansTag ^ 1);
  keys.add(block_of(of_the_copy), counting<BlockKey>(50));
  keys.add(block_of(lans(300)), counting<BlockKey>(60));
  keys.erase(lans(5));
  CHECK(keys.block_keys().size() == 2);
  CHECK(keys.key_for(of_the_copy) == derive_change_key(counting<BlockKey>(50), of_the_copy));
  CHECK(keys.key_for(lans(300)) == derive_change_key(counting<BlockKey>(60), lans(300)));
}

TEST_CASE("an erased change's key is not taken in again from a backup or a late phone", "[commitment]") {
  CommitmentKeys keys;
  keys.erase(lans(5));  // the register of erasures is applied first
  keys.add(block_of(lans(5)), lans_block_key());
  keys.add(lans(5), derive_change_key(lans_block_key(), lans(5)));
  CHECK(keys.block_keys().empty());
  CHECK_FALSE(keys.key_for(lans(5)));
  CHECK(keys.key_for(lans(4)) == derive_change_key(lans_block_key(), lans(4)));
  CHECK(keys.erased() == std::set<Name>{lans(5)});
  // An erasure under another tag does not touch this block.
  CommitmentKeys others;
  others.erase(Name(kLansPhone, 5, kLansTag ^ 1));
  others.add(block_of(lans(5)), lans_block_key());
  CHECK(others.block_keys().size() == 1);
}

TEST_CASE("after an erasure the chain is checked as before, with the stored commitments", "[commitment]") {
  std::vector<Change> run = {opening(1), editing(), opening(3)};
  CommitmentKeys keys = lans_keys();
  const auto before = chain(lans_root(), run, lookup_in(keys));
  REQUIRE(before.ok());

  const auto committed = commitments(run[0], lookup_in(keys));
  REQUIRE(committed.ok());
  const std::map<std::pair<Name, std::size_t>, Commitment> stored = {{{lans(1), 0}, committed->at(0)},
                                                                     {{lans(1), 2}, committed->at(1)}};
  keys.erase(lans(1));
  run[0].writes[0].value = Value(Erased{});

  CommitmentLookup lookup = lookup_in(keys);
  const auto without = chain(lans_root(), run, lookup);
  REQUIRE_FALSE(without.ok());
  CHECK(without.fault().code == "commitment_missing");

  lookup.stored = [&stored](Name name, std::size_t write) {
    const auto at = stored.find({name, write});
    return at == stored.end() ? std::nullopt : std::optional(at->second);
  };
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

TEST_CASE("a value that is held is checked by its key even where a commitment is stored", "[commitment]") {
  CommitmentLookup lookup = lans_lookup();
  lookup.stored = [](Name, std::size_t) { return std::optional(Commitment{}); };
  const auto computed = commitments(opening(), lookup);
  REQUIRE(computed.ok());
  CHECK(*computed == *commitments(opening(), lans_lookup()));
}

TEST_CASE("an erased value cannot be committed to", "[commitment]") {
  CHECK_THROWS_AS(commit(ChangeKey(), 0, Value(Erased{})), std::logic_error);
}
