// A small policy table of its own for tests: every part of a table occurs in it once.
#pragma once

#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "schemas/songsong/policy_table.pb.h"

namespace songsong {

// Schools lend boxes: a box stands in a school, a loan follows its box, a return ends the loan, and two records may be
// said to be the same.
inline constexpr const char* kLendingTable = R"pb(
  revision: 4
  kind {
    number: 60
    name: "box"
    unit_field: 1
    title: 2
    field { number: 1 name: "school" type: UNIT merge: LATEST }
    field { number: 2 name: "code" type: TEXT merge: FIRST max_length: 40 }
    field {
      number: 3
      name: "colour"
      type: ENUM
      merge: LATEST
      value { number: 1 name: "red" }
      value { number: 2 name: "blue" }
      has_absent_means: true
      absent_means: 2
    }
    claim { number: 5 field: 2 }
    match { number: 6 field: 2 field: 3 }
  }
  kind {
    number: 61
    name: "loan"
    unit_via: 1
    field { number: 1 name: "box" type: REFERENCE merge: LATEST target: 60 }
    field {
      number: 2
      name: "stage"
      type: ENUM
      merge: FURTHEST
      value { number: 1 name: "asked" }
      value { number: 2 name: "lent" }
      order: 1
      order: 2
    }
    field { number: 3 name: "borrower" type: TEXT merge: LATEST personal: true subject: 1 }
    field { number: 4 name: "days" type: INTEGER merge: SUM has_range: true min: 0 max: 90 }
    field { number: 5 name: "state" type: TEXT merge: LATEST group: 1000 }
    field {
      number: 6
      name: "since"
      type: DATE
      merge: LATEST
      group: 1000
      ask_when { field: 7 op: IN value: 1 }
    }
    field { number: 7 name: "kept" type: BOOLEAN merge: LATEST }
    field { number: 8 name: "photos" type: BYTES merge: UNION }
    tally {
      measure: 1
      when { via: 1 field: 3 op: NOT_IN value: 1 }
      unless_referenced_by { kind: 62 field: 1 }
      distinct: 1
      by { dimension: 1 via: 1 field: 3 }
    }
    claim {
      number: 7
      field: 1
      unless_referenced_by { kind: 62 field: 1 }
    }
    proof {
      when { field: 2 op: IN value: 2 }
      evidence { kind: 62 field: 1 }
    }
  }
  kind {
    number: 62
    name: "return"
    unit_via: 1
    field { number: 1 name: "loan" type: REFERENCE merge: LATEST target: 61 }
  }
  kind {
    number: 63
    name: "samehood"
    unit_via: 1
    field { number: 1 name: "one" type: REFERENCE merge: LATEST }
    field { number: 2 name: "other" type: REFERENCE merge: LATEST }
    field {
      number: 3
      name: "decision"
      type: ENUM
      merge: LATEST
      value { number: 1 name: "same" }
      value { number: 2 name: "different" }
    }
    samehood { one: 1 other: 2 decision: 3 same: 1 different: 2 }
  }
  kind {
    number: 64
    name: "unit"
    unit_field: 1
    field { number: 1 name: "code" type: TEXT merge: FIRST }
    field { number: 2 name: "name" type: TEXT merge: LATEST }
    field { number: 3 name: "parent" type: UNIT merge: LATEST }
    field { number: 4 name: "level" type: TEXT merge: LATEST }
    field { number: 5 name: "opened" type: DATE merge: LATEST }
    field { number: 6 name: "closed" type: DATE merge: LATEST }
    unit_tree { code: 1 name: 2 parent: 3 level: 4 opened: 5 closed: 6 }
  }
  kind {
    number: 65
    name: "quarantine"
    internal: true
    field { number: 1 name: "change" type: TEXT merge: FIRST }
    field { number: 2 name: "reason" type: TEXT merge: FIRST }
    field { number: 3 name: "record" type: REFERENCE merge: FIRST }
    field {
      number: 4
      name: "decision"
      type: ENUM
      merge: LATEST
      value { number: 1 name: "released" }
      value { number: 2 name: "refused" }
    }
    quarantine { change: 1 reason: 2 record: 3 decision: 4 released: 1 refused: 2 }
  }
  kind {
    number: 66
    name: "unit_period"
    unit_field: 1
    internal: true
    field { number: 1 name: "unit" type: UNIT merge: FIRST }
    field { number: 2 name: "until" type: DATE merge: LATEST }
    field { number: 3 name: "name" type: TEXT merge: LATEST }
    field { number: 4 name: "level" type: TEXT merge: LATEST }
    field { number: 5 name: "parent" type: UNIT merge: LATEST }
    unit_period { unit: 1 until: 2 name: 3 level: 4 parent: 5 }
  }
  kind {
    number: 67
    name: "erasure"
    unit_via: 1
    field { number: 1 name: "record" type: REFERENCE merge: FIRST }
    field {
      number: 2
      name: "reason"
      type: ENUM
      merge: LATEST
      value { number: 1 name: "withdrawn" }
      value { number: 2 name: "ended" }
    }
    erasure { record: 1 reason: 2 withdrawn: 1 ended: 2 }
  }
  kind {
    number: 68
    name: "consent"
    internal: true
    field { number: 1 name: "record" type: REFERENCE merge: FIRST }
    field { number: 2 name: "until" type: DATE merge: LATEST }
    field { number: 3 name: "withdrawn" type: DATE merge: LATEST }
    consent { record: 1 until: 2 withdrawn: 3 }
  }
  measure { number: 1 name: "loans" }
  measure { number: 2 name: "excess" plus: 3 minus: 1 }
  measure { number: 3 name: "double" plus: 1 }
  measure { number: 4 name: "cases_open" kept: OPEN_CASES }
  dimension { number: 1 name: "colour" }
)pb";

inline policy::PolicyTable lending() {
  policy::PolicyTable table;
  const bool parsed = google::protobuf::TextFormat::ParseFromString(kLendingTable, &table);
  if (!parsed) throw std::logic_error("the table for tests is no table");
  return table;
}

}  // namespace songsong
