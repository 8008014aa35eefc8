#include "shared/replica/match_book.h"

#include <algorithm>

namespace songsong {

void MatchBook::change_keys(RecordId record, const std::vector<MatchKey>& before, const std::vector<MatchKey>& now) {
  for (const MatchKey& key : before) {
    if (!std::binary_search(now.begin(), now.end(), key)) removed_[key].insert(record);
  }
  for (const MatchKey& key : now) {
    if (!std::binary_search(before.begin(), before.end(), key)) added_[key].insert(record);
  }
}

// All of its class, before and now: a decision on one member speaks for the others.
void MatchBook::reconsider(RecordId record) {
  const std::vector<RecordId>& members = classes_.members(record);
  reconsidered_.insert(members.begin(), members.end());
}

void MatchBook::reconsider_pair(RecordId one, RecordId other) {
  if (one != other) pairs_.emplace(std::min(one, other), std::max(one, other));
}

const MatchBook::Holders& MatchBook::holders(const MatchKey& key) {
  const auto found = holders_.find(key);
  if (found != holders_.end()) return found->second;
  const MatchKey asked[] = {key};
  Holders holders{.before = cache_.reader().matches(asked).front(), .now = {}};
  std::set<RecordId> now(holders.before.begin(), holders.before.end());
  if (const auto gone = removed_.find(key); gone != removed_.end()) {
    for (const RecordId record : gone->second) now.erase(record);
  }
  if (const auto fresh = added_.find(key); fresh != added_.end())
    now.insert(fresh->second.begin(), fresh->second.end());
  holders.now.assign(now.begin(), now.end());
  return holders_.emplace(key, std::move(holders)).first->second;
}

// Of a large group that stays one, with the same least record, only the pairs of the records that came or went change.
void MatchBook::add_pairs(const MatchKey& key, const std::set<RecordId>& changed) {
  const Holders& sharing = holders(key);
  const bool stays_large = sharing.before.size() > kMaxMatchedInFull && sharing.now.size() > kMaxMatchedInFull &&
                           sharing.before.front() == sharing.now.front();
  if (stays_large) {
    for (const RecordId record : changed) reconsider_pair(sharing.now.front(), record);
    return;
  }
  for (const auto& [one, other] : likely_pairs(sharing.before)) reconsider_pair(one, other);
  for (const auto& [one, other] : likely_pairs(sharing.now)) reconsider_pair(one, other);
}

std::map<std::pair<RecordId, RecordId>, bool> MatchBook::settle(StoreBatch& batch) {
  for (const auto& [key, records] : removed_) {
    for (const RecordId record : records) batch.matches_removed.emplace_back(key, record);
    add_pairs(key, records);
  }
  for (const auto& [key, records] : added_) {
    for (const RecordId record : records) batch.matches_added.emplace_back(key, record);
    add_pairs(key, records);
  }
  const std::vector<RecordId> reconsidered(reconsidered_.begin(), reconsidered_.end());
  cache_.load(reconsidered);
  for (const RecordId record : reconsidered) {
    const Shown* const shown = cache_.records().find(record);
    if (shown == nullptr) continue;
    for (const MatchKey& key : match_keys(*shown, cache_.records())) {
      for (const RecordId other : holders(key).now) {
        if (is_likely_pair(holders(key).now, record, other)) reconsider_pair(record, other);
      }
    }
    for (const Decision& each : classes_.decisions_of(record)) reconsider_pair(record, each.other);
  }

  std::vector<RecordId> looked_at;
  for (const auto& [one, other] : pairs_) looked_at.insert(looked_at.end(), {one, other});
  cache_.load(looked_at);
  std::map<std::pair<RecordId, RecordId>, bool> settled;
  for (const auto& [one, other] : pairs_) {
    bool share = false;
    const Shown* const first = cache_.records().find(one);
    const Shown* const second = cache_.records().find(other);
    if (first != nullptr && second != nullptr) {
      const std::vector<MatchKey> keys = match_keys(*second, cache_.records());
      for (const MatchKey& key : match_keys(*first, cache_.records())) {
        share = share ||
                (std::binary_search(keys.begin(), keys.end(), key) && is_likely_pair(holders(key).now, one, other));
      }
    }
    settled[{one, other}] = share;
  }
  return settled;
}

}  // namespace songsong
