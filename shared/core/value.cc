#include "shared/core/value.h"

#include <algorithm>

namespace songsong {
namespace {

std::strong_ordering compare_groups(const Group& one, const Group& other) {
  const std::size_t shared = std::min(one.size(), other.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (const auto order = one[i].first <=> other[i].first; order != 0) return order;
    if (const auto order = one[i].second <=> other[i].second; order != 0) return order;
  }
  return one.size() <=> other.size();
}

}  // namespace

// std::string compares its characters as unsigned, which is what the order asks for.
std::strong_ordering Value::operator<=>(const Value& other) const {
  if (const auto order = type() <=> other.type(); order != 0) return order;
  switch (type()) {
    case ValueType::kNone:
    case ValueType::kErased:
      return std::strong_ordering::equal;
    case ValueType::kInteger:
      return *integer() <=> *other.integer();
    case ValueType::kText:
      return *text() <=> *other.text();
    case ValueType::kBytes:
      return *bytes() <=> *other.bytes();
    case ValueType::kReference:
      return *reference() <=> *other.reference();
    case ValueType::kGroup:
      return compare_groups(*group(), *other.group());
  }
  return std::strong_ordering::equal;
}

bool Value::operator==(const Value& other) const { return (*this <=> other) == 0; }

}  // namespace songsong
