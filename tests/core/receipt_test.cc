#include "shared/core/receipt.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/chain_example.h"
#include "tests/support/random.h"

using namespace songsong;
using namespace songsong::example;

namespace {

// The district's server signs with the key of the examples.
KeyPair district() { return KeyPair(lans_seed()); }

std::vector<ChainHash> lans_chain() {
  const std::vector<Change> run = {opening(), editing()};
  return chain(root_hash(kLansPhone, district().public_key()), run, lans_lookup()).value();
}

Receipt for_lan() {
  Receipt receipt;
  receipt.epoch = 3;
  receipt.held = lans(2);
  receipt.hash = lans_chain()[1];
  receipt.released = 1;
  receipt.issued_ms = 1788000060000;
  sign(receipt, district());
  return receipt;
}

}  // namespace

TEST_CASE("the district's receipt has the bytes of FORMAT.md", "[receipt]") {
  CHECK(to_hex(encode(for_lan())) ==
        "017f8dde51a6ab4be90300000700002abcde77b51325c465418a3f72eda98c76014255a08fa21339a1faa471eacbd41f3de201c089de"
        "d1896883ecbcf08d4c0a639dac0c91c97afa6bc98666dc26aaad9df1565f3065404e381b29785819a5e79530c9b50dc32d4aca143afa"
        "93ec7a05d498b71cd64b337806");
}

TEST_CASE("a receipt comes back as it was", "[receipt]") {
  std::vector<Receipt> receipts(4, for_lan());
  receipts[1].epoch = std::numeric_limits<std::uint64_t>::max();
  receipts[1].issued_ms = INT64_MIN;
  receipts[2].held = Name(kMaxReplica, kMaxSequence, kMaxTag);
  receipts[2].released = kMaxSequence;
  receipts[2].issued_ms = INT64_MAX;
  receipts[3].epoch = 0;
  receipts[3].held = Name(1, 1, 0);
  receipts[3].released = 0;
  for (Receipt& receipt : receipts) {
    sign(receipt, district());
    const auto back = decode_receipt(encode(receipt));
    REQUIRE(back.ok());
    CHECK(*back == receipt);
    CHECK(verify(*back, district().public_key()));
  }
}

TEST_CASE("a receipt altered in any bit is refused", "[receipt]") {
  int decoded = 0;
  for (const std::string& flipped : bit_flips(encode(for_lan()))) {
    const auto receipt = decode_receipt(flipped);
    if (!receipt.ok()) continue;
    ++decoded;
    CHECK_FALSE(verify(*receipt, district().public_key()));
  }
  CHECK(decoded > 500);  // most flips leave something that reads as a receipt
}

TEST_CASE("a receipt that is cut, too long or of another version is no receipt", "[receipt]") {
  const std::string whole = encode(for_lan());
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(decode_receipt(whole.substr(0, size)).ok());
  CHECK(decode_receipt(whole + '\0').fault().code == "receipt_malformed");
  CHECK(decode_receipt('\2' + whole.substr(1)).fault().code == "receipt_version");
}

TEST_CASE("a receipt that contradicts itself is neither read nor signed", "[receipt]") {
  std::vector<Receipt> receipts(3, for_lan());
  receipts[0].released = 3;  // beyond what is held
  receipts[1].held = Name(kLansPhone, 0, kLansTag);
  receipts[1].released = 0;
  receipts[2].held = Name(0, 2, kLansTag);
  for (Receipt& receipt : receipts) {
    const auto back = decode_receipt(encode(receipt));
    REQUIRE_FALSE(back.ok());
    CHECK(back.fault().code == "receipt_malformed");
    CHECK_THROWS_AS(sign(receipt, district()), std::logic_error);
  }
}

TEST_CASE("random bytes are no receipt", "[receipt][property]") {
  Random random(20260902);
  INFO("seed " << random.seed());
  for (int run = 0; run < 20'000; ++run) {
    std::string bytes(static_cast<std::size_t>(random.between(0, 140)), '\1');
    for (std::size_t i = 1; i < bytes.size(); ++i) bytes[i] = static_cast<char>(random.below(256));
    const auto receipt = decode_receipt(bytes);
    if (receipt.ok()) CHECK_FALSE(verify(*receipt, district().public_key()));
  }
}

TEST_CASE("only the server's own key vouches for a receipt", "[receipt]") {
  const KeyPair other(counting<SigningSeed>(99));
  CHECK_FALSE(verify(for_lan(), other.public_key()));
  Receipt forged = for_lan();
  sign(forged, other);
  CHECK(verify(forged, other.public_key()));
  CHECK_FALSE(verify(forged, district().public_key()));
  forged.server_key = key_id(district().public_key());
  CHECK_FALSE(verify(forged, district().public_key()));

  // Rightly signed, but naming another key than the one it was signed with.
  Receipt misnamed = for_lan();
  misnamed.server_key = key_id(other.public_key());
  const std::string unsigned_part = encode(misnamed).substr(0, encode(misnamed).size() - Signature::kSize);
  misnamed.signature = district().sign(SignatureDomain::kReceipt, unsigned_part);
  CHECK(verify(district().public_key(), SignatureDomain::kReceipt, unsigned_part, misnamed.signature));
  CHECK_FALSE(verify(misnamed, district().public_key()));
}

TEST_CASE("a phone heeds only a receipt on its own path", "[receipt]") {
  const std::vector<ChainHash> own = lans_chain();
  const auto own_hash = [&own](Sequence sequence) {
    return sequence >= 1 && sequence <= own.size() ? std::optional(own[sequence - 1]) : std::nullopt;
  };
  const Receipt receipt = for_lan();
  CHECK(concerns(receipt, kLansPhone, own_hash));
  CHECK_FALSE(concerns(receipt, kLansPhone + 1, own_hash));

  Receipt of_a_copy = receipt;  // the same sequence, another hash: the phone was copied, and the copy went another way
  of_a_copy.hash.bytes[0] ^= 1;
  CHECK_FALSE(concerns(of_a_copy, kLansPhone, own_hash));

  Receipt ahead = receipt;  // put back from its backup, the phone no longer has what the receipt speaks of
  ahead.held = lans(3);
  CHECK_FALSE(concerns(ahead, kLansPhone, own_hash));
}
