// Recount: everything that is counted of a set of records, from nothing and by the plainest way there is. What a store
// keeps must at any moment equal it; `verify` and the tests compare.
//
// It applies the rules of account.h, case.h, match.h and unit_tree.h to all records at once and shares none of the
// bookkeeping that keeps a store in step. Linear in the records, in memory; not for the hot path. A pure function.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/account.h"
#include "shared/core/case.h"
#include "shared/core/match.h"
#include "shared/core/records.h"
#include "shared/core/unit_tree.h"

namespace songsong {

struct CountedAccount {
  Cells cells;
  std::vector<ClaimKey> claims;

  bool operator==(const CountedAccount&) const = default;
};

struct CountedTotals {
  Cells own;
  Cells subtree;

  bool operator==(const CountedTotals&) const = default;
};

struct Recount {
  UnitTree tree;
  std::map<RecordId, std::string> homes;        // the unit where each record belongs
  std::map<RecordId, RecordId> class_names;     // of records whose class has another name
  std::map<RecordId, CountedAccount> accounts;  // those with cells or claims
  std::map<std::string, Case> cases;
  std::map<std::string, CountedTotals> totals;  // of units with any cell
  std::set<ReferenceTo> references;
  std::set<std::pair<MatchKey, RecordId>> matches;
  std::map<RecordId, std::string> search;  // where not empty
};

// `ids` are all the records that were put.
Recount recount(const Records& records, const std::vector<RecordId>& ids);

}  // namespace songsong
