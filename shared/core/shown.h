// Shown: a record as people see it: of each register the head that its policy picks, and what is in conflict.
//
// A pure function of the state and the policy table. A Shown borrows from the State (and the KindPolicy) that it was
// made of, which must outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/policy.h"
#include "shared/core/state.h"

namespace songsong {

struct ShownField {
  FieldNumber field = 0;
  const Value* value = nullptr;  // never null; of a sum the total, of a union one member (several entries)
  const Head* head = nullptr;    // null for a sum
};

struct ShownConflict {
  FieldNumber field = 0;  // the register: a field, a group's number, or kRemovedField for a contested removal
  bool raises_case = false;
};

struct Shown {
  const State* state = nullptr;
  const KindPolicy* kind = nullptr;      // null when the schema does not know the kind
  bool live = false;                     // opened and not removed
  std::vector<ShownField> fields;        // ascending by field, cleared ones left out; members of a union in their order
  std::vector<ShownConflict> conflicts;  // ascending by field
  std::vector<Value> totals;             // of the sums, which have no head to borrow from

  Shown() = default;
  Shown(Shown&&) = default;
  Shown& operator=(Shown&&) = default;
  Shown(const Shown&) = delete;  // a copy's fields would point into the original
  Shown& operator=(const Shown&) = delete;

  RecordId id() const { return state->id; }
  const Value* find(FieldNumber field) const;  // null when absent
};

Shown show(const State& state, const KindPolicy* kind);

// The head that is shown of a register; null when it has none.
const Head* winner(const Register& target, const FieldPolicy* field);

// Whether two heads of the register hold different values.
bool has_different_heads(const Register& target);

}  // namespace songsong
