// The message of a piece: protocol revision, replica, first sequence, count (varints), then the hash before and the
// hash after (32 bytes each).
#include "shared/core/signature.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "shared/core/byte_reader.h"
#include "shared/core/sealing.h"

namespace songsong {
namespace {

constexpr HashDomain kKeyIdDomain("songsong keyid 1");
constexpr std::size_t kPrefixBytes = 16;

std::string_view domain_text(SignatureDomain domain) {
  switch (domain) {
    case SignatureDomain::kPiece:
      return "songsong piece 1";
    case SignatureDomain::kReceipt:
      return "songsong rcpt 1";
    case SignatureDomain::kTicket:
      return "songsong tickt 1";
    case SignatureDomain::kAnswer:
      return "songsong answr 1";
  }
  throw std::logic_error("A signature needs one of the declared domains.");
}

std::string with_domain(SignatureDomain domain, std::string_view message) {
  std::string prefixed;
  prefixed.reserve(kPrefixBytes + message.size());
  prefixed.append(domain_text(domain));
  prefixed.resize(kPrefixBytes, '\0');
  prefixed.append(message);
  return prefixed;
}

std::string seal_message(const PieceSeal& seal) {
  ByteWriter message;
  message.varint(seal.protocol_revision);
  message.varint(seal.replica);
  message.varint(seal.first);
  message.varint(seal.count);
  message.raw_bytes(seal.before.view());
  message.raw_bytes(seal.after.view());
  return std::move(message).take();
}

}  // namespace

Outcome<std::string> KeyPair::open_sealed(std::string_view sealed) const { return open_own(secret_, sealed); }

Signature KeyPair::sign(SignatureDomain domain, std::string_view message) const {
  return ed25519_sign(secret_, with_domain(domain, message));
}

bool verify(const PublicKey& key, SignatureDomain domain, std::string_view message, const Signature& signature) {
  return ed25519_verify(key, with_domain(domain, message), signature);
}

KeyId key_id(const PublicKey& key) {
  const Hash256 hash = hash256(kKeyIdDomain, key.view());
  KeyId id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

Signature sign_piece(const KeyPair& keys, const PieceSeal& seal) {
  return keys.sign(SignatureDomain::kPiece, seal_message(seal));
}

bool verify_piece(const PublicKey& key, const PieceSeal& seal, const Signature& signature) {
  return verify(key, SignatureDomain::kPiece, seal_message(seal), signature);
}

}  // namespace songsong
