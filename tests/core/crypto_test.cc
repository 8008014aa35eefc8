#include "shared/core/crypto.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <new>
#include <string>
#include <vector>

using namespace songsong;

namespace {

using Secret = SecretBytes<struct TestSecretKind, 32>;

std::array<std::uint8_t, 32> all(std::uint8_t byte) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(byte);
  return bytes;
}

std::string hex(const Hash256& hash) { return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()}); }

}  // namespace

TEST_CASE("libsodium's fastest code gives the hashes and signatures of its plain code", "[crypto]") {
  constexpr HashDomain domain("songsong chain 1");
  const std::string message(1'000, 'x');
  const Hash256 plain = hash256(domain, message);
  SigningKey key;
  PublicKey public_key;
  make_signing_key(SigningSeed(all(7)), key, public_key);
  const Signature signature = ed25519_sign(key, message);
  CHECK_NOTHROW(init_crypto());
  CHECK_NOTHROW(init_crypto());
  CHECK(hash256(domain, message) == plain);
  CHECK(ed25519_sign(key, message) == signature);
  CHECK(ed25519_verify(public_key, message, signature));
}

TEST_CASE("Ed25519 is that of RFC 8032, section 7.1, test 1", "[crypto]") {
  const auto seed = FixedBytes<struct SeedKind, 32>::from_hex(
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "seed");
  REQUIRE(seed.ok());
  SigningKey key;
  PublicKey public_key;
  make_signing_key(SigningSeed(seed->bytes), key, public_key);
  CHECK(to_text(public_key) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(to_text(ed25519_sign(key, "")) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
        "be24655141438e7a100b");
}

TEST_CASE("a hash depends on domain, key and message", "[crypto]") {
  constexpr HashDomain one("songsong one");
  constexpr HashDomain two("songsong two");
  const Hash256 hash = hash256(one, "abc");
  CHECK(hash256(two, "abc") != hash);
  CHECK(hash256(one, "abd") != hash);
  CHECK(keyed_hash256(one, all(0), "abc") != hash);
  CHECK(keyed_hash256(one, all(0), "abc") != keyed_hash256(one, all(1), "abc"));
  Secret derived, other;
  derive_key(one, all(0), 1, derived.fill());
  derive_key(one, all(0), std::uint64_t{1} << 63, other.fill());
  CHECK_FALSE(derived == other);
  CHECK(hex(hash).size() == 64);
}

TEST_CASE("a secret is wiped when it goes", "[crypto]") {
  alignas(Secret) std::array<std::uint8_t, sizeof(Secret)> memory{};
  auto* secret = new (memory.data()) Secret(all(0xA5));
  CHECK(memory == all(0xA5));
  std::destroy_at(secret);
  CHECK(memory == all(0));
}

TEST_CASE("secrets compare, and come from bytes of their length only", "[crypto]") {
  CHECK(Secret(all(1)) == Secret(all(1)));
  CHECK_FALSE(Secret(all(1)) == Secret(all(2)));
  CHECK(Secret::from_bytes(std::string(32, '\1'), "key").value() == Secret(all(1)));
  CHECK(Secret::from_bytes(std::string(31, '\1'), "key").fault().code == "wrong_length");
  CHECK_FALSE(equal_secrets(all(1), std::span<const std::uint8_t>(all(1)).first(31)));
}

TEST_CASE("bytes have one text in base64url, and whatever else is typed is refused", "[crypto]") {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  for (std::size_t cut = 0; cut < 4; ++cut) {
    const std::string bytes = all_bytes.substr(cut);
    CHECK(from_base64url(to_base64url(bytes)).value() == bytes);
  }
  // Bits that stand for nothing, padding, the other alphabet, a byte that is no ASCII, a space.
  for (const char* const text : {"AB", "A", "AA==", "AB-+", "AB-\xE1", "AB- ", " AA"})
    CHECK(from_base64url(text).fault().code == "base64_malformed");
}
