#include "shared/replica/class_finder.h"

namespace songsong {

const std::vector<Decision>& ClassFinder::decisions_of(RecordId record) {
  const auto found = decisions_.find(record);
  if (found != decisions_.end()) return found->second;
  std::vector<Decision> decisions;
  const Records& records = cache_.records();
  if (const KindPolicy* const kind = records.policies().samehood()) {
    const RecordId asked[] = {record};
    cache_.load_referrers(asked);
    for (const FieldNumber side : {kind->samehood().one(), kind->samehood().other()}) {
      for (const RecordId source : records.referrers(record, kind->number(), side)) {
        Decision decision;
        if (!read_decision(*records.find(source), record, decision)) continue;
        const RecordId both[] = {record, decision.other};
        cache_.load(both);
        if (can_be_one(records.find(record), records.find(decision.other))) decisions.push_back(decision);
      }
    }
  }
  return decisions_.emplace(record, std::move(decisions)).first->second;
}

const std::vector<RecordId>& ClassFinder::members(RecordId record) {
  const auto found = members_.find(record);
  if (found != members_.end()) return *found->second;
  const auto members = std::make_shared<const std::vector<RecordId>>(class_of(record, lookup()));
  for (const RecordId member : *members) members_[member] = members;
  return *members;
}

DecisionsOf ClassFinder::lookup() {
  return [this](RecordId record) { return decisions_of(record); };
}

}  // namespace songsong
