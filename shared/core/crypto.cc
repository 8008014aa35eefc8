#include "shared/core/crypto.h"

#include <sodium.h>

#include <stdexcept>

namespace songsong {
namespace {

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

void blake2b(std::span<std::uint8_t, 32> out, const HashDomain& domain, std::span<const std::uint8_t> key,
             const std::uint8_t* salt, std::string_view message) {
  const int failed =
      crypto_generichash_blake2b_salt_personal(out.data(), out.size(), octets(message), message.size(),
                                               key.empty() ? nullptr : key.data(), key.size(), salt, domain.data());
  if (failed != 0) throw std::logic_error("BLAKE2b was given lengths that it does not take.");
}

}  // namespace

void init_crypto() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not be initialised.");
}

void wipe(std::span<std::uint8_t> memory) { sodium_memzero(memory.data(), memory.size()); }

bool equal_secrets(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other) {
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

bool equal_secrets(std::string_view one, std::string_view other) {
  return equal_secrets(std::span(octets(one), one.size()), std::span(octets(other), other.size()));
}

Hash256 hash256(const HashDomain& domain, std::string_view message) {
  Hash256 hash;
  blake2b(hash, domain, {}, nullptr, message);
  return hash;
}

Hash256 keyed_hash256(const HashDomain& domain, std::span<const std::uint8_t, 32> key, std::string_view message) {
  Hash256 hash;
  blake2b(hash, domain, key, nullptr, message);
  return hash;
}

void derive_key(const HashDomain& domain, std::span<const std::uint8_t, 32> key, std::uint64_t number,
                std::span<std::uint8_t, 32> derived) {
  std::array<std::uint8_t, crypto_generichash_blake2b_SALTBYTES> salt{};
  for (std::size_t i = 0; i < 8; ++i) salt[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  blake2b(derived, domain, key, salt.data(), {});
}

bool stretch(std::string_view password, const StretchSalt& salt, const StretchCost& cost, StretchedKey& key) {
  static_assert(StretchSalt::kSize == crypto_pwhash_SALTBYTES);
  const char* const letters = password.empty() ? "" : password.data();  // null is none that libsodium takes
  return crypto_pwhash(key.fill().data(), StretchedKey::kSize, letters, password.size(), salt.bytes.data(), cost.passes,
                       std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

void sha256(std::string_view message, std::span<std::uint8_t, 32> hash) {
  crypto_hash_sha256(hash.data(), octets(message), message.size());
}

void make_signing_key(const SigningSeed& seed, SigningKey& key, PublicKey& public_key) {
  static_assert(SigningSeed::kSize == crypto_sign_ed25519_SEEDBYTES);
  static_assert(SigningKey::kSize == crypto_sign_ed25519_SECRETKEYBYTES);
  static_assert(PublicKey::kSize == crypto_sign_ed25519_PUBLICKEYBYTES);
  static_assert(Signature::kSize == crypto_sign_ed25519_BYTES);
  crypto_sign_ed25519_seed_keypair(public_key.bytes.data(), key.fill().data(), seed.view().data());
}

Signature ed25519_sign(const SigningKey& key, std::string_view message) {
  Signature signature;
  crypto_sign_ed25519_detached(signature.bytes.data(), nullptr, octets(message), message.size(), key.view().data());
  return signature;
}

bool ed25519_verify(const PublicKey& key, std::string_view message, const Signature& signature) {
  return crypto_sign_ed25519_verify_detached(signature.bytes.data(), octets(message), message.size(),
                                             key.bytes.data()) == 0;
}

bool x25519_of_ed25519(const SigningKey& own, const PublicKey& other, std::span<std::uint8_t, 32> shared) {
  std::array<std::uint8_t, crypto_scalarmult_curve25519_BYTES> point{};
  SecretBytes<struct ScalarKind, crypto_scalarmult_curve25519_SCALARBYTES> scalar;
  if (crypto_sign_ed25519_pk_to_curve25519(point.data(), other.bytes.data()) != 0) return false;
  if (crypto_sign_ed25519_sk_to_curve25519(scalar.fill().data(), own.view().data()) != 0) return false;
  return crypto_scalarmult_curve25519(shared.data(), scalar.view().data(), point.data()) == 0;
}

std::string to_base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), kVariant);
  text.pop_back();  // the terminating zero
  return text;
}

Outcome<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const int failed =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  bytes.resize(failed == 0 ? length : 0);
  // libsodium 1.0.18 reads any byte above 127 as '_', so the bytes are asked for their text.
  if (failed != 0 || to_base64url(bytes) != text)
    return Fault{.code = "base64_malformed", .where = "text", .what = "It is not base64url."};
  return bytes;
}

}  // namespace songsong
