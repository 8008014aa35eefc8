// The one coat over libsodium: BLAKE2b with a domain, Ed25519, and secrets that leave nothing behind in memory.
//
// Hashes are BLAKE2b (RFC 7693) with the domain in its personalisation, so that a hash made for one purpose is never
// one for another. Signatures are Ed25519 (RFC 8032) as libsodium makes and checks them: a signature with S out of
// range, and a key of small order, are refused.
//
// A program calls init_crypto() once before it starts threads; it lets libsodium choose its fastest code. Results do
// not depend on that choice, and all functions are pure and may be called from any thread. Nothing here draws random
// numbers: seeds and keys come in as parameters.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/core/fixed_bytes.h"

namespace songsong {

// Throws std::runtime_error if libsodium cannot be used. May be called again, from any thread.
void init_crypto();

// Zeroes memory in a way that no optimiser removes.
void wipe(std::span<std::uint8_t> memory);
// Compares without telling by its time where two secrets of one length differ.
bool equal_secrets(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other);
bool equal_secrets(std::string_view one, std::string_view other);

// Bytes that are wiped when they go. Copies are wiped each by itself. Not ordered and without a text form, so that a
// secret is neither sorted nor printed by accident.
template <class Kind, std::size_t Size>
class SecretBytes {
 public:
  static constexpr std::size_t kSize = Size;

  SecretBytes() = default;
  explicit SecretBytes(const std::array<std::uint8_t, Size>& bytes) : bytes_(bytes) {}
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(bytes_); }

  static Outcome<SecretBytes> from_bytes(std::string_view raw, std::string_view where) {
    if (raw.size() != Size) return wrong_length(where, Size, raw.size());
    SecretBytes made;
    std::copy(raw.begin(), raw.end(), made.bytes_.begin());
    return made;
  }

  std::span<const std::uint8_t, Size> view() const { return bytes_; }
  // For the function that fills in a secret where it stays.
  std::span<std::uint8_t, Size> fill() { return bytes_; }

  bool operator==(const SecretBytes& other) const { return equal_secrets(bytes_, other.bytes_); }

 private:
  std::array<std::uint8_t, Size> bytes_{};
};

using Hash256 = std::array<std::uint8_t, 32>;

// What a hash is for: 1 to 16 bytes of ASCII, padded with zeroes. Stored hashes depend on it; it may not change.
class HashDomain {
 public:
  template <std::size_t Length>
  explicit consteval HashDomain(const char (&name)[Length]) {
    static_assert(Length >= 2 && Length <= 17);
    for (std::size_t i = 0; i + 1 < Length; ++i) bytes_[i] = static_cast<std::uint8_t>(name[i]);
  }
  const std::uint8_t* data() const { return bytes_.data(); }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// BLAKE2b-256 of the message, with the domain as personalisation.
Hash256 hash256(const HashDomain& domain, std::string_view message);
// Keyed BLAKE2b-256 of the message, with the domain as personalisation.
Hash256 keyed_hash256(const HashDomain& domain, std::span<const std::uint8_t, 32> key, std::string_view message);
// A key out of a key: keyed BLAKE2b-256 of nothing, with `number` (8 bytes, big-endian, then 8 zeroes) as salt and the
// domain as personalisation. The construction is libsodium's crypto_kdf, with the whole domain and our byte order.
void derive_key(const HashDomain& domain, std::span<const std::uint8_t, 32> key, std::uint64_t number,
                std::span<std::uint8_t, 32> derived);

// SHA-256 (FIPS 180-4), where others work it out as well; what is ours is hashed under a domain.
void sha256(std::string_view message, std::span<std::uint8_t, 32> hash);

using PublicKey = FixedBytes<struct PublicKeyKind, 32>;
using Signature = FixedBytes<struct SignatureKind, 64>;
using SigningSeed = SecretBytes<struct SigningSeedKind, 32>;
using SigningKey = SecretBytes<struct SigningKeyKind, 64>;  // seed, then public key

void make_signing_key(const SigningSeed& seed, SigningKey& key, PublicKey& public_key);
// Over the bare bytes; signature.h puts a domain before them, and is what others use.
Signature ed25519_sign(const SigningKey& key, std::string_view message);
bool ed25519_verify(const PublicKey& key, std::string_view message, const Signature& signature);

// What the owner of `own` and the owner of `other` both can work out, and nobody else: X25519 (RFC 7748) of their
// Ed25519 keys. Not yet a key: it has to be hashed. False where `other` is no usable point.
bool x25519_of_ed25519(const SigningKey& own, const PublicKey& other, std::span<std::uint8_t, 32> shared);

// Argon2id (RFC 9106), version 1.3, one lane, which is what libsodium has.
struct StretchCost {
  std::uint32_t passes = 0;
  std::uint32_t memory_kib = 0;

  bool operator==(const StretchCost&) const = default;
};
using StretchSalt = FixedBytes<struct StretchSaltKind, 16>;
using StretchedKey = SecretBytes<struct StretchedKeyKind, 32>;
// Slow on purpose, and takes `memory_kib` while it works. False where the system does not give that much, or the cost
// is one that Argon2id does not take.
bool stretch(std::string_view password, const StretchSalt& salt, const StretchCost& cost, StretchedKey& key);

// base64url without padding (RFC 4648, section 5). Decoding fails ("base64_malformed") on any other character.
std::string to_base64url(std::string_view bytes);
Outcome<std::string> from_base64url(std::string_view text);

}  // namespace songsong
