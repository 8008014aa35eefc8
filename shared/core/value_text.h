// Value text: values as people and other programs write them on a command line, in a list and in JSON.
//
//   boolean    true, false                     money, integer   digits without separators, - in front
//   date       2021-09-05                      instant          2021-09-05T01:30:00Z
//   enum       its name in lower snake case    reference        a record id (name.h)
//   unit       its code                        bytes            lower-case hexadecimal
//   text       itself, in NFC, without white space at the ends
//
// Nothing depends on the locale. Whatever parse_value makes of a text, print_value prints so that parse_value makes the
// same of it again. Pure functions; any number of threads.
#pragma once

#include <string>
#include <string_view>

#include "shared/core/outcome.h"
#include "shared/core/policy.h"
#include "shared/core/value.h"

namespace songsong {

// White space at the ends is dropped, of every type; what is then empty clears the field (none). Judges the form of one
// value, not the rules of its kind (validate.h). Faults have the field's name in `where` and never quote the text:
// integer_malformed, boolean_malformed, bytes_malformed, unknown_value (says what is allowed), name_malformed, those of
// civil_time.h and of to_nfc, text_too_long for a unit's code, and unknown_type for a type that a newer table brought.
Outcome<Value> parse_value(const FieldPolicy& field, std::string_view text);

// The text of a value. A null policy, or a value that is not of the field's type, is printed by its own type: integers
// in decimal, a group as number=value parted by "; ". None is empty, a destroyed value is "erased". Enum numbers that
// the table does not know are printed as numbers.
std::string print_value(const FieldPolicy* field, const Value& value);

// The names that an enum field takes, such as "device, signal, both".
std::string allowed_values(const FieldPolicy& field);

}  // namespace songsong
