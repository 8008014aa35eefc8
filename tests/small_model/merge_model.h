// Level 1: shared/core/merge.h on every small history of one record with two fields.
//
// Checked of each history, for every gap-free order of arrival and at every moment on the way:
//   order        the state is that of the naive reference model, and its bytes and digest are those of every other
//                order in which the same changes arrive
//   repetition   each change that has arrived, arriving again, changes nothing
// and for every gap-free set of its changes, which is what some replica may hold:
//   definition   the heads, sums and removal are those of the definition, said once more here without names or vectors
//   shown        what is shown and in conflict, under every merge policy that fits the field
//   bytes        the bytes can be read back
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "tests/small_model/histories.h"
#include "tests/small_model/violation.h"

namespace songsong::small_model {

struct Letter {
  std::vector<Write> writes;
  bool refused = false;  // set aside: in the chain, applied as empty
};

// Two fields, and what one change may write to them.
struct Family {
  std::string name;
  std::vector<Letter> letters;
  Symbols swapped;          // as in Choices
  bool any_clocks = false;  // every reading of the clocks; otherwise a change is later than all that it had seen
  std::size_t most_changes = kMostChanges;
};

std::vector<Family> families();
Choices choices_of(const Family& family, std::size_t changes);

// What was gone through. `histories` and `classes` as in Numbers; the others are of the classes' examples.
struct MergeCounts {
  std::uint64_t histories = 0;
  std::uint64_t classes = 0;
  std::uint64_t orders = 0;  // of arrival
  std::uint64_t states = 0;  // compared, repetitions not counted
  std::uint64_t repetitions = 0;
  std::uint64_t sets = 0;

  MergeCounts& operator+=(const MergeCounts& other);
};

// Throws a Violation that tells the history and the order of arrival.
MergeCounts check_merge(const Family& family, std::size_t changes);

}  // namespace songsong::small_model
