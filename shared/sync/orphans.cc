#include "shared/sync/orphans.h"

#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

}  // namespace

Outcome<std::vector<RecordId>> Orphans::next(Store& store, const Contact& contact, bool heard_all) {
  const bool along = contact.after_restore == AfterRestore::kOrphansLeft;
  if (over_ || (!along && !(heard_all && is_due(contact)))) return std::vector<RecordId>();
  Outcome<std::vector<RecordId>> asked = batch(store, contact.epoch, along);
  if (!asked) return asked.fault();
  over_ = along || asked->empty();
  if (!over_) return asked;
  const AfterRestore stage = found_ ? AfterRestore::kOrphansLeft : AfterRestore::kNo;
  if (stage == contact.after_restore) return asked;
  const Outcome<Done> moved = move_to(store, stage);
  if (!moved) return moved.fault();
  return asked;
}

bool hangs(const RecordRow& row) { return row.live && row.unit == kUnspecifiedUnit; }

// The first time also about its own that it was never told of, for what of them is in the scope was told just now; and
// about what hangs in the air.
Outcome<std::vector<RecordId>> Orphans::batch(Store& store, std::uint64_t epoch, bool only_orphans) {
  std::vector<RecordId> held;
  asked_until_ = at_;
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    for (bool more = true; more && held.size() + kPage <= wire::kMaxOrphans;) {
      const std::vector<RecordRow> rows = reader.scan(0, asked_until_, kPage);
      more = rows.size() == kPage;
      for (const RecordRow& row : rows) {
        const bool orphan = is_orphan(row, epoch);
        found_ = found_ || orphan;
        if (orphan || (!only_orphans && (hangs(row) || (row.live && row.base_epoch == 0)))) held.push_back(row.id);
      }
      if (!rows.empty()) asked_until_ = rows.back().id;
    }
  });
  if (!read) return read.fault();
  return held;
}

std::uint64_t count_orphans(StoreReader& reader, const Contact& contact) {
  if (contact.after_restore != AfterRestore::kOrphansLeft) return 0;
  std::uint64_t count = 0;
  for (RecordId at;;) {
    const std::vector<RecordRow> rows = reader.scan(0, at, kPage);
    for (const RecordRow& row : rows) count += is_orphan(row, contact.epoch) ? 1 : 0;
    if (rows.size() < kPage) return count;
    at = rows.back().id;
  }
}

Outcome<Done> Orphans::move_to(Store& store, AfterRestore stage) {
  const Store::Writing writing = [stage](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[kAfterRestoreSetting] = to_setting(stage);
    return batch;
  };
  const Outcome<StoreSequence> written = store.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

}  // namespace songsong
