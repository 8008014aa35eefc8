// Profiles: which records a row of a list makes, and what schools write over their columns beside the schema's own
// labels. Data, and the little that a programme's lists need which its schema does not say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/core/outcome.h"
#include "shared/core/policy.h"

namespace songsong {

// How a cell is read where the type of its field does not tell.
enum class CellForm {
  kPlain,
  kPhone,  // dots and spaces left out; a leading 0 that a spreadsheet lost is put back
  kCode,   // the same for a number of 12 digits
  kClass,  // "5A", "Lớp 5": the grade
};

struct ProfileHeading {
  std::string_view heading;  // as written; compared folded
  std::string_view kind;
  std::string_view field;
};

// The kinds of a row, the later referring to the earlier.
Outcome<std::vector<const KindPolicy*>> kinds_of_profile(std::string_view profile, const Policies& policies);
// What schools write, beyond names, labels and aliases.
const std::vector<ProfileHeading>& school_headings();
// Columns that mean nothing on purpose: "STT".
bool is_ignored_heading(std::string_view folded);
CellForm form_of(const KindPolicy& kind, const FieldPolicy& field);

}  // namespace songsong
