#include "shared/core/validate.h"
#include "shared/core/attachment.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "schemas/limits.h"
#include "shared/core/change.h"
#include "shared/core/civil_time.h"
#include "shared/core/condition.h"
#include "shared/core/fold.h"
#include "shared/core/value_text.h"

namespace songsong {
namespace {

Fault fault(const KindPolicy& kind, const FieldPolicy& field, const char* code, std::string what) {
  return {code, kind.name() + "." + field.name(), field.name() + " " + std::move(what)};
}

// What the field's type is kept as; nothing for a type that this program does not know.
std::optional<ValueType> kept_as(policy::FieldType type) {
  switch (type) {
    case policy::TEXT:
    case policy::UNIT:
      return ValueType::kText;
    case policy::INTEGER:
    case policy::BOOLEAN:
    case policy::ENUM:
    case policy::DATE:
    case policy::INSTANT:
    case policy::MONEY:
      return ValueType::kInteger;
    case policy::REFERENCE:
      return ValueType::kReference;
    case policy::BYTES:
    case policy::ATTACHMENT:
      return ValueType::kBytes;
    default:
      return std::nullopt;
  }
}

struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// The declared range, within what the field's type can say at all.
std::optional<Range> range_of(const FieldPolicy& field) {
  std::optional<Range> range;
  if (field.has_range()) range = Range{field.min(), field.max()};
  if (field.type() != policy::DATE && field.type() != policy::INSTANT) return range;
  const bool date = field.type() == policy::DATE;
  const Range printable{date ? kFirstDay : kFirstInstantMs, date ? kLastDay : kLastInstantMs};
  if (!range) return printable;
  return Range{std::max(range->min, printable.min), std::min(range->max, printable.max)};
}

bool known_enum(const FieldPolicy& field, std::int64_t number) {
  return number != 0 && std::any_of(field.value().begin(), field.value().end(),
                                    [&](const policy::EnumEntry& entry) { return entry.number() == number; });
}

// Whether it can be said of this record alone that the field is asked.
bool asked_for_certain(const FieldPolicy& field) {
  return std::none_of(field.ask_when().begin(), field.ask_when().end(),
                      [](const policy::Test& test) { return test.via() != 0; });
}

using Shown = std::map<FieldNumber, Value>;

const Value* find(const Shown& shown, FieldNumber number) {
  const auto found = shown.find(number);
  return found == shown.end() ? nullptr : &found->second;
}

// The groups of which some field is there.
std::set<FieldNumber> groups_begun(const KindPolicy& kind, const Shown& shown, const std::set<FieldNumber>& hidden) {
  std::set<FieldNumber> groups;
  for (const FieldPolicy& field : kind.field()) {
    if (field.group() == 0 || hidden.contains(field.number())) continue;
    if (is_present(field, find(shown, field.number()))) groups.insert(field.group());
  }
  return groups;
}

std::optional<Fault> check_absent(const KindPolicy& kind, const FieldPolicy& field,
                                  const std::set<FieldNumber>& begun) {
  // A union is not among the shown values, so nothing can be said of its absence.
  if (field.has_absent_means() || field.merge() == schema::UNION || !asked_for_certain(field)) return std::nullopt;
  if (field.required()) return fault(kind, field, "required", "is required.");
  if (field.group() == 0 || !begun.contains(field.group())) return std::nullopt;
  return fault(kind, field, "group_incomplete", "is needed together with the other fields of its group.");
}

}  // namespace

Validator::Validator(const policy::PolicyTable& table) {
  for (const KindPolicy& kind : table.kind()) {
    for (const FieldPolicy& field : kind.field()) {
      if (field.pattern().empty()) continue;
      Outcome<Pattern> pattern = Pattern::compile(field.pattern());
      if (pattern) patterns_.emplace(std::pair(kind.number(), field.number()), *std::move(pattern));
    }
  }
}

std::vector<Fault> Validator::check(const KindPolicy& kind, const Shown& shown) const {
  const std::set<FieldNumber> hidden = hidden_fields(kind, [&](FieldNumber number) { return find(shown, number); });
  const std::set<FieldNumber> begun = groups_begun(kind, shown, hidden);
  std::set<FieldNumber> declared{kRemovedField};
  std::vector<Fault> faults;
  for (const FieldPolicy& field : kind.field()) {
    declared.insert(field.number());
    if (hidden.contains(field.number())) continue;
    const Value* value = find(shown, field.number());
    std::optional<Fault> found =
        is_present(field, value) ? check_value(kind, field, *value) : check_absent(kind, field, begun);
    if (found) faults.push_back(std::move(*found));
  }
  for (const auto& [number, value] : shown) {
    if (declared.contains(number) || value.is_none()) continue;
    const std::string where = kind.name() + "." + std::to_string(number);
    faults.push_back({"unknown_field", where, where + " is not in this policy table."});
  }
  return faults;
}

std::optional<Fault> Validator::check_value(const KindPolicy& kind, const FieldPolicy& field,
                                            const Value& value) const {
  const std::optional<ValueType> expected = kept_as(field.type());
  if (!expected || value.type() == ValueType::kErased) return std::nullopt;
  if (value.type() != *expected) return fault(kind, field, "wrong_type", "holds a value of another type.");
  if (const std::int64_t* integer = value.integer()) return check_integer(kind, field, *integer);
  if (const std::string* text = value.text()) return check_text(kind, field, *text);
  if (const Name* reference = value.reference(); reference && !reference->valid()) {
    return fault(kind, field, "bad_reference", "names no record.");
  }
  if (field.type() == policy::ATTACHMENT && value.bytes()->size() != AttachmentHash::kSize) {
    return fault(kind, field, "attachment_name_malformed", "names a file by the 32 bytes of its SHA-256.");
  }
  return std::nullopt;
}

std::optional<Fault> Validator::check_integer(const KindPolicy& kind, const FieldPolicy& field,
                                              std::int64_t integer) const {
  if (field.type() == policy::ENUM && !known_enum(field, integer)) {
    return fault(kind, field, "unknown_value", "takes one of: " + allowed_values(field) + ".");
  }
  if (field.type() == policy::BOOLEAN && integer != 0 && integer != 1) {
    return fault(kind, field, "unknown_value", "takes one of: true, false.");
  }
  const std::optional<Range> range = range_of(field);
  if (!range || (integer >= range->min && integer <= range->max)) return std::nullopt;
  return fault(kind, field, "out_of_range",
               "lies between " + print_value(&field, Value(range->min)) + " and " +
                   print_value(&field, Value(range->max)) + ".");
}

std::optional<Fault> Validator::check_text(const KindPolicy& kind, const FieldPolicy& field,
                                           const std::string& text) const {
  const auto pattern = patterns_.find({kind.number(), field.number()});
  std::size_t longest = field.max_length() != 0 ? field.max_length() : std::size_t{schema::kDefaultMaxLength};
  if (pattern != patterns_.end()) longest = std::min(longest, std::size_t{schema::kMaxPatternedText});
  if (field.type() == policy::UNIT) longest = std::min(longest, kMaxUnitCodeBytes);
  const bool long_code = field.type() == policy::UNIT && text.size() > kMaxUnitCodeBytes;
  if (long_code || count_code_points(text) > longest) {
    return fault(kind, field, "too_long", "has at most " + std::to_string(longest) + " characters.");
  }
  const Outcome<std::string> normal = to_nfc(text);
  if (!normal || *normal != text) {
    return fault(kind, field, "not_normal", "holds a text that is not in the stored form (UTF-8, NFC).");
  }
  if (pattern == patterns_.end() || pattern->second.matches(text)) return std::nullopt;
  return fault(kind, field, "pattern", "does not have the form that is asked for.");
}

}  // namespace songsong
