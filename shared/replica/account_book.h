// AccountBook: counts again the accounts that one commit touches.
//
// A changed record touches the account of its root, those of what it leans on or leaned on before, and those of records
// that look at it (Dependencies); a class that a decision joined or split touches the accounts it had and those it
// gets. The stored accounts of all members are taken out whole and the new ones put in, so nothing drifts.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "shared/core/dependencies.h"
#include "shared/replica/class_finder.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/store.h"
#include "shared/replica/totals_book.h"

namespace songsong {

class AccountBook {
 public:
  AccountBook(const Dependencies& dependencies, RecordCache& cache, ClassFinder& classes)
      : dependencies_(dependencies), cache_(cache), classes_(classes) {}

  // A record that changed, with its root and the references it made before; one that is new was its own root.
  void touch(RecordId record, RecordId root_before, const std::vector<ReferenceTo>& references_before,
             bool kind_changed);
  // Once, after all touches.
  void recount(TotalsBook& totals, StoreBatch& batch);

  // After recount: members and dependents of the accounts counted, and every claim key that they make or made.
  const std::set<RecordId>& counted() const { return counted_; }
  const std::set<ClaimKey>& claims_before() const { return claims_before_; }
  const std::set<ClaimKey>& claims_now() const { return claims_now_; }

  // Loads the record and what leads to its root.
  RecordId root(RecordId record);

 private:
  void touch_referrers(RecordId record, bool kind_changed);
  void touch_viewers(RecordId record);
  std::vector<std::vector<RecordId>> touched_classes();
  Account account_of(const std::vector<RecordId>& members);
  void load_looked_at(const Account& account);
  std::map<RecordId, AccountRow> take_out(const std::vector<std::vector<RecordId>>& classes, TotalsBook& totals,
                                          StoreBatch& batch);

  const Dependencies& dependencies_;
  RecordCache& cache_;
  ClassFinder& classes_;
  std::set<RecordId> roots_;
  std::set<RecordId> counted_;
  std::set<ClaimKey> claims_before_;
  std::set<ClaimKey> claims_now_;
};

}  // namespace songsong
