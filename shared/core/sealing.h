// Sealing: bytes that only the holder of a key can read, and that nobody alters unnoticed.
//
//   with a secret key      XChaCha20-Poly1305 (RFC 8439, with the nonce of draft-irtf-cfrg-xchacha-03), which is wide
//                          enough to be drawn
//   to somebody's key      a sealed box as libsodium has it: X25519 with a key that is used once, XSalsa20-Poly1305;
//                          whoever sealed it cannot open it again
//
// `bound` are bytes that are not in it and have to be the same when it is opened: where it lies, what it is for. All is
// libsodium's. Pure functions, any thread: keys and nonces come in, and whoever draws them sees to it that no nonce is
// used twice with one key. Opening returns a Fault "seal_broken" for what was altered, cut short or sealed with another
// key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/core/crypto.h"
#include "shared/core/outcome.h"

namespace songsong {

using SealKey = SecretBytes<struct SealKeyKind, 32>;
using SealNonce = std::array<std::uint8_t, 24>;
inline constexpr std::size_t kSealTagBytes = 16;

// Where the bytes stay, with the tag beside them.
void seal_in_place(const SealKey& key, const SealNonce& nonce, std::string_view bound, std::span<std::uint8_t> bytes,
                   std::span<std::uint8_t, kSealTagBytes> tag);
// False where they are not what was sealed; what stands in them then says nothing.
bool open_in_place(const SealKey& key, const SealNonce& nonce, std::string_view bound, std::span<std::uint8_t> bytes,
                   std::span<const std::uint8_t, kSealTagBytes> tag);

// nonce · sealed bytes · tag
std::string seal_bytes(const SealKey& key, const SealNonce& nonce, std::string_view bound, std::string_view bytes);
Outcome<std::string> open_bytes(const SealKey& key, std::string_view bound, std::string_view sealed);

// To the owner of an Ed25519 key; `once` is drawn for this box alone.
using OnceSeed = SecretBytes<struct OnceSeedKind, 32>;
Outcome<std::string> seal_to(const PublicKey& owner, const OnceSeed& once, std::string_view bytes);
Outcome<std::string> open_own(const SigningKey& own, std::string_view sealed);

}  // namespace songsong
