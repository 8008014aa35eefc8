// State: a record as merged. A pure function of the set of changes applied to it, whatever their order.
//
// Canonical: `applied` and every list of names ascend, registers ascend by (field, member), and one change has one
// capture time wherever it is named, so that equal states have equal bytes (state_codec.h). The rules that make one are
// in merge.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/name.h"
#include "shared/core/value.h"

namespace songsong {

// Names, ascending: of each branch of each replica the last one that is meant. Stands for all before them on their
// paths.
using VersionVector = std::vector<Name>;

// A value that no applied change replaces.
struct Head {
  Name name;
  std::int64_t captured_ms = 0;
  bool personal = false;
  bool removal_saw = false;  // a removal of the record had seen this write
  Value value;

  bool operator==(const Head&) const = default;
};

// A field (or group) that holds one value, or one member of a union (1 present, 0 absent).
struct Register {
  FieldNumber field = 0;
  Value member;             // none, except in a union
  std::vector<Head> heads;  // ascending by name; equal values keep all their names
  VersionVector ahead;      // seen by writers of this register, not yet applied here; normally empty

  bool operator==(const Register&) const = default;
};

struct Contribution {
  Name name;  // the last increment of its branch
  bool removal_saw = false;

  bool operator==(const Contribution&) const = default;
};

struct Sum {
  FieldNumber field = 0;
  std::int64_t total = 0;  // modulo 2^64, so that no order of arrival can overflow where another does not
  std::vector<Contribution> last;

  bool operator==(const Sum&) const = default;
};

struct State {
  RecordId id;
  KindNumber kind = 0;    // of the opening change; until that arrives the least that any change names
  bool opened = false;    // the opening change is applied; until then the record is not shown and counts nowhere
  std::string opened_in;  // unit at capture of the opening change
  VersionVector applied;
  VersionVector removal_ahead;      // seen by removals, not yet applied here; normally empty
  std::vector<Register> registers;  // ascending by (field, member)
  std::vector<Sum> sums;            // ascending by field

  bool operator==(const State&) const = default;
};

}  // namespace songsong
