#include "shared/core/signature.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "tests/support/chain_example.h"

using namespace songsong;
using namespace songsong::example;

namespace {

constexpr SignatureDomain kDomains[] = {SignatureDomain::kPiece, SignatureDomain::kReceipt, SignatureDomain::kTicket,
                                        SignatureDomain::kAnswer};

KeyPair lans_keys() { return KeyPair(lans_seed()); }

PieceSeal lans_piece() {
  PieceSeal seal;
  seal.protocol_revision = 1;
  seal.replica = kLansPhone;
  seal.first = 1;
  seal.count = 2;
  seal.before = root_hash(kLansPhone, lans_keys().public_key());
  const std::vector<Change> run = {opening(), editing()};
  seal.after = chain(seal.before, run, lans_lookup()).value().back();
  return seal;
}

}  // namespace

TEST_CASE("Lan's keys and signatures are those of FORMAT.md", "[signature]") {
  CHECK(to_text(lans_keys().public_key()) == "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7");
  CHECK(to_text(key_id(lans_keys().public_key())) == "7f8dde51a6ab4be9");
  CHECK(to_text(sign_piece(lans_keys(), lans_piece())) ==
        "e99d1cd941e3c355b5cba654a2ea3170f47e8d9c6cf3883ba5500120d32871a95f13c69d6b709f1e6c113afc1e2ad2c9b4995fcb36d6"
        "23e3b4639b12711fdd0c");
  CHECK(to_text(lans_keys().sign(SignatureDomain::kTicket, "abc")) ==
        "b2e6456c58bada2d27871cade3f2a40e399bbe41c429577b7672c09cecaf71cdbb2164761afed562284aef6c22dde48c6c9459ae3481"
        "476c89de6de95c72070a");
  CHECK(to_text(lans_keys().sign(SignatureDomain::kAnswer, "abc")) ==
        "6b572d94b56fe4eeec36092bc1555be4282555edb03c1ff8b49da6b4c89f6665de25745437ff1b0dcd4ba5df8a9f9e1582fa19d29319"
        "6d3c458c21c6ebe1950f");
}

TEST_CASE("a signature is good for its own domain only", "[signature]") {
  const KeyPair keys = lans_keys();
  for (const SignatureDomain signed_for : kDomains) {
    const Signature signature = keys.sign(signed_for, "a day's work");
    for (const SignatureDomain asked : kDomains) {
      CHECK(verify(keys.public_key(), asked, "a day's work", signature) == (asked == signed_for));
    }
  }
}

TEST_CASE("a signature under another key, of another message, or altered in any bit is refused", "[signature]") {
  const KeyPair keys = lans_keys();
  const std::string message = "a day's work";
  const Signature signature = keys.sign(SignatureDomain::kTicket, message);
  CHECK(verify(keys.public_key(), SignatureDomain::kTicket, message, signature));
  const KeyPair minhs(counting<SigningSeed>(33));
  CHECK_FALSE(verify(minhs.public_key(), SignatureDomain::kTicket, message, signature));
  CHECK_FALSE(verify(PublicKey(), SignatureDomain::kTicket, message, signature));
  CHECK_FALSE(verify(keys.public_key(), SignatureDomain::kTicket, message + '\0', signature));
  CHECK_FALSE(verify(keys.public_key(), SignatureDomain::kTicket, "", signature));
  for (const std::string& flipped : bit_flips(message)) {
    CHECK_FALSE(verify(keys.public_key(), SignatureDomain::kTicket, flipped, signature));
  }
  for (const std::string& flipped : bit_flips(std::string(signature.view()))) {
    const auto altered = Signature::from_bytes(flipped, "signature");
    REQUIRE(altered.ok());
    CHECK_FALSE(verify(keys.public_key(), SignatureDomain::kTicket, message, *altered));
  }
  for (const std::string& flipped : bit_flips(std::string(keys.public_key().view()))) {
    const auto altered = PublicKey::from_bytes(flipped, "key");
    REQUIRE(altered.ok());
    CHECK_FALSE(verify(*altered, SignatureDomain::kTicket, message, signature));
  }
}

TEST_CASE("a signature that is cut or too long is not taken for one", "[signature]") {
  const Signature signature = lans_keys().sign(SignatureDomain::kPiece, "abc");
  const std::string whole(signature.view());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = Signature::from_bytes(whole.substr(0, size), "piece.signature");
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.fault().code == "wrong_length");
    CHECK(cut.fault().where == "piece.signature");
  }
  CHECK_FALSE(Signature::from_bytes(whole + '\0', "piece.signature").ok());
  CHECK(Signature::from_bytes(whole, "piece.signature").value() == signature);
}

TEST_CASE("every part of a piece's seal is signed", "[signature]") {
  const KeyPair keys = lans_keys();
  const PieceSeal seal = lans_piece();
  const Signature signature = sign_piece(keys, seal);
  CHECK(verify_piece(keys.public_key(), seal, signature));

  std::vector<PieceSeal> altered(8, seal);
  altered[0].protocol_revision ^= 1;
  altered[1].replica ^= 1;
  altered[2].first ^= 1;
  altered[3].count ^= 1;
  altered[4].before.bytes[0] ^= 1;
  altered[5].after.bytes[31] ^= 0x80;
  std::swap(altered[6].before, altered[6].after);
  std::swap(altered[7].first, altered[7].count);
  for (const PieceSeal& other : altered) CHECK_FALSE(verify_piece(keys.public_key(), other, signature));
}

TEST_CASE("numbers of a seal that run together are not the same seal", "[signature]") {
  const KeyPair keys = lans_keys();
  PieceSeal seal = lans_piece();
  seal.first = 1;
  seal.count = 0x101;
  const Signature signature = sign_piece(keys, seal);
  seal.first = 0x101;
  seal.count = 1;
  CHECK_FALSE(verify_piece(keys.public_key(), seal, signature));
}
