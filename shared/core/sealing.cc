#include "shared/core/sealing.h"

#include <sodium.h>

#include <algorithm>

namespace songsong {
namespace {

static_assert(SealKey::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(std::tuple_size_v<SealNonce> == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kSealTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(OnceSeed::kSize == crypto_box_SEEDBYTES);

using BoxSecret = SecretBytes<struct BoxSecretKind, crypto_box_SECRETKEYBYTES>;
using BoxPublic = std::array<std::uint8_t, crypto_box_PUBLICKEYBYTES>;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

Fault seal_broken() {
  return Fault{.code = "seal_broken", .where = "", .what = "This was altered, or sealed with another key."};
}

}  // namespace

void seal_in_place(const SealKey& key, const SealNonce& nonce, std::string_view bound, std::span<std::uint8_t> bytes,
                   std::span<std::uint8_t, kSealTagBytes> tag) {
  crypto_aead_xchacha20poly1305_ietf_encrypt_detached(bytes.data(), tag.data(), nullptr, bytes.data(), bytes.size(),
                                                      octets(bound), bound.size(), nullptr, nonce.data(),
                                                      key.view().data());
}

bool open_in_place(const SealKey& key, const SealNonce& nonce, std::string_view bound, std::span<std::uint8_t> bytes,
                   std::span<const std::uint8_t, kSealTagBytes> tag) {
  return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(bytes.data(), nullptr, bytes.data(), bytes.size(),
                                                             tag.data(), octets(bound), bound.size(), nonce.data(),
                                                             key.view().data()) == 0;
}

std::string seal_bytes(const SealKey& key, const SealNonce& nonce, std::string_view bound, std::string_view bytes) {
  std::string sealed(nonce.begin(), nonce.end());
  sealed.append(bytes);
  std::array<std::uint8_t, kSealTagBytes> tag{};
  seal_in_place(key, nonce, bound, std::span(octets(sealed) + nonce.size(), bytes.size()), tag);
  sealed.append(tag.begin(), tag.end());
  return sealed;
}

Outcome<std::string> open_bytes(const SealKey& key, std::string_view bound, std::string_view sealed) {
  SealNonce nonce{};
  if (sealed.size() < nonce.size() + kSealTagBytes) return seal_broken();
  std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
  std::array<std::uint8_t, kSealTagBytes> tag{};
  std::copy(sealed.end() - kSealTagBytes, sealed.end(), tag.begin());
  std::string bytes(sealed.substr(nonce.size(), sealed.size() - nonce.size() - kSealTagBytes));
  if (!open_in_place(key, nonce, bound, std::span(octets(bytes), bytes.size()), tag)) return seal_broken();
  return bytes;
}

// The box is libsodium's crypto_box_seal to the byte (key used once · box, under the nonce BLAKE2b-192 of both public
// keys), but for the key being made from `once` and not drawn.
Outcome<std::string> seal_to(const PublicKey& owner, const OnceSeed& once, std::string_view bytes) {
  BoxPublic to{};
  if (crypto_sign_ed25519_pk_to_curve25519(to.data(), owner.bytes.data()) != 0)
    return Fault{.code = "key_malformed", .where = "key", .what = "This is no public key."};
  BoxPublic from{};
  BoxSecret secret;
  crypto_box_seed_keypair(from.data(), secret.fill().data(), once.view().data());
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash_state hash;
  crypto_generichash_init(&hash, nullptr, 0, nonce.size());
  crypto_generichash_update(&hash, from.data(), from.size());
  crypto_generichash_update(&hash, to.data(), to.size());
  crypto_generichash_final(&hash, nonce.data(), nonce.size());
  std::string sealed(crypto_box_SEALBYTES + bytes.size(), '\0');
  std::copy(from.begin(), from.end(), sealed.begin());
  if (crypto_box_easy(octets(sealed) + from.size(), octets(bytes), bytes.size(), nonce.data(), to.data(),
                      secret.view().data()) != 0)
    return Fault{.code = "key_malformed", .where = "key", .what = "To this key nothing can be sealed."};
  return sealed;
}

Outcome<std::string> open_own(const SigningKey& own, std::string_view sealed) {
  if (sealed.size() < crypto_box_SEALBYTES) return seal_broken();
  BoxSecret secret;
  BoxPublic to{};
  if (crypto_sign_ed25519_sk_to_curve25519(secret.fill().data(), own.view().data()) != 0) return seal_broken();
  crypto_scalarmult_base(to.data(), secret.view().data());
  std::string bytes(sealed.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(octets(bytes), octets(sealed), sealed.size(), to.data(), secret.view().data()) != 0)
    return seal_broken();
  return bytes;
}

}  // namespace songsong
