// Compose: what a person filled in becomes the writes of a change. The one door through which values enter a record,
// for the command line, an import, a form and an office alike. A pure function.
#pragma once

#include <vector>

#include "shared/core/change.h"
#include "shared/core/grants.h"
#include "shared/core/outcome.h"
#include "shared/core/policy.h"
#include "shared/core/shown.h"
#include "shared/core/validate.h"

namespace songsong {

// One field as it was filled in. A register takes a value, none to clear it; a union takes members to add and remove; a
// sum takes increments.
struct Input {
  FieldNumber field = 0;
  Shape shape = Shape::kRegister;
  Value value;

  bool operator==(const Input&) const = default;
  bool again = false;  // also where it stands there already: it is said to be so today
};

struct Composed {
  std::vector<Write> writes;  // ascending, ready for a change; values that are shown already are left out
  std::vector<Fault> faults;  // what the person has to mend; then nothing may be saved
};

// `before` is the record as the form showed it; null for a new one. Only fields that are filled in here are judged, and
// what is required: a value that someone else wrote under a newer schema keeps nobody from working.
//
// Faults are those of Validator::check, and "not_for_role" (the field is not for these roles to write), "wrong_shape"
// (a member for a register, a value for a sum), "filled_in_twice", "nothing_to_save".
Composed compose(const KindPolicy& kind, const Shown* before, const std::vector<Input>& inputs, Roles roles,
                 const Validator& validator);

}  // namespace songsong
