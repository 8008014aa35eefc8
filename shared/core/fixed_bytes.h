// FixedBytes: bytes of one fixed length that mean one thing, such as a hash, a public key or a signature.
//
// `Kind` makes each meaning a type of its own, so that a key is never taken for a hash. Ordered as unsigned bytes.
//
// Text form:   lower-case hexadecimal, two digits a byte
// Binary form: the bytes
//
// A value type, copied freely, no threads, no state. Bytes and texts from outside come in through from_bytes and
// from_hex, which return a Fault for any other length or digit. Secrets are SecretBytes (crypto.h), not this.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong {

std::string to_hex(std::string_view bytes);
// Exactly 2 * size lower-case digits into `into`; false, and `into` unspecified, for anything else.
bool parse_hex(std::string_view text, std::uint8_t* into, std::size_t size);
Fault wrong_length(std::string_view where, std::size_t expected, std::size_t found);
Fault wrong_hex(std::string_view where, std::size_t expected_digits);

template <class Kind, std::size_t Size>
struct FixedBytes {
  static constexpr std::size_t kSize = Size;

  std::array<std::uint8_t, Size> bytes{};

  // `where` names the value in a Fault.
  static Outcome<FixedBytes> from_bytes(std::string_view raw, std::string_view where) {
    if (raw.size() != Size) return wrong_length(where, Size, raw.size());
    FixedBytes made;
    std::copy(raw.begin(), raw.end(), made.bytes.begin());
    return made;
  }

  static Outcome<FixedBytes> from_hex(std::string_view text, std::string_view where) {
    FixedBytes made;
    if (!parse_hex(text, made.bytes.data(), Size)) return wrong_hex(where, 2 * Size);
    return made;
  }

  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), Size}; }

  auto operator<=>(const FixedBytes&) const = default;
};

template <class Kind, std::size_t Size>
std::string to_text(const FixedBytes<Kind, Size>& value) {
  return to_hex(value.view());
}

}  // namespace songsong
