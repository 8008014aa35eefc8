// Samehood: which records decisions say are one person (or thing).
//
// A decision is a record too, so it can be corrected and taken back: classes are found by walking the links that stand
// now, never by uniting for good. Of several decisions on one pair "different" beats "same"; a "different" between two
// members whom a path of "same" connects does not cut the path, it is a contradiction for a person to settle.
//
// Pure functions.
#pragma once

#include <functional>
#include <vector>

#include "shared/core/name.h"
#include "shared/core/shown.h"

namespace songsong {

struct Decision {
  RecordId other;       // the record that the one asked about is compared with
  bool same = false;    // otherwise different
  RecordId decided_by;  // the decision's own record
};

// What the live decision records of one record say; any order, several for one pair allowed.
using DecisionsOf = std::function<std::vector<Decision>(RecordId)>;

// The decision that a record of the samehood kind states on `about`; false when it is not live, is incomplete, does not
// concern it, or compares a record with itself. Whoever asks also sees to it that the two can be one.
bool read_decision(const Shown& shown, RecordId about, Decision& decision);

// Whether two records can be one: of one kind, and of a kind that belongs to no other record. Of a record that has not
// arrived (null) nobody knows yet that they cannot.
bool can_be_one(const Shown* one, const Shown* other);

// All members, ascending; the first is the class's name. A record without links is a class of one.
std::vector<RecordId> class_of(RecordId record, const DecisionsOf& decisions);

// Pairs of members that a live decision calls different, each with the lesser id first, ascending.
std::vector<std::pair<RecordId, RecordId>> contradictions(const std::vector<RecordId>& members,
                                                          const DecisionsOf& decisions);

// Whether any live decision says that a member of one class is not a member of the other.
bool told_apart(const std::vector<RecordId>& one_class, const std::vector<RecordId>& other_class,
                const DecisionsOf& decisions);

}  // namespace songsong
