// The trees of units of one store, kept between commits: they are read again only when their fingerprint in the store
// changed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "shared/core/policy.h"
#include "shared/core/unit_history.h"
#include "shared/replica/store.h"

namespace songsong {

// From the records of the unit kinds, all of which it reads. Throws StorageDamage.
UnitHistory read_unit_history(StoreReader& reader, const Policies& policies);

// Any thread; each call inside a call of Store::read or Store::write, whose reader it is given. Throws StorageDamage.
class UnitTreeCache {
 public:
  std::shared_ptr<const UnitTree> tree(StoreReader& reader);
  std::shared_ptr<const UnitHistory> history(StoreReader& reader, const Policies& policies);
  // As it stood on the day.
  std::shared_ptr<const UnitTree> tree_on(StoreReader& reader, const Policies& policies, std::int64_t day);

  // The name of the setting that holds the fingerprint.
  static constexpr const char* kFingerprint = "units_fingerprint";

 private:
  // Former trees that are kept; more are made again when they are asked for.
  static constexpr std::size_t kMostFormer = 8;

  // All guarded by mutex_.
  void forget_if_changed(StoreReader& reader);
  const UnitHistory& known_history(StoreReader& reader, const Policies& policies);

  std::mutex mutex_;
  std::string fingerprint_;
  std::shared_ptr<const UnitTree> tree_;
  std::shared_ptr<const UnitHistory> history_;
  std::map<std::int64_t, std::shared_ptr<const UnitTree>> former_;  // by the end of their stretch
};

// The trees of one snapshot, each asked for once. Borrows all; belongs to the call of Store::read or Store::write, and
// its thread.
class UnitTrees {
 public:
  UnitTrees(UnitTreeCache& cache, StoreReader& reader, const Policies& policies)
      : cache_(cache), reader_(reader), policies_(policies) {}

  const std::shared_ptr<const UnitTree>& now() const {
    if (now_ == nullptr) now_ = cache_.tree(reader_);
    return now_;
  }
  const std::shared_ptr<const UnitHistory>& history() const {
    if (history_ == nullptr) history_ = cache_.history(reader_, policies_);
    return history_;
  }
  std::shared_ptr<const UnitTree> on(std::int64_t day) const { return cache_.tree_on(reader_, policies_, day); }

 private:
  UnitTreeCache& cache_;
  StoreReader& reader_;
  const Policies& policies_;
  mutable std::shared_ptr<const UnitTree> now_;
  mutable std::shared_ptr<const UnitHistory> history_;
};

}  // namespace songsong
