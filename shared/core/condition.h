// Condition: whether a declared test of one field holds, and which fields the skip logic therefore hides.
//
// Tallies, proofs and forms ask the same questions here, so that a total never counts what a form calls absent. A test
// that follows a reference (`via`) is asked of the record that the reference names; whoever holds that record looks the
// value up. Pure functions of values; any number of threads.
#pragma once

#include <functional>
#include <set>

#include "shared/core/policy.h"
#include "shared/core/value.h"

namespace songsong {

// The shown value of a field of one record; null where it has none. The pointer need only live until the next call.
using ShownLookup = std::function<const Value*(FieldNumber)>;

// Whether a field is there: not for null, a cleared value, an empty text, and the enum value 0, which is "unspecified"
// and never a choice. An erased value is there, though nobody can say what it was.
bool is_present(const FieldPolicy& field, const Value* shown);

// Whether the test holds for the field that it looks at. An absent field with `absent_means` counts as that value, and
// as present. NOT_IN passes for an absent field. A test of a kind that this program does not know never holds.
bool holds(const policy::Test& test, const FieldPolicy& field, const Value* shown);

// The fields that are not asked, and count as absent whatever they hold, given what the others hold: a field hidden by
// a field that is itself hidden sees that one as absent. Tests with `via` are taken to hold, for their record is not at
// hand; so are tests of fields that the kind does not have.
std::set<FieldNumber> hidden_fields(const KindPolicy& kind, const ShownLookup& shown);

}  // namespace songsong
