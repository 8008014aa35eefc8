#include "shared/core/fixed_bytes.h"

namespace songsong {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0xF]);
  }
  return text;
}

bool parse_hex(std::string_view text, std::uint8_t* into, std::size_t size) {
  if (text.size() != 2 * size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t high = kDigits.find(text[2 * i]);
    const std::size_t low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    into[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

Fault wrong_length(std::string_view where, std::size_t expected, std::size_t found) {
  return {"wrong_length", std::string(where),
          "It has " + std::to_string(found) + " bytes instead of " + std::to_string(expected) + "."};
}

Fault wrong_hex(std::string_view where, std::size_t expected_digits) {
  return {"wrong_hex", std::string(where),
          "It must be " + std::to_string(expected_digits) + " lower-case hexadecimal digits."};
}

}  // namespace songsong
