#include "shared/replica/erasures.h"

#include <algorithm>
#include <vector>

namespace songsong {
namespace {

// The references through which a kind's personal values tell of another record.
std::set<FieldNumber> subjects_of(const KindPolicy& kind) {
  std::set<FieldNumber> subjects;
  for (const FieldPolicy& field : kind.field()) {
    if (field.personal() && field.subject() != 0) subjects.insert(field.subject());
  }
  return subjects;
}

const RecordId* target_of(const Shown& record, FieldNumber reference) {
  const Value* const value = record.find(reference);
  return value != nullptr ? value->reference() : nullptr;
}

}  // namespace

const Shown* Erasures::shown(RecordId record) {
  const RecordId wanted[] = {record};
  cache_.load(wanted);
  return cache_.records().find(record);
}

bool Erasures::is_named(RecordId record) {
  const auto [at, fresh] = named_.try_emplace(record, false);
  if (!fresh) return at->second;
  const RecordId wanted[] = {record};
  cache_.load_referrers(wanted);
  const KindPolicy& kind = *policies_.erasure();
  const std::vector<ReferenceTo>& references = cache_.records().references_to(record);
  at->second = std::any_of(references.begin(), references.end(), [&](const ReferenceTo& each) {
    const Shown* const source = cache_.records().find(each.source);
    return each.source_kind == kind.number() && each.field == kind.erasure().record() && source != nullptr &&
           source->live;
  });
  return at->second;
}

bool Erasures::is_erased(RecordId record) {
  const auto known = erased_.find(record);
  if (known != erased_.end()) return known->second;
  erased_[record] = false;  // where references lead in a circle, it says nothing by itself
  bool erased = is_named(record);
  const Shown* const told = shown(record);
  if (!erased && told != nullptr && told->kind != nullptr) {
    for (const FieldNumber subject : subjects_of(*told->kind)) {
      const RecordId* const target = target_of(*told, subject);
      erased = erased || (target != nullptr && is_erased(*target));
    }
  }
  return erased_[record] = erased;
}

bool Erasures::covers(RecordId record, FieldNumber field) {
  const Shown* const told = shown(record);
  if (told == nullptr || told->kind == nullptr) return is_named(record);
  bool known = false;
  for (const FieldPolicy& each : told->kind->field()) {
    if (Policies::register_of(each) != field) continue;
    known = true;
    if (!each.personal()) continue;
    const RecordId* const target = each.subject() != 0 ? target_of(*told, each.subject()) : nullptr;
    if (each.subject() == 0 ? is_named(record) : target != nullptr && is_erased(*target)) return true;
  }
  return !known && is_named(record);
}

std::optional<RecordId> Erasures::named_by(RecordId erasure) {
  const Shown* const told = shown(erasure);
  const RecordId* const subject =
      told != nullptr && told->live ? target_of(*told, policies_.erasure()->erasure().record()) : nullptr;
  return subject != nullptr ? std::optional(*subject) : std::nullopt;
}

std::set<RecordId> Erasures::reached(RecordId erasure) {
  std::set<RecordId> found;
  const std::optional<RecordId> subject = named_by(erasure);
  if (!subject) return found;
  std::vector<RecordId> open = {*subject};
  found.insert(*subject);
  while (!open.empty()) {
    cache_.load_referrers(open);
    std::vector<RecordId> next;
    for (const RecordId target : open) {
      for (const ReferenceTo& each : cache_.records().references_to(target)) {
        const KindPolicy* const kind = policies_.kind(each.source_kind);
        const bool tells = kind != nullptr && subjects_of(*kind).contains(each.field);
        if (tells && found.insert(each.source).second) next.push_back(each.source);
      }
    }
    open = std::move(next);
  }
  return found;
}

}  // namespace songsong
