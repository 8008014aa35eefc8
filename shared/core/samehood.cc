#include "shared/core/samehood.h"

#include <algorithm>
#include <map>
#include <set>

namespace songsong {
namespace {

// Per pair what stands: different beats same.
std::map<RecordId, bool> standing(RecordId record, const DecisionsOf& decisions) {
  std::map<RecordId, bool> same_as;
  for (const Decision& each : decisions(record)) {
    const auto [place, fresh] = same_as.emplace(each.other, each.same);
    if (!fresh) place->second = place->second && each.same;
  }
  return same_as;
}

}  // namespace

bool read_decision(const Shown& shown, RecordId about, Decision& decision) {
  if (!shown.live || shown.kind == nullptr || !shown.kind->has_samehood()) return false;
  const policy::SamehoodRule& rule = shown.kind->samehood();
  const Value* const one = shown.find(rule.one());
  const Value* const other = shown.find(rule.other());
  const Value* const verdict = shown.find(rule.decision());
  if (one == nullptr || other == nullptr || verdict == nullptr) return false;
  const RecordId* const first = one->reference();
  const RecordId* const second = other->reference();
  const std::int64_t* const number = verdict->integer();
  if (first == nullptr || second == nullptr || number == nullptr || *first == *second) return false;
  if (about != *first && about != *second) return false;
  if (*number != rule.same() && *number != rule.different()) return false;
  decision =
      Decision{.other = about == *first ? *second : *first, .same = *number == rule.same(), .decided_by = shown.id()};
  return true;
}

bool can_be_one(const Shown* one, const Shown* other) {
  const auto belongs_elsewhere = [](const Shown* record) {
    return record != nullptr && record->kind != nullptr && record->kind->unit_via() != 0;
  };
  if (belongs_elsewhere(one) || belongs_elsewhere(other)) return false;
  return one == nullptr || other == nullptr || one->state->kind == other->state->kind;
}

std::vector<RecordId> class_of(RecordId record, const DecisionsOf& decisions) {
  std::set<RecordId> members{record};
  std::vector<RecordId> to_visit{record};
  while (!to_visit.empty()) {
    const RecordId at = to_visit.back();
    to_visit.pop_back();
    for (const auto& [other, same] : standing(at, decisions)) {
      if (same && members.insert(other).second) to_visit.push_back(other);
    }
  }
  return {members.begin(), members.end()};
}

std::vector<std::pair<RecordId, RecordId>> contradictions(const std::vector<RecordId>& members,
                                                          const DecisionsOf& decisions) {
  std::vector<std::pair<RecordId, RecordId>> pairs;
  for (const RecordId member : members) {
    for (const auto& [other, same] : standing(member, decisions)) {
      if (!same && member < other && std::binary_search(members.begin(), members.end(), other))
        pairs.emplace_back(member, other);
    }
  }
  return pairs;
}

bool told_apart(const std::vector<RecordId>& one_class, const std::vector<RecordId>& other_class,
                const DecisionsOf& decisions) {
  for (const RecordId member : one_class) {
    for (const auto& [other, same] : standing(member, decisions)) {
      if (!same && std::binary_search(other_class.begin(), other_class.end(), other)) return true;
    }
  }
  return false;
}

}  // namespace songsong
