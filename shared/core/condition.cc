#include "shared/core/condition.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace songsong {
namespace {

std::optional<std::int64_t> effective_integer(const FieldPolicy& field, const Value* shown) {
  if (is_present(field, shown)) {
    const std::int64_t* integer = shown->integer();
    return integer ? std::optional(*integer) : std::nullopt;
  }
  return field.has_absent_means() ? std::optional(field.absent_means()) : std::nullopt;
}

bool lists(const policy::Test& test, std::optional<std::int64_t> integer) {
  return integer && std::find(test.value().begin(), test.value().end(), *integer) != test.value().end();
}

bool asked(const KindPolicy& kind, const FieldPolicy& field, const ShownLookup& shown,
           const std::set<FieldNumber>& hidden) {
  return std::all_of(field.ask_when().begin(), field.ask_when().end(), [&](const policy::Test& test) {
    if (test.via() != 0) return true;
    const FieldPolicy* looked_at = Policies::field(kind, test.field());
    if (!looked_at) return true;
    return holds(test, *looked_at, hidden.contains(test.field()) ? nullptr : shown(test.field()));
  });
}

}  // namespace

bool is_present(const FieldPolicy& field, const Value* shown) {
  if (!shown || shown->is_none()) return false;
  if (const std::string* text = shown->text()) return !text->empty();
  return field.type() != policy::ENUM || !shown->integer() || *shown->integer() != 0;
}

bool holds(const policy::Test& test, const FieldPolicy& field, const Value* shown) {
  switch (test.op()) {
    case policy::Test::IN:
      return lists(test, effective_integer(field, shown));
    case policy::Test::NOT_IN:
      return !lists(test, effective_integer(field, shown));
    case policy::Test::PRESENT:
      return is_present(field, shown) || field.has_absent_means();
    case policy::Test::ABSENT:
      return !is_present(field, shown) && !field.has_absent_means();
    default:
      return false;
  }
}

// A chain of fields that hide one another settles in as many rounds as it is long. A circle, which no checked schema
// has, may never settle; it is left where the last round put it, which is the same everywhere.
std::set<FieldNumber> hidden_fields(const KindPolicy& kind, const ShownLookup& shown) {
  std::set<FieldNumber> hidden;
  for (int round = 0; round < kind.field_size(); ++round) {
    std::set<FieldNumber> next;
    for (const FieldPolicy& field : kind.field()) {
      if (field.ask_when_size() != 0 && !asked(kind, field, shown, hidden)) next.insert(field.number());
    }
    if (next == hidden) break;
    hidden = std::move(next);
  }
  return hidden;
}

}  // namespace songsong
