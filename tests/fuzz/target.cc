#include "tests/fuzz/target.h"

#include <algorithm>

namespace songsong::fuzz {

void hold_fault(const Fault& fault, Place place) {
  const bool is_code = !fault.code.empty() && std::all_of(fault.code.begin(), fault.code.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  hold(is_code, "a fault has a code that programs can act on", fault.code);
  hold(!fault.what.empty(), "a fault says what is wrong", fault.code);
  hold(place == Place::kCallersToSay || !fault.where.empty(), "a fault says where", fault.code);
}

std::uint8_t take_byte(std::string_view& bytes) {
  if (bytes.empty()) return 0;
  const auto first = static_cast<std::uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  return first;
}

}  // namespace songsong::fuzz
