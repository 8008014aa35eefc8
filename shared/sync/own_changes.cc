#include "shared/sync/own_changes.h"

#include "shared/core/change_row.h"
#include "shared/replica/own_lines.h"

namespace songsong {

std::vector<OwnChange> OwnChanges::of(RecordId record) {
  std::vector<OwnChange> changes;
  const RecordId wanted[] = {record};
  cache_.load(wanted);
  const RecordRow* const row = cache_.stored(record);
  if (row == nullptr || row->last_logged == 0) return changes;
  for (const LogRow& entry : log_of_record(reader_, *row)) {
    Outcome<Change> change = decode_change(entry.change, cache_.personal(record).lookup());
    if (!change) throw StorageDamage{change.fault()};
    const bool refused = entry.verdict == Verdict::kQuarantined || refused_.contains(entry.name);
    changes.push_back(
        OwnChange{.change = std::move(*change), .verdict = refused ? Verdict::kQuarantined : Verdict::kApplied});
  }
  return changes;
}

}  // namespace songsong
