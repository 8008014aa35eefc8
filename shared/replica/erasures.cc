#include "shared/replica/erasures.h"

#include <algorithm>

#include "shared/replica/own_lines.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 500;

const RecordId* target_of(const Shown& record, FieldNumber reference) {
  const Value* const value = record.find(reference);
  return value != nullptr ? value->reference() : nullptr;
}

const RecordId* target_of(const Change& change, FieldNumber reference) {
  for (const Write& write : change.writes) {
    if (write.field == reference && write.value.reference() != nullptr) return write.value.reference();
  }
  return nullptr;
}

// Whose a personal value of the field is: of the record itself (0), or of what these references name. What a decision
// says, it says of both.
std::set<FieldNumber> subjects_of(const KindPolicy& kind, const FieldPolicy& field) {
  if (kind.has_samehood() && field.subject() != 0) return {kind.samehood().one(), kind.samehood().other()};
  return {field.subject()};
}

}  // namespace

std::set<FieldNumber> subjects_of(const KindPolicy& kind) {
  std::set<FieldNumber> subjects;
  for (const FieldPolicy& field : kind.field()) {
    if (field.personal() && field.subject() != 0) subjects.merge(subjects_of(kind, field));
  }
  return subjects;
}

const Shown* Erasures::shown(RecordId record) {
  const RecordId wanted[] = {record};
  cache_.load(wanted);
  return cache_.records().find(record);
}

void Erasures::note(const Change& change) { noted_[change.record].push_back(change); }

// What the log has of the record, oldest first; what its writes of references name is all that matters of it.
const std::vector<Change>& Erasures::history(RecordId record) {
  const auto [at, fresh] = histories_.try_emplace(record);
  if (!fresh) return at->second;
  const RecordId wanted[] = {record};
  cache_.load(wanted);
  if (const RecordRow* const row = cache_.stored(record)) at->second = changes_of_record(cache_.reader(), *row);
  const auto noted = noted_.find(record);
  if (noted != noted_.end()) at->second.insert(at->second.end(), noted->second.begin(), noted->second.end());
  return at->second;
}

// Whom the record's reference named when the change was made.
std::optional<RecordId> Erasures::named_at(RecordId record, Name change, FieldNumber reference) {
  const RecordId* named = nullptr;
  for (const Change& each : history(record)) {
    if (const RecordId* const target = target_of(each, reference)) named = target;
    if (each.name == change && named != nullptr) return *named;
  }
  const Shown* const told = shown(record);
  const RecordId* const target = told != nullptr ? target_of(*told, reference) : nullptr;
  return target != nullptr ? std::optional(*target) : std::nullopt;
}

bool Erasures::is_named(RecordId record) {
  const auto [at, fresh] = named_.try_emplace(record, false);
  if (!fresh) return at->second;
  const RecordId wanted[] = {record};
  cache_.load_referrers(wanted);
  const KindPolicy& kind = *policies_.erasure();
  const std::vector<ReferenceTo>& references = cache_.records().references_to(record);
  at->second = std::any_of(references.begin(), references.end(), [&](const ReferenceTo& each) {
    return each.source_kind == kind.number() && each.field == kind.erasure().record() && stands(each.source);
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
      std::set<RecordId> targets;
      if (const RecordId* const target = target_of(*told, subject)) targets.insert(*target);
      for (const Change& each : history(record)) {
        if (const RecordId* const target = target_of(each, subject)) targets.insert(*target);
      }
      for (const RecordId target : targets) erased = erased || is_erased(target);
    }
  }
  return erased_[record] = erased;
}

bool Erasures::covers(RecordId record, Name change, FieldNumber field) {
  const Shown* const told = shown(record);
  const KindPolicy* kind = told != nullptr ? told->kind : nullptr;
  // One that was set aside when it opened the record says of which kind it was meant to be.
  if (kind == nullptr) {
    for (const Change& each : history(record)) {
      if (each.name == change) kind = policies_.kind(each.kind);
    }
  }
  if (kind == nullptr) return is_named(record);
  bool known = false;
  for (const FieldPolicy& each : kind->field()) {
    if (Policies::register_of(each) != field) continue;
    known = true;
    if (!each.personal()) continue;
    for (const FieldNumber subject : subjects_of(*kind, each)) {
      const std::optional<RecordId> target = subject != 0 ? named_at(record, change, subject) : std::nullopt;
      if (subject == 0 ? is_named(record) : target && is_erased(*target)) return true;
    }
  }
  return !known && is_named(record);
}

std::optional<RecordId> Erasures::named_by(RecordId erasure) {
  const Shown* const told = shown(erasure);
  const RecordId* const subject = told != nullptr ? target_of(*told, policies_.erasure()->erasure().record()) : nullptr;
  return subject != nullptr ? std::optional(*subject) : std::nullopt;
}

bool Erasures::stands(RecordId erasure) {
  const Shown* const told = shown(erasure);
  return told != nullptr && told->live;
}

std::set<RecordId> Erasures::reached(RecordId record) {
  std::set<RecordId> found{record};
  std::vector<RecordId> open{record};
  while (!open.empty()) {
    cache_.load_referrers(open);
    std::vector<RecordId> next;
    const auto reach = [&](RecordId source) {
      if (found.insert(source).second) next.push_back(source);
    };
    for (const RecordId target : open) {
      for (const ReferenceTo& each : cache_.records().references_to(target)) {
        const KindPolicy* const kind = policies_.kind(each.source_kind);
        const bool tells = kind != nullptr && subjects_of(*kind).contains(each.field);
        if (tells) reach(each.source);
      }
      const std::string prefix = tells_prefix(target);
      for (std::string after;;) {
        const auto page = cache_.reader().settings(prefix, after, kPage);
        if (page.empty()) break;
        after = page.back().first;
        for (const auto& [name, value] : page) {
          if (const Outcome<Name> source = parse_name(name.substr(prefix.size()))) reach(*source);
        }
      }
    }
    open = std::move(next);
  }
  return found;
}

std::string tells_prefix(RecordId target) { return "tells." + to_text(target) + "."; }

std::vector<RecordId> targets_left_behind(const Policies& policies, const Change& change, const Shown* before,
                                          bool set_aside) {
  std::vector<RecordId> targets;
  const bool refers = std::any_of(change.writes.begin(), change.writes.end(),
                                  [](const Write& write) { return write.value.reference() != nullptr; });
  const KindPolicy* const kind = refers ? policies.kind(change.kind) : nullptr;
  if (kind == nullptr || (change.opens() && !set_aside)) return targets;
  for (const FieldNumber subject : subjects_of(*kind)) {
    const RecordId* const now = target_of(change, subject);
    if (now == nullptr) continue;
    const RecordId* const was = before != nullptr ? target_of(*before, subject) : nullptr;
    if (set_aside) targets.push_back(*now);
    if (was != nullptr && *was != *now) targets.push_back(*was);
  }
  return targets;
}

}  // namespace songsong
