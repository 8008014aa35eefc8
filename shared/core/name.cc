#include "shared/core/name.h"

#include <array>
#include <cstddef>

namespace songsong {
namespace {

constexpr std::size_t kReplicaDigits = 5;
constexpr std::size_t kTagDigits = 4;
constexpr std::size_t kMaxSequenceDigits = 7;
constexpr std::uint32_t kBitsPerDigit = 5;
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kBase32Digits.size(); ++i) {
    values[static_cast<unsigned char>(kBase32Digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kDigitValues = digit_values();

void append_base32(std::string& text, std::uint32_t number, std::size_t digits) {
  for (std::size_t left = digits; left-- > 0;) text += kBase32Digits[(number >> (kBitsPerDigit * left)) & 31u];
}

bool read_base32(std::string_view text, std::uint32_t& number) {
  number = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigitValues[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return false;
    number = (number << kBitsPerDigit) | digit;
  }
  return true;
}

bool read_decimal(std::string_view text, std::uint32_t& number) {
  if (text.empty() || text.size() > kMaxSequenceDigits || text.front() == '0') return false;
  number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return true;
}

Fault malformed() {
  return {"name_malformed", "", "A record id has the form 0k3f9.12.7c2q and is copied as it was printed."};
}

}  // namespace

std::string to_text(Name name) {
  std::string text;
  text.reserve(kReplicaDigits + 1 + kMaxSequenceDigits + 1 + kTagDigits);
  append_base32(text, name.replica(), kReplicaDigits);
  text += '.';
  text += std::to_string(name.sequence());
  text += '.';
  append_base32(text, name.tag(), kTagDigits);
  return text;
}

// Names that are not valid() (no replica, no sequence) name nothing and are refused.
Outcome<Name> parse_name(std::string_view text) {
  constexpr std::size_t kAround = kReplicaDigits + 1 + 1 + kTagDigits;
  if (text.size() <= kAround || text.size() > kAround + kMaxSequenceDigits) return malformed();
  const std::size_t second_dot = text.size() - kTagDigits - 1;
  if (text[kReplicaDigits] != '.' || text[second_dot] != '.') return malformed();

  std::uint32_t replica = 0;
  std::uint32_t sequence = 0;
  std::uint32_t tag = 0;
  if (!read_base32(text.substr(0, kReplicaDigits), replica) ||
      !read_decimal(text.substr(kReplicaDigits + 1, second_dot - kReplicaDigits - 1), sequence) ||
      !read_base32(text.substr(second_dot + 1), tag)) {
    return malformed();
  }
  if (replica == 0 || replica > kMaxReplica || sequence > kMaxSequence) return malformed();
  return Name(replica, sequence, tag);
}

}  // namespace songsong
