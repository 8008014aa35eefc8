// Value: what one field holds, independent of any schema, so that an unknown field is stored, merged and forwarded.
//
//   none       the field was cleared
//   integer    int64: numbers, enum numbers, booleans (0, 1), money in đồng, calendar dates (days since 1970-01-01),
//              instants (milliseconds since 1970-01-01T00:00Z)
//   text       UTF-8 in NFC
//   bytes      opaque
//   reference  the id of another record
//   group      several fields that merge as one register, in ascending field number; a group holds no group
//   erased     a personal value whose bytes were destroyed; only its commitment is left
//
// Values order first by type (in the order above), then by content, bytes compared as unsigned. The order is part of
// canonical forms and may not change; so are the numbers in ValueType.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "shared/core/name.h"

namespace songsong {

using FieldNumber = std::uint32_t;  // the protobuf field number; 0 is kRemovedField
using KindNumber = std::uint32_t;   // declared by the kind's option; 0 is no kind

// Every record has this register: a removal writes integer 1 to it, a restoration integer 0.
inline constexpr FieldNumber kRemovedField = 0;

enum class ValueType : std::uint8_t {
  kNone = 0,
  kInteger = 1,
  kText = 2,
  kBytes = 3,
  kReference = 4,
  kGroup = 5,
  kErased = 6,
};

struct Text {
  std::string utf8;
  auto operator<=>(const Text&) const = default;
};

struct Bytes {
  std::string raw;
  auto operator<=>(const Bytes&) const = default;
};

struct Erased {
  auto operator<=>(const Erased&) const = default;
};

class Value;
using Group = std::vector<std::pair<FieldNumber, Value>>;

class Value {
 public:
  Value() = default;
  explicit Value(std::int64_t integer) : held_(integer) {}
  explicit Value(Text text) : held_(std::move(text)) {}
  explicit Value(Bytes bytes) : held_(std::move(bytes)) {}
  explicit Value(Name reference) : held_(reference) {}
  explicit Value(Group group) : held_(std::move(group)) {}
  explicit Value(Erased erased) : held_(erased) {}

  ValueType type() const { return static_cast<ValueType>(held_.index()); }
  bool is_none() const { return type() == ValueType::kNone; }

  // Null unless the value is of that type.
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
  const std::string* text() const { return held_.index() == 2 ? &std::get<Text>(held_).utf8 : nullptr; }
  const std::string* bytes() const { return held_.index() == 3 ? &std::get<Bytes>(held_).raw : nullptr; }
  const Name* reference() const { return std::get_if<Name>(&held_); }
  const Group* group() const { return std::get_if<Group>(&held_); }

  bool operator==(const Value& other) const;
  std::strong_ordering operator<=>(const Value& other) const;

 private:
  std::variant<std::monostate, std::int64_t, Text, Bytes, Name, Group, Erased> held_;
};

}  // namespace songsong
