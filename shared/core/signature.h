// Signatures: who vouches for a piece, a receipt, a ticket or an answer. Ed25519 (RFC 8032), over
//
//   domain   16 bytes of ASCII padded with zeroes, so that nothing signed for one purpose is taken for another
//   message  as its owner lays it out; it must read in one way only
//
// Pure functions, any thread. A KeyPair is a value that wipes itself; its seed comes from the caller. Checking returns
// false for whatever does not fit, and never throws because of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/core/chain.h"
#include "shared/core/crypto.h"
#include "shared/core/name.h"

namespace songsong {

// The texts in signature.cc are part of every signature and may not change.
enum class SignatureDomain : std::uint8_t { kPiece, kReceipt, kTicket, kAnswer };

class KeyPair {
 public:
  explicit KeyPair(const SigningSeed& seed) { make_signing_key(seed, secret_, public_key_); }

  const PublicKey& public_key() const { return public_key_; }
  Signature sign(SignatureDomain domain, std::string_view message) const;
  // x25519_of_ed25519 with this secret key.
  bool agree(const PublicKey& other, std::span<std::uint8_t, 32> shared) const {
    return x25519_of_ed25519(secret_, other, shared);
  }
  // What was sealed to this public key (sealing.h). Fault "seal_broken".
  Outcome<std::string> open_sealed(std::string_view sealed) const;

 private:
  SigningKey secret_;
  PublicKey public_key_;
};

bool verify(const PublicKey& key, SignatureDomain domain, std::string_view message, const Signature& signature);

// The first 8 bytes of a hash of a public key: says which of a few trusted keys to check with. No proof of anything.
using KeyId = FixedBytes<struct KeyIdKind, 8>;
KeyId key_id(const PublicKey& key);

// What the signature of a piece covers. The hashes cover the changes between them.
struct PieceSeal {
  std::uint32_t protocol_revision = 0;
  ReplicaId replica = 0;
  Sequence first = 0;
  std::uint32_t count = 0;
  ChainHash before;
  ChainHash after;

  bool operator==(const PieceSeal&) const = default;
};

Signature sign_piece(const KeyPair& keys, const PieceSeal& seal);
bool verify_piece(const PublicKey& key, const PieceSeal& seal, const Signature& signature);

}  // namespace songsong
