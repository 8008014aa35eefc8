// Books: keeps what is counted in step with the records, inside the transaction that changes them.
//
// Used for one commit: put() every record that changes, then settle() once. The stored cells of every account that is
// touched are taken out, the accounts walked again, the new cells put in; so with claims, cases, references, match
// keys, search texts and the tree of units (docs/DESIGN.md section 2). Nothing is found by scanning, and whatever the
// books hold must at any moment equal a recount from nothing (audit.h).
//
// Belongs to the thread of the Store::write call whose reader it was given. Throws StorageDamage; also with the fault
// "policies_changed" when the store's books were counted by another policy table.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/dependencies.h"
#include "shared/core/policy.h"
#include "shared/replica/account_book.h"
#include "shared/replica/case_book.h"
#include "shared/replica/class_finder.h"
#include "shared/replica/match_book.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/store.h"
#include "shared/replica/totals_book.h"
#include "shared/replica/unit_trees.h"

namespace songsong {

// What all books of one store share.
struct BooksContext {
  const Policies& policies;
  const Dependencies& dependencies;
  UnitTreeCache& trees;
};

// The setting that says by which revision of the policy table the books of the store are counted.
inline constexpr const char* kBooksRevisionSetting = "books_revision";
// What it says while they are counted anew.
inline constexpr const char* kRecounting = "recounting";

enum class Counting { kGoesOn, kAnew };

class Books {
 public:
  Books(const BooksContext& context, StoreReader& reader, Counting counting = Counting::kGoesOn);

  RecordCache& cache() { return cache_; }
  std::shared_ptr<const UnitTree> tree() const { return tree_; }  // as stored, until settle()
  const UnitTrees& unit_trees() const { return unit_trees_; }     // the same

  // The record's new state as it is shown here; its personal values are taken along. `base` is what the server last
  // said, while own changes are shown over it.
  void put(State shown, std::optional<State> base = std::nullopt);
  // The record as it is stored, to be counted anew: the books hold nothing of it (recounting.h). Its version stays.
  void count_anew(RecordId id);

  // Adds to the batch everything that follows from the puts. `version` is the store sequence that records which
  // changed, or moved to another unit, carry from now on; `now_ms` when cases are raised. Once.
  void settle(StoreSequence version, std::int64_t now_ms, StoreBatch& batch);

 private:
  // A record as the store knew it before this commit.
  struct Before {
    bool counted = true;  // false: the books hold nothing of it
    bool live = false;
    const KindPolicy* kind = nullptr;
    RecordId root;
    std::vector<ReferenceTo> references;
    std::vector<MatchKey> matches;
    std::string search;
  };

  Before footprint(RecordId id);
  static bool is_or_was(const Before& before, const KindPolicy* now, bool (KindPolicy::*has)() const);
  bool stored(RecordId id) const { return cache_.stored(id) != nullptr; }
  std::set<RecordId> settle_units(StoreBatch& batch);
  void settle_accounts(StoreBatch& batch);
  void settle_rows(StoreSequence version, StoreBatch& batch);
  void settle_row(RecordId id, const Before* before, StoreSequence version, StoreBatch& batch);
  void settle_pairs(StoreBatch& batch);
  void settle_claims(StoreBatch& batch);
  void settle_record_cases(const std::set<RecordId>& recut);

  BooksContext context_;
  StoreReader& reader_;
  RecordCache cache_;
  ClassFinder classes_;
  AccountBook accounts_;
  MatchBook matches_;
  CaseBook cases_;
  TotalsBook totals_;
  UnitTrees unit_trees_;
  std::shared_ptr<const UnitTree> tree_before_;
  std::shared_ptr<const UnitTree> tree_;
  std::map<RecordId, Before> changed_;
  std::map<RecordId, State> bases_;
  std::set<RecordId> moved_;  // now in another unit than their stored row says
};

}  // namespace songsong
