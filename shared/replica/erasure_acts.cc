#include "shared/replica/erasure_acts.h"

#include "shared/replica/class_finder.h"
#include "shared/replica/erasures.h"

namespace songsong {

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
