// Case: something a person must decide. Its identity is its class and its record, pair or key, so that every store that
// sees the same records raises the same case under the same name.
//
//   text form   conflict.<record> · claim.<number>.<16 hexadecimal digits> · duplicate.<record>-<record> ·
//               quarantine.<record of the quarantine> · missing_proof.<record>          matches [0-9a-z._-]+
//
// Pure functions of the records round it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/account.h"
#include "shared/core/records.h"
#include "shared/core/samehood.h"
#include "shared/core/unit_tree.h"

namespace songsong {

// Stored: the numbers may not change.
enum class CaseClass : std::uint8_t {
  kConflict = 1,      // one a record
  kClaim = 2,         // one a key
  kDuplicate = 3,     // one a pair
  kQuarantine = 4,    // one a change
  kMissingProof = 5,  // one a record
};

const char* to_text(CaseClass each);  // lower snake case

struct Case {
  std::string id;
  CaseClass of = CaseClass::kConflict;
  std::string unit;                 // where it is counted: the unit of its least record
  std::vector<RecordId> records;    // ascending
  std::vector<FieldNumber> fields;  // what is in conflict or claimed
  std::string reason;               // a stable code, which screens put into words

  auto operator<=>(const Case&) const = default;
};

std::string conflict_case_id(RecordId record);
std::string missing_proof_case_id(RecordId record);
std::string duplicate_case_id(RecordId one, RecordId other);
std::string quarantine_case_id(RecordId quarantine);
std::string claim_case_id(std::uint32_t number, const std::string& key);

// Reasons: "different_values", "edited_after_removal" (kRemovedField among the fields), "unit_circle" (the record is of
// a unit whose parent was cut in the tree).
std::optional<Case> conflict_case(const Shown& record, const Records& records, const UnitTree& tree);

// Reason "missing_evidence"; fields name what needs it.
std::optional<Case> missing_proof_case(const Shown& record, const Records& records);

// Claimants of one key, ascending; a case from two on. The claimed field is the least claimant's. Reason
// "claimed_twice".
std::optional<Case> claim_case(std::uint32_t number, const std::string& key, const std::vector<RecordId>& claimants,
                               const Records& records);

// Two live records that share a match key, are not one class and were not told apart: reason "likely_duplicate". Two of
// one class that a decision calls different: reason "decisions_disagree".
std::optional<Case> duplicate_case(RecordId one, RecordId other, bool share_a_key, const DecisionsOf& decisions,
                                   const Records& records);

// A live record of the quarantine kind, which a server makes one for each change that it sets aside,
// (schemas/songsong/engine.proto) without a decision. The reason is the quarantine's.
std::optional<Case> quarantine_case(const Shown& record, const Records& records);

}  // namespace songsong
