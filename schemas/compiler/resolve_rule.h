// Names inside one kind's rules become numbers: fields, references that are followed, conditions, referrers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/compiler/draft.h"

namespace songsong::schemac {

// Resolves names as seen from one element of a kind, and complains in that element's name. Borrows all it is given.
class Scope {
 public:
  Scope(const Draft& draft, const KindDraft& kind, Place place, std::string subject, Complaints& complaints);

  // The field of this kind; null (and a complaint) when there is none. `role` is the option that names it.
  const FieldDraft* field(std::string_view role, std::string_view name) const;
  // The same, for a field that must refer to one record.
  const FieldDraft* reference(std::string_view role, std::string_view name) const;
  // The field of this kind, or of the one that the reference `via` leads to.
  const FieldDraft* field_via(std::string_view role, std::string_view via, std::string_view name) const;

  std::optional<policy::Test> test(std::string_view role, const schema::Condition& condition) const;
  // A record of another kind that refers to one of this kind.
  std::optional<policy::Referring> referrer(std::string_view role, const schema::Referrer& referrer) const;
  // The number of an enum value's name; nothing (and a complaint) when the field has no such value.
  std::optional<std::int64_t> value(std::string_view role, const FieldDraft& field, std::string_view name) const;

  void refuse(std::string_view role, std::string_view what) const;

 private:
  const FieldDraft* field_of(const KindDraft& kind, std::string_view role, std::string_view name) const;

  const Draft& draft_;
  const KindDraft& kind_;
  Place place_;
  std::string subject_;
  Complaints& complaints_;
};

}  // namespace songsong::schemac
