// Bounds on what a kind may declare. songsong-schemac refuses a schema beyond them, and the engine a policy table.
// They protect what is stored: raising one is safe, lowering one is not.
#pragma once

#include <cstddef>
#include <cstdint>

namespace songsong::schema {

// Far beyond any form book, low enough that looking for loops among them takes no time.
inline constexpr int kMaxKinds = 1000;
inline constexpr int kMaxMeasures = 1000;

// A group of fields is a register of its own, beside the fields, so the two ranges are apart.
inline constexpr std::uint32_t kMaxFieldNumber = 999;
inline constexpr std::uint32_t kFirstGroupNumber = 1000;
inline constexpr std::uint32_t kLastGroupNumber = 1999;

// Lengths are in code points. The greatest one keeps a text of four-byte characters below what one value may hold.
inline constexpr std::uint32_t kDefaultMaxLength = 1000;
inline constexpr std::uint32_t kGreatestMaxLength = 16000;

// Matchers take stack for every character, so patterns and what is held against one are short: codes and numbers.
inline constexpr std::uint32_t kMaxPatternLength = 256;
inline constexpr std::uint32_t kMaxPatternedText = 256;

}  // namespace songsong::schema
