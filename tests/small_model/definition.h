// What merging means, said a second time: of the changes that a store holds, by their numbers on their lines, without
// names, vectors or parents. shared/core/reference.h says it over real names; both must agree with merge().
//
//   seen(d, c)    d's author had seen c: c is before d on one line, or d saw that line to c or further, and all that d
//   saw
//                 of that line is held here (an entry of `saw` counts for nothing until its change comes)
//   head of f     a write of f by a change that is not refused, and that no other write of f has seen
#pragma once

#include <string>
#include <vector>

#include "shared/core/reference.h"
#include "shared/core/state.h"
#include "tests/small_model/histories.h"

namespace songsong::small_model {

inline constexpr KindNumber kKind = 1;
// The fields of the model's one kind.
inline constexpr FieldNumber kOne = 1;
inline constexpr FieldNumber kOther = 2;
inline constexpr FieldNumber kMembers = 8;
inline constexpr FieldNumber kSum = 9;

// A gap-free part of a history: each change with its place on its line.
struct Held {
  Skeleton skeleton;
  std::vector<const Admitted*> changes;
};

// Empty, or what is wrong with the state.
std::string differs_from_definition(const State& state, const Held& held);
// The same of what is shown of it and is in conflict, whatever the policy of the fields.
std::string shown_differs(const State& state, const Held& held);

}  // namespace songsong::small_model
