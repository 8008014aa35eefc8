#include "shared/replica/erasure_acts.h"

#include <charconv>

#include "shared/replica/admission.h"
#include "shared/replica/class_finder.h"
#include "shared/replica/erasures.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 500;
constexpr std::string_view kBack = " back";

}  // namespace

std::string encode_erasure(const ErasureNote& note) {
  std::string text = to_text(note.record) + " " + std::to_string(note.reason);
  if (!note.stands) text += kBack;
  return text;
}

std::optional<ErasureNote> decode_erasure(std::string_view text) {
  ErasureNote note;
  note.stands = !text.ends_with(kBack);
  if (!note.stands) text.remove_suffix(kBack.size());
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const Outcome<Name> record = parse_name(text.substr(0, space));
  const auto [end, flaw] = std::from_chars(text.data() + space + 1, text.data() + text.size(), note.reason);
  if (!record || flaw != std::errc() || end != text.data() + text.size()) return std::nullopt;
  note.record = *record;
  return note;
}

std::map<RecordId, ErasureNote> read_erasures(StoreReader& reader) {
  std::map<RecordId, ErasureNote> found;
  for (std::string after;;) {
    const auto page = reader.settings(kErasurePrefix, after, kPage);
    if (page.empty()) return found;
    after = page.back().first;
    for (const auto& [name, value] : page) {
      const std::optional<ErasureNote> note = decode_erasure(value);
      if (!note) throw StorageDamage{Fault{.code = "storage_damaged", .where = name, .what = "It says of no erasure."}};
      ErasureNote& kept = found.try_emplace(note->record, *note).first->second;
      if (note->stands) kept = *note;
    }
  }
}

bool holds_erasures(StoreReader& reader) { return !reader.settings(kErasurePrefix, "", 1).empty(); }

bool writes_erasures(const StoreBatch& batch) {
  const auto first = batch.settings.lower_bound(kErasurePrefix);
  return first != batch.settings.end() && first->first.starts_with(kErasurePrefix);
}

Act erasure_act(const Policies& policies, RecordId record, std::int64_t reason) {
  const KindPolicy& kind = *policies.erasure();
  Act act;
  act.kind = kind.number();
  act.inputs = {Input{.field = kind.erasure().record(), .shape = Shape::kRegister, .value = Value(record)},
                Input{.field = kind.erasure().reason(), .shape = Shape::kRegister, .value = Value(reason)}};
  return act;
}

Outcome<std::vector<Act>> erasure_acts(StoreReader& reader, const Policies& policies, RecordId record,
                                       std::int64_t reason) {
  if (policies.erasure() == nullptr)
    return Fault{.code = "unknown_kind", .where = "erasure", .what = "The schema here has no erasures."};
  RecordCache cache(policies, reader);
  const RecordId wanted[] = {record};
  cache.load(wanted);
  const Shown* const shown = cache.records().find(record);
  if (shown == nullptr || shown->state->kind == 0)
    return Fault{.code = "unknown_record", .where = to_text(record), .what = "This store holds no such record."};
  ClassFinder classes(cache);
  Erasures erasures(policies, cache);
  std::vector<Act> acts;
  for (const RecordId each : classes.members(record)) {
    if (!erasures.is_named(each)) acts.push_back(erasure_act(policies, each, reason));
  }
  return acts;
}

}  // namespace songsong
