#include "shared/sync/logged.h"

#include <algorithm>

#include "shared/replica/own_lines.h"
#include "shared/sync/piece.h"
#include "shared/sync/wire.h"

namespace songsong {

std::optional<wire::History> history_of(StoreReader& reader, const Scope& scope, RecordId record,
                                        const Primer* primer) {
  const RecordId wanted[] = {record};
  const std::optional<RecordRow> row = reader.records(wanted).front();
  if (!row || !scope.records || !scope.contains(row->unit)) return std::nullopt;
  std::vector<LogRow> logged = log_of_record(reader, *row, kMaxHistory + 1);
  wire::History history;
  // The newest are the ones that are wanted, should not all have room.
  std::size_t bytes = 0;
  for (; !logged.empty(); logged.pop_back()) {
    const std::vector<Change> changes = read_changes(reader, {&logged.back(), 1});
    std::string encoded = encode_changes(changes, primer);
    bytes += encoded.size();
    history.set_older(bytes > wire::kMaxAnswerBytes / 4 ||
                      static_cast<std::size_t>(history.entries_size()) == kMaxHistory);
    if (history.older()) break;
    wire::Logged& entry = *history.add_entries();
    entry.set_change(std::move(encoded));
    if (logged.back().verdict == Verdict::kQuarantined) entry.set_set_aside(logged.back().reason);
    entry.set_received_ms(logged.back().received_ms);
  }
  std::reverse(history.mutable_entries()->begin(), history.mutable_entries()->end());
  return history;
}

}  // namespace songsong
