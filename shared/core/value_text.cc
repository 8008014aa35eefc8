#include "shared/core/value_text.h"

#include <charconv>
#include <cstdint>

#include "shared/core/change.h"
#include "shared/core/civil_time.h"
#include "shared/core/fold.h"

namespace songsong {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

Fault fault(const FieldPolicy& field, const char* code, std::string what) {
  return {code, field.name(), field.name() + " " + std::move(what)};
}

Fault placed(const FieldPolicy& field, Fault found) {
  found.where = field.name();
  return found;
}

Outcome<Value> parse_integer(const FieldPolicy& field, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fault(field, "integer_malformed", "takes a whole number without separators.");
  }
  return Value(number);
}

Outcome<Value> parse_boolean(const FieldPolicy& field, std::string_view text) {
  if (text == "true") return Value(std::int64_t{1});
  if (text == "false") return Value(std::int64_t{0});
  return fault(field, "boolean_malformed", "takes true or false.");
}

Outcome<Value> parse_enum(const FieldPolicy& field, std::string_view text) {
  for (const policy::EnumEntry& entry : field.value()) {
    if (entry.number() != 0 && entry.name() == text) return Value(std::int64_t{entry.number()});
  }
  return fault(field, "unknown_value", "takes one of: " + allowed_values(field) + ".");
}

Outcome<Value> parse_text(const FieldPolicy& field, std::string_view text) {
  Outcome<std::string> normal = to_nfc(text);
  if (!normal) return placed(field, normal.fault());
  return Value(Text{std::move(normal).value()});
}

Outcome<Value> parse_unit(const FieldPolicy& field, std::string_view text) {
  Outcome<std::string> code = to_nfc(text);
  if (!code) return placed(field, code.fault());
  if (code->size() > kMaxUnitCodeBytes) return fault(field, "text_too_long", "takes the code of a unit.");
  return Value(Text{std::move(code).value()});
}

Outcome<Value> parse_bytes(const FieldPolicy& field, std::string_view text) {
  const auto malformed = [&] { return fault(field, "bytes_malformed", "takes bytes in lower-case hexadecimal."); };
  if (text.size() % 2 != 0 || text.size() / 2 > kMaxValueBytes) return malformed();
  std::string raw;
  raw.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = kHexDigits.find(text[i]);
    const std::size_t low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return malformed();
    raw += static_cast<char>(high * 16 + low);
  }
  return Value(Bytes{std::move(raw)});
}

template <class T>
Outcome<Value> as_value(const FieldPolicy& field, const Outcome<T>& parsed) {
  if (!parsed) return placed(field, parsed.fault());
  return Value(*parsed);
}

std::string print_hex(std::string_view raw) {
  std::string text;
  text.reserve(raw.size() * 2);
  for (const char c : raw) {
    const unsigned byte = static_cast<unsigned char>(c);
    text += kHexDigits[byte / 16];
    text += kHexDigits[byte % 16];
  }
  return text;
}

std::string print_group(const Group& group) {
  std::string text;
  for (const auto& [number, member] : group) {
    if (!text.empty()) text += "; ";
    text += std::to_string(number) + "=" + print_value(nullptr, member);
  }
  return text;
}

std::string print_integer(const FieldPolicy* field, std::int64_t integer) {
  switch (field ? field->type() : policy::INTEGER) {
    case policy::BOOLEAN:
      if (integer == 0 || integer == 1) return integer == 1 ? "true" : "false";
      break;
    case policy::ENUM:
      for (const policy::EnumEntry& entry : field->value()) {
        if (entry.number() == integer) return entry.name();
      }
      break;
    case policy::DATE:
      return print_date(integer);
    case policy::INSTANT:
      return print_instant(integer);
    default:
      break;
  }
  return std::to_string(integer);
}

}  // namespace

Outcome<Value> parse_value(const FieldPolicy& field, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return Value();
  switch (field.type()) {
    case policy::INTEGER:
    case policy::MONEY:
      return parse_integer(field, text);
    case policy::BOOLEAN:
      return parse_boolean(field, text);
    case policy::ENUM:
      return parse_enum(field, text);
    case policy::DATE:
      return as_value(field, parse_date(text));
    case policy::INSTANT:
      return as_value(field, parse_instant(text));
    case policy::REFERENCE:
      return as_value(field, parse_name(text));
    case policy::UNIT:
      return parse_unit(field, text);
    case policy::BYTES:
    case policy::ATTACHMENT:
      return parse_bytes(field, text);
    case policy::TEXT:
      return parse_text(field, text);
    default:
      return fault(field, "unknown_type", "is of a type that is younger than this program.");
  }
}

std::string print_value(const FieldPolicy* field, const Value& value) {
  switch (value.type()) {
    case ValueType::kNone:
      return {};
    case ValueType::kInteger:
      return print_integer(field, *value.integer());
    case ValueType::kText:
      return *value.text();
    case ValueType::kBytes:
      return print_hex(*value.bytes());
    case ValueType::kReference:
      return to_text(*value.reference());
    case ValueType::kGroup:
      return print_group(*value.group());
    case ValueType::kErased:
      return "erased";
  }
  return {};
}

std::string allowed_values(const FieldPolicy& field) {
  std::string names;
  for (const policy::EnumEntry& entry : field.value()) {
    if (entry.number() == 0) continue;
    if (!names.empty()) names += ", ";
    names += entry.name();
  }
  return names;
}

}  // namespace songsong
