// PIN: how the key of a sealed replica is kept on its device, so that whoever finds the device has to guess.
//
// The key is drawn once and never altered; what lies on the device is that key, sealed under another that Argon2id
// stretches out of the PIN. A new PIN seals it anew, and nothing else has to be written again.
//
//   version 1 · passes:varint · memory in KiB:varint · salt:16 · nonce:24 · sealed key:32 · tag:16
//
// A PIN is compared in NFC and may be a sentence. Six digits hold off a finder, not somebody with a laboratory: at
// kPinCost a million guesses take a core of a server two days. A sentence holds. Pure functions (salt and nonce come
// in), any thread; they take the cost's time and memory.
#pragma once

#include <string>
#include <string_view>

#include "shared/core/crypto.h"
#include "shared/core/outcome.h"
#include "shared/core/sealing.h"

namespace songsong {

// The memory of the second of the two that RFC 9106, section 4, recommends, which a phone has, and more passes than its
// three, since a PIN is short: a fifth of a second on a server, about one on a phone.
inline constexpr StretchCost kPinCost{.passes = 8, .memory_kib = 64 * 1024};

inline constexpr std::size_t kLeastPinLetters = 6;  // code points

// Fault "pin_weak" of one that is too short, one sign again and again, or a row of signs such as 123456; those of
// to_nfc.
Outcome<Done> check_new_pin(std::string_view pin);

// The kept form. Faults of to_nfc; "memory_short".
Outcome<std::string> keep_key(const SealKey& key, std::string_view pin, const StretchSalt& salt, const SealNonce& nonce,
                              const StretchCost& cost = kPinCost);
// Faults "pin_wrong"; "storage_damaged" of a kept form that cannot be read; "memory_short".
Outcome<SealKey> open_key(std::string_view kept, std::string_view pin);

}  // namespace songsong
