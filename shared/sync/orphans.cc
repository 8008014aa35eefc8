#include "shared/sync/orphans.h"

#include <algorithm>

#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/contact.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

// One with changes that were not sent yet stays for now, whatever the server says, and is asked about the next time.
bool any_waits(StoreReader& reader, std::span<const RecordId> orphans) {
  const OwnLines own = OwnLines::read(reader);
  for (const std::optional<RecordRow>& row : reader.records(orphans)) {
    if (!row) continue;
    for (const LogRow& entry : log_of_record(reader, *row)) {
      if (own.may_wait(entry.name)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<RecordId> orphans_held(StoreReader& reader, std::uint64_t epoch, RecordId after, std::size_t most) {
  std::vector<RecordId> held;
  for (RecordId at = after;;) {
    const std::vector<RecordRow> rows = reader.scan(0, at, kPage);
    for (const RecordRow& row : rows) {
      if (is_orphan(row, epoch)) held.push_back(row.id);
      if (held.size() == most) return held;
    }
    if (rows.size() < kPage) return held;
    at = rows.back().id;
  }
}

Outcome<std::vector<RecordId>> Orphans::next(Store& store, std::uint64_t epoch) {
  std::vector<RecordId> held;
  bool again = false;
  Outcome<Done> looked = Done{};
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    try {
      held = orphans_held(reader, epoch, at_, wire::kMaxOrphans);
      again = held.empty() && any_waits(reader, orphans_held(reader, epoch, RecordId(), wire::kMaxOrphans));
    } catch (const StorageDamage& damage) {
      looked = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!looked) return looked.fault();
  if (!held.empty()) {
    at_ = held.back();
    return held;
  }
  over_ = true;
  if (again) return held;
  const Store::Writing forget = [](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[kAfterRestoreSetting] = "";
    return batch;
  };
  const Outcome<StoreSequence> written = store.write(kShard, {&forget, 1});
  if (!written) return written.fault();
  return held;
}

}  // namespace songsong
