#include "shared/sync/offers.h"

#include <algorithm>

#include "shared/core/change_row.h"
#include "shared/core/fold.h"
#include "shared/core/value_text.h"
#include "shared/replica/own_lines.h"
#include "shared/sync/judge.h"

namespace songsong {

std::string unit_written(const Change& change, const Policies& policies) {
  const KindPolicy* const kind = policies.kind(change.kind);
  for (const Write& write : change.writes) {
    if (kind != nullptr && kind->unit_field() != 0 && write.field == kind->unit_field() &&
        write.value.text() != nullptr)
      return *write.value.text();
  }
  return {};
}

std::string about_record(RecordId record, RecordCache& cache) {
  constexpr std::size_t kMostLetters = 200;
  const Shown* const shown = cache.records().find(record);
  if (shown == nullptr || shown->kind == nullptr) return {};
  std::string text;
  for (const std::uint32_t number : shown->kind->title()) {
    const FieldPolicy* const field = Policies::field(*shown->kind, number);
    const Value* const value = shown->find(number);
    if (field == nullptr || value == nullptr || value->type() == ValueType::kErased) continue;
    text += (text.empty() ? "" : " · ") + print_value(field, *value);
  }
  if (text.empty() || count_code_points(text) > kMostLetters) return {};
  return text + " [" + home_of(*shown, cache) + "]";
}

bool was_let_in(const LogRow& set_aside, const RecordRow& row, StoreReader& reader) {
  const std::vector<Change> changes = changes_of_record(reader, row);
  return std::any_of(changes.begin(), changes.end(), [&](const Change& held) { return held.origin == set_aside.name; });
}

bool has_moved_since(const LogRow& set_aside, const RecordRow& row, StoreReader& reader, const Policies& policies) {
  const std::vector<LogRow> entries = log_of_record(reader, row);
  return std::any_of(entries.begin(), entries.end(), [&](const LogRow& entry) {
    if (entry.sequence <= set_aside.sequence || entry.verdict != Verdict::kApplied) return false;
    const Outcome<Change> change = decode_change(entry.change);
    if (!change) throw StorageDamage{change.fault()};
    return !unit_written(*change, policies).empty();
  });
}

std::vector<RecordId> other_offers(RecordId record, RecordId received, RecordCache& cache, const Policies& policies) {
  std::vector<RecordId> others;
  const KindPolicy& kind = *policies.quarantine();
  const policy::QuarantineRule& rule = kind.quarantine();
  const RecordId targets[] = {record};
  const std::vector<std::vector<ReferenceTo>> references = cache.reader().references_to(targets);
  for (const ReferenceTo& each : references.front()) {
    if (each.source_kind != kind.number() || each.field != rule.record() || each.source == received) continue;
    const RecordId wanted[] = {each.source};
    cache.load(wanted);
    const Shown* const shown = cache.records().find(each.source);
    if (shown == nullptr || !shown->live || shown->find(rule.decision()) != nullptr) continue;
    const Value* const reason = shown->find(rule.reason());
    if (reason != nullptr && reason->text() != nullptr && *reason->text() == kToBeReceived)
      others.push_back(each.source);
  }
  return others;
}

}  // namespace songsong
