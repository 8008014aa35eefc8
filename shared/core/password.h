// Passwords: how one is kept so that whoever reads the store still does not know it, and how it is made up for people.
//
// A kept password is Argon2id's key of it (crypto.h) with its salt and cost beside it, so that the cost can grow later:
//   version 1 · passes:varint · memory in KiB:varint · salt:16 · key:32
//
// Passwords are compared in NFC: one keyboard writes a letter and its marks apart, another together. Pure functions
// (salts and chance come in), any thread; hashing and checking take the cost's time and memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/core/crypto.h"
#include "shared/core/outcome.h"

namespace songsong {

// The least that OWASP's Password Storage Cheat Sheet has for Argon2id (19 MiB, two passes, one lane), so that a small
// server can check several at once. Whatever is stored may cost at most as much as kMostCost.
inline constexpr StretchCost kSignInCost{.passes = 2, .memory_kib = 19 * 1024};
inline constexpr StretchCost kMostCost{.passes = 16, .memory_kib = 1024 * 1024};

inline constexpr std::size_t kLeastPasswordLetters = 10;  // code points
inline constexpr std::size_t kMaxPasswordBytes = 1024;

// Fault "password_weak" of one that is too short or one letter again and again; those of to_nfc.
Outcome<Done> check_new_password(std::string_view password);

// As it is compared. `where` names it in the faults: those of to_nfc, and of one that is too long to be one.
Outcome<std::string> readable_secret(std::string_view secret, const char* where);
Fault no_memory_to_check(const char* where);

// The kept form. Faults of to_nfc; "memory_short".
Outcome<std::string> keep_password(std::string_view password, const StretchSalt& salt,
                                   const StretchCost& cost = kSignInCost);
// Whether it is the one that was kept. Faults "storage_damaged" of a kept form that cannot be read; "memory_short". A
// password that cannot be one (not UTF-8, too long) is not the one.
Outcome<bool> is_password(std::string_view kept, std::string_view password);

// Sixteen letters and digits that nobody takes for one another (Crockford's base 32, lower case), in groups of four: 80
// bits. `chance` is 10 bytes of it.
std::string made_password(std::span<const std::uint8_t, 10> chance);

}  // namespace songsong
