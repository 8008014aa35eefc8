#include "shared/replica/record_cache.h"

#include <algorithm>

#include "shared/core/state_codec.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 1000;

Fault damaged(RecordId id, const Fault& cause) {
  return Fault{.code = "storage_damaged", .where = "record " + to_text(id) + ", " + cause.where, .what = cause.what};
}

}  // namespace

void RecordCache::load(std::span<const RecordId> ids) {
  std::vector<RecordId> missing;
  for (const RecordId id : ids) {
    if (!rows_.contains(id)) missing.push_back(id);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  if (missing.empty()) return;
  std::vector<std::optional<RecordRow>> rows = reader_.records(missing);
  std::vector<std::string> personal = reader_.personal(missing);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const RecordId id = missing[i];
    if (rows[i].has_value()) {
      Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(personal[i]);
      if (!values) throw StorageDamage{damaged(id, values.fault())};
      Outcome<State> state = decode_state(rows[i]->state, values->lookup());
      if (!state) throw StorageDamage{damaged(id, state.fault())};
      personal_[id] = std::move(*values);
      if (!personal[i].empty()) personal_rows_.emplace(id, std::move(personal[i]));
      if (!records_.has(id)) records_.put(std::move(*state));
    }
    rows_.emplace(id, std::move(rows[i]));
  }
}

void RecordCache::load_referrers(std::span<const RecordId> targets) {
  std::vector<RecordId> missing;
  for (const RecordId target : targets) {
    if (referrers_loaded_.insert(target).second) missing.push_back(target);
  }
  if (missing.empty()) return;
  std::sort(missing.begin(), missing.end());
  std::vector<RecordId> sources;
  for (const std::vector<ReferenceTo>& references : reader_.references_to(missing)) {
    for (const ReferenceTo& each : references) sources.push_back(each.source);
  }
  load(sources);
}

const RecordRow* RecordCache::stored(RecordId id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() || !found->second.has_value() ? nullptr : &*found->second;
}

const std::string& RecordCache::stored_personal(RecordId id) const {
  static const std::string kNone;
  const auto found = personal_rows_.find(id);
  return found == personal_rows_.end() ? kNone : found->second;
}

void each_live_record(StoreReader& reader, const Policies& policies, const KindPolicy* kind,
                      const std::function<void(const Shown&)>& take) {
  if (kind == nullptr) return;
  for (RecordId after;;) {
    const std::vector<RecordRow> page = reader.scan(kind->number(), after, kPage);
    if (page.empty()) return;
    after = page.back().id;
    std::vector<RecordId> ids;
    for (const RecordRow& row : page) {
      if (row.live) ids.push_back(row.id);
    }
    RecordCache cache(policies, reader);
    cache.load(ids);
    for (const RecordId id : ids) take(*cache.records().find(id));
  }
}

}  // namespace songsong
