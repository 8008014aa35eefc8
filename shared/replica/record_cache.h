// RecordCache: the records that one commit looks at, read from the store in batches, each once. Lives inside one call
// of Store::read or Store::write and belongs to its thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "shared/core/personal_values.h"
#include "shared/core/records.h"
#include "shared/replica/store.h"

namespace songsong {

class RecordCache {
 public:
  RecordCache(const Policies& policies, StoreReader& reader) : records_(policies), reader_(reader) {}

  // Throws StorageDamage when a row does not decode.
  void load(std::span<const RecordId> ids);
  // Everything that refers to the records, as stored; what is put later is known by itself.
  void load_referrers(std::span<const RecordId> targets);

  // The row as it was stored before this commit; null when there was none. The record must have been loaded.
  const RecordRow* stored(RecordId id) const;
  // The row of its personal values as it was stored; empty when there was none.
  const std::string& stored_personal(RecordId id) const;
  // Its personal values as they stand now, puts included.
  PersonalValuesOf& personal(RecordId id) { return personal_[id]; }

  void put(State state) { records_.put(std::move(state)); }
  const Records& records() const { return records_; }
  StoreReader& reader() { return reader_; }

 private:
  Records records_;
  StoreReader& reader_;
  std::map<RecordId, std::optional<RecordRow>> rows_;
  std::map<RecordId, std::string> personal_rows_;
  std::map<RecordId, PersonalValuesOf> personal_;
  std::set<RecordId> referrers_loaded_;
};

// Calls `take` with every live record of the kind, ascending by id; none where `kind` is null. Throws StorageDamage.
void each_live_record(StoreReader& reader, const Policies& policies, const KindPolicy* kind,
                      const std::function<void(const Shown&)>& take);

}  // namespace songsong
