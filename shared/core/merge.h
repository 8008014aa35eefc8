// merge(state, change) -> state: what the record is now. The first of the three rules that everything else serves.
//
// Laws (tests/core/merge_laws_test.cc states each):
//   order       any gap-free order of arrival, any split, any carrier gives byte-identical states
//   repetition  a change applied twice changes nothing
//   loss        a value is replaced only by a change whose author had seen it
//   clock       time picks which of several concurrent heads is shown, and nothing else
//   unknown     an entry of `saw` that names a change nobody holds counts for nothing until that change comes
//
// The rule is the dotted version vector of Preguiça et al. (2010) with one vector per record, which is exact because a
// store applies each replica's line without gaps; docs/MODEL.md has the counterexample to each simpler rule.
#pragma once

#include "shared/core/change.h"
#include "shared/core/lineage.h"
#include "shared/core/state.h"

namespace songsong {

// The change before it on its replica's line is applied already, wherever it wrote; where its replica is described in
// `lineage`, the change's own name is part of it.
void merge(State& state, const Change& change, const Lineage& lineage);

// A change refused for good: it counts as applied and empty.
void merge_empty(State& state, const Change& change, const Lineage& lineage);

// Removed iff every head of the removed register is true and a removal saw every head of every other register.
bool removed(const State& state);
// Some removal was written but an edit that no removal saw keeps the record.
bool removal_contested(const State& state);

const Register* find_register(const State& state, FieldNumber field);

}  // namespace songsong
