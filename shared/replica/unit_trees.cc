#include "shared/replica/unit_trees.h"

#include <utility>
#include <vector>

#include "shared/replica/record_cache.h"

namespace songsong {

UnitHistory read_unit_history(StoreReader& reader, const Policies& policies) {
  std::vector<UnitPeriod> periods;
  std::map<RecordId, UnitDates> dates;
  each_live_record(reader, policies, policies.unit_period(), [&](const Shown& record) {
    if (std::optional<UnitPeriod> period = read_unit_period(record)) periods.push_back(std::move(*period));
  });
  each_live_record(reader, policies, policies.unit_tree(), [&](const Shown& record) {
    const UnitDates of_unit = read_unit_dates(record);
    if (of_unit.opened || of_unit.closed) dates.emplace(record.id(), of_unit);
  });
  UnitTree now(reader.units());
  std::map<std::string, UnitDates> dates_by_code;
  for (const auto& [code, unit] : now.units()) {
    if (const auto found = dates.find(unit.record); found != dates.end()) dates_by_code.emplace(code, found->second);
  }
  return UnitHistory(std::move(now), std::move(periods), std::move(dates_by_code));
}

void UnitTreeCache::forget_if_changed(StoreReader& reader) {
  std::string stored = reader.setting(kFingerprint);
  if (stored == fingerprint_) return;
  tree_ = nullptr;
  history_ = nullptr;
  former_.clear();
  fingerprint_ = std::move(stored);
}

const UnitHistory& UnitTreeCache::known_history(StoreReader& reader, const Policies& policies) {
  forget_if_changed(reader);
  if (history_ == nullptr) history_ = std::make_shared<const UnitHistory>(read_unit_history(reader, policies));
  return *history_;
}

std::shared_ptr<const UnitTree> UnitTreeCache::tree(StoreReader& reader) {
  const std::lock_guard lock(mutex_);
  forget_if_changed(reader);
  if (tree_ == nullptr) tree_ = std::make_shared<const UnitTree>(reader.units());
  return tree_;
}

std::shared_ptr<const UnitHistory> UnitTreeCache::history(StoreReader& reader, const Policies& policies) {
  const std::lock_guard lock(mutex_);
  known_history(reader, policies);
  return history_;
}

std::shared_ptr<const UnitTree> UnitTreeCache::tree_on(StoreReader& reader, const Policies& policies,
                                                       std::int64_t day) {
  {
    const std::lock_guard lock(mutex_);
    const UnitHistory& history = known_history(reader, policies);
    if (const std::optional<std::int64_t> end = history.stretch_end(day)) {
      if (!former_.contains(*end) && former_.size() == kMostFormer) former_.clear();
      std::shared_ptr<const UnitTree>& tree = former_[*end];
      if (tree == nullptr) tree = std::make_shared<const UnitTree>(history.on(day));
      return tree;
    }
  }
  return tree(reader);
}

}  // namespace songsong
