// Account: what is counted together. One class of records (a pupil, or several that decisions say are one) with every
// record that belongs to it by its unit: its needs, handovers, returns.
//
//   tally(class) -> cells    what it counts for, and where
//   claim(class) -> keys     what it asks to have alone
//
// Both are pure functions of the account and the records round it (DESIGN section 2), so a stored account must at any
// moment equal what they yield: `verify` recounts with them.
//
// Where it counts: a record in the unit of the record that it belongs to; a class, for the measures that count classes,
// once in the unit of its least live member, its other members on the line "counted_elsewhere" in theirs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "shared/core/records.h"

namespace songsong {

struct Account {
  std::vector<RecordId> members;     // the class, ascending; the first names the account
  std::vector<RecordId> dependents;  // the records whose root is a member, ascending

  RecordId id() const { return members.front(); }
};

// Counts `count` for a measure in a unit; for one value of one dimension, or (dimension 0) as a whole.
struct Cell {
  std::string unit;
  std::uint32_t measure = 0;
  std::uint32_t dimension = 0;
  std::int64_t value = 0;  // of the dimension; 0 is unspecified
  std::int64_t count = 0;

  auto operator<=>(const Cell&) const = default;
};

// Ascending by all but the count, one cell each, none of them zero.
using Cells = std::vector<Cell>;

// Adds up equal cells, drops zeroes, sorts.
Cells combined(Cells cells);

Cells tally(const Account& account, const Records& records);

// What one record asks to have alone. Claims with equal number and key exclude each other.
struct ClaimKey {
  std::uint32_t number = 0;
  std::string key;  // a reference: 8 bytes, the name of the class that it names; a text: folded
  RecordId claimant;

  auto operator<=>(const ClaimKey&) const = default;
};

// The name of the class that a record is in, for records outside the account (a device); a class of one by default.
using ClassNameOf = std::function<RecordId(RecordId)>;

// Ascending, each once.
std::vector<ClaimKey> claims(const Account& account, const Records& records, const ClassNameOf& class_name_of);

}  // namespace songsong
