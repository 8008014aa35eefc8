#include "tests/simulation/hands.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "shared/core/personal_values.h"
#include "shared/core/shown.h"
#include "shared/core/state_codec.h"
#include "tests/simulation/violation.h"

namespace songsong::simulation {
namespace {

constexpr std::size_t kMost = 100'000;

using Hands = std::multiset<std::vector<RecordId>>;  // handovers of one device or pupil, where they are several

std::vector<State> live_of(StoreReader& reader, const KindPolicy& kind) {
  std::vector<State> states;
  for (const RecordRow& row : reader.scan(kind.number(), RecordId(), kMost)) {
    const RecordId ids[] = {row.id};
    const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(reader.personal(ids).front());
    Outcome<State> state = decode_state(row.state, values->lookup());
    if (row.live) states.push_back(std::move(*state));
  }
  return states;
}

RecordId named(const State& state, const KindPolicy& kind, const char* field) {
  const Shown shown = show(state, &kind);
  const Value* const value = shown.find(Policies::field_named(kind, field)->number());
  return value != nullptr && value->reference() != nullptr ? *value->reference() : RecordId();
}

Hands counted(StoreReader& reader, const KindPolicy& handover, const KindPolicy& given_back) {
  std::set<RecordId> returned;
  for (const State& each : live_of(reader, given_back)) returned.insert(named(each, given_back, "handover"));
  Hands hands;
  const std::vector<State> handovers = live_of(reader, handover);
  for (const char* const what : {"pupil", "device"}) {
    std::map<RecordId, std::vector<RecordId>> of;
    for (const State& each : handovers) {
      const RecordId target[] = {named(each, handover, what)};
      if (target[0].valid() && !returned.contains(each.id)) of[reader.class_names(target).front()].push_back(each.id);
    }
    for (auto& [target, held] : of) {
      std::sort(held.begin(), held.end());
      if (held.size() > 1) hands.insert(std::move(held));
    }
  }
  return hands;
}

Hands raised(StoreReader& reader, const KindPolicy& handover) {
  Hands hands;
  for (const CaseRow& row : reader.open_cases("", kMost)) {
    if (row.raised.of != CaseClass::kClaim || row.raised.records.empty()) continue;
    const RecordId least[] = {row.raised.records.front()};
    const std::optional<RecordRow> record = reader.records(least).front();
    if (record && record->kind == handover.number()) hands.insert(row.raised.records);
  }
  return hands;
}

}  // namespace

void check_hands(Store& store, const Policies& policies, const std::string& where) {
  const KindPolicy* const handover = policies.kind_named("handover");
  const KindPolicy* const given_back = policies.kind_named("return");
  Hands there, wanted;
  const Outcome<Done> read = store.read(0, [&](StoreReader& reader) {
    there = raised(reader, *handover);
    wanted = counted(reader, *handover, *given_back);
  });
  if (!read) throw Violation("a store can always be read", where + ": " + text_of(read.fault()));
  if (there == wanted) return;
  throw Violation("what is in two hands is a case",
                  where + " has " + std::to_string(there.size()) + " cases of " + std::to_string(wanted.size()));
}

}  // namespace songsong::simulation
