// TotalsBook: sums up what one commit adds to and takes from the totals, and writes each unit's row once.
//
// A unit's row holds the sum of its own records and the sum of its subtree, so that any total at any level is one row.
// When the tree itself changes, the subtree sums are added up anew from the units' own.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "shared/core/account.h"
#include "shared/core/unit_tree.h"
#include "shared/replica/store.h"

namespace songsong {

// What the unit and all below it count in a tree that need not be the one that the store's totals are summed for.
Cells total_in(const UnitTree& tree, const std::string& unit, StoreReader& reader);

class TotalsBook {
 public:
  void add(const Cells& cells) { post(cells, 1); }
  void take_out(const Cells& cells) { post(cells, -1); }

  // The rows to write, given the tree before and after this commit.
  std::vector<TotalsRow> rows(const UnitTree& before, const UnitTree& after, StoreReader& reader) const;

 private:
  void post(const Cells& cells, std::int64_t sign);
  std::vector<TotalsRow> rows_in(const UnitTree& tree, StoreReader& reader) const;
  std::vector<TotalsRow> rows_anew(const UnitTree& tree, StoreReader& reader) const;

  std::map<std::string, Cells> changes_;  // by unit, not yet combined
};

}  // namespace songsong
