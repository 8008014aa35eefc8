// Level 2: the books (states, accounts, claims, classes, cases, totals) of real stores on every small history round two
// pupils of the programme: needs, handovers, a return, decisions on who is who, removals, moves of a pupil and a
// school.
//
// An office has opened the units, the pupils, devices, a need and a handover beforehand; its line arrives as a whole,
// at any moment among the others'. Checked of each history, for every gap-free order of arrival at a store that holds
// all logs, one commit a change:
//   counted   the audit finds what the store counts equal to a recount from its log, and what it counts is the same,
//             byte for byte, as after every other order of the same changes, at every moment on the way
//   phones    each author's phone, with its own changes over whatever the server may hold by then (every gap-free set),
//             equals its recount; and once it has heard of everything, it counts what the server counts
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/small_model/histories.h"
#include "tests/small_model/violation.h"

namespace songsong::small_model {

// What one change may do.
enum class Deed {
  kDeclareNeed,    // of the first pupil
  kHandOver,       // another device to the first pupil, who has one already
  kHandOn,         // the first pupil's device to the second
  kTakeBack,       // the first pupil's handover
  kDecideSame,     // the two pupils are one
  kDecideOther,    // they are not
  kRemove,         // the first pupil
  kEdit,           // the first pupil's household
  kMove,           // the first pupil to the other school
  kVerify,         // the first pupil's need, without evidence
  kMoveSchool,     // the first school to the other commune
  kCorrectNeed,    // the need is the second pupil's
  kCorrectDevice,  // the first pupil's device is of another type
};

struct BooksFamily {
  std::string name;
  std::vector<Deed> deeds;
  std::size_t most_changes = kMostChanges;
  bool office_any_time = true;  // otherwise the office's line comes first
  bool phones = true;
};

std::vector<BooksFamily> books_families();
Choices choices_of(const BooksFamily& family, std::size_t changes);

struct BooksCounts {
  std::uint64_t histories = 0;  // counted as in histories.h
  std::uint64_t distinct = 0;   // that differ in what they do to their records; each of these was run
  std::uint64_t orders = 0;     // of arrival
  std::uint64_t commits = 0;    // after each of which the books were compared
  std::uint64_t audits = 0;

  BooksCounts& operator+=(const BooksCounts& other);
};

// One part of several, so that several threads may share the work: the `part`th of `parts`.
BooksCounts check_books(const BooksFamily& family, std::size_t changes, std::size_t part = 0, std::size_t parts = 1);

// The histories by the formula, and how many are distinct by trying every skeleton, with no use of classes.
Numbers count_books_plainly(const BooksFamily& family, std::size_t changes);

}  // namespace songsong::small_model
