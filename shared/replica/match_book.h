// MatchBook: keeps the index of match keys, and finds the pairs of records that one commit may have made, or unmade,
// likely duplicates.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "shared/core/match.h"
#include "shared/replica/class_finder.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/store.h"

namespace songsong {

class MatchBook {
 public:
  MatchBook(RecordCache& cache, ClassFinder& classes) : cache_(cache), classes_(classes) {}

  void change_keys(RecordId record, const std::vector<MatchKey>& before, const std::vector<MatchKey>& now);
  // Decisions about the record changed, or its unit: its pairs are looked at again.
  void reconsider(RecordId record);
  void reconsider_pair(RecordId one, RecordId other);

  // Once, after all changes. Pairs with the lesser id first; whether they share a key now.
  std::map<std::pair<RecordId, RecordId>, bool> settle(StoreBatch& batch);

 private:
  struct Holders {
    std::vector<RecordId> before, now;
  };

  const Holders& holders(const MatchKey& key);
  void add_pairs(const MatchKey& key, const std::set<RecordId>& changed);

  RecordCache& cache_;
  ClassFinder& classes_;
  std::map<MatchKey, std::set<RecordId>> added_;
  std::map<MatchKey, std::set<RecordId>> removed_;
  std::map<MatchKey, Holders> holders_;
  std::set<RecordId> reconsidered_;
  std::set<std::pair<RecordId, RecordId>> pairs_;
};

}  // namespace songsong
