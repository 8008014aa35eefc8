// Which key binds a change, as long as there is one, and after values of its block were erased.
#include "shared/replica/keyring.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/chain_example.h"

namespace songsong {
namespace {

using namespace example;

const BlockName kBlock = block_of(lans(1));

Keyring lans_ring() {
  Keyring ring;
  ring.add(BlockKeyRow{.block = kBlock, .key = lans_block_key()});
  return ring;
}

}  // namespace

TEST_CASE("a key is had only for what was added") {
  Keyring ring = lans_ring();
  CHECK(ring.has(kBlock));
  CHECK_FALSE(ring.is_destroyed(kBlock));
  CHECK(ring.key_for(kBlock, lans(256)) == derive_change_key(lans_block_key(), lans(256)));
  CHECK_FALSE(ring.key_for(block_of(lans(257)), lans(257)));
  CHECK_FALSE(ring.key_for(block_of(Name(8, 1, kLansTag)), Name(8, 1, kLansTag)));
  ring.add(lans(257), counting<ChangeKey>(9));
  CHECK(ring.key_for(block_of(lans(257)), lans(257)) == counting<ChangeKey>(9));
}

TEST_CASE("of a block whose key was destroyed only changes with a key of their own have one") {
  Keyring ring = lans_ring();
  ring.add(lans(6), derive_change_key(lans_block_key(), lans(6)));
  ring.add(BlockKeyRow{.block = kBlock, .key = std::nullopt});
  CHECK(ring.has(kBlock));
  CHECK(ring.is_destroyed(kBlock));
  CHECK_FALSE(ring.key_for(kBlock, lans(5)));
  CHECK(ring.key_for(kBlock, lans(6)) == derive_change_key(lans_block_key(), lans(6)));
}

TEST_CASE("an erased change has no key, whatever else is held, and its commitments instead") {
  Keyring ring = lans_ring();
  const std::vector<Commitment> kept(2);
  ring.add(lans(5), counting<ChangeKey>(9));
  ring.add(ErasedRow{.name = lans(5), .version = 1, .commitments = kept});
  CHECK_FALSE(ring.key_for(kBlock, lans(5)));
  CHECK(ring.change_key(lans(5)) == nullptr);
  const CommitmentLookup lookup = ring.lookup(kBlock);
  CHECK_FALSE(lookup.key(lans(5)));
  REQUIRE(lookup.stored(lans(5)) != nullptr);
  CHECK(*lookup.stored(lans(5)) == kept);
  CHECK(lookup.stored(lans(6)) == nullptr);
}

}  // namespace songsong
