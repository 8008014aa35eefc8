// Policy tables, as a server hands them out: whatever a table says that is taken, the engine can follow.
#include "shared/core/policy.h"

#include <map>

#include "shared/core/change_row.h"
#include "shared/core/compose.h"
#include "shared/core/condition.h"
#include "shared/core/dependencies.h"
#include "shared/core/recount.h"
#include "shared/core/report.h"
#include "shared/core/shown.h"
#include "shared/core/value_text.h"
#include "tests/fuzz/target.h"

namespace songsong::fuzz {
namespace {

constexpr ReplicaId kReplica = 7;
constexpr int kMostKinds = 12;  // are given records
constexpr std::uint64_t kRecordsOfKind = 2;

Name record_of(std::uint64_t kind, std::uint64_t which) {
  return Name(kReplica, static_cast<Sequence>(1 + kind * kRecordsOfKind + which), 1);
}

// Something of the field's type: of the choices one that the table has.
Value some_value(const FieldPolicy& field, std::uint64_t kind, std::uint64_t which) {
  switch (field.type()) {
    case policy::TEXT:
      return Value(Text{"Lan"});
    case policy::UNIT:
      return Value(Text{which == 0 ? "school-1" : "school-2"});
    case policy::BYTES:
      return Value(Bytes{"\x01"});
    case policy::REFERENCE:
      return Value(record_of(field.target() % kMostKinds, (kind + which) % kRecordsOfKind));
    case policy::ENUM:
      return field.value_size() > 0 ? Value(field.value(static_cast<int>(which) % field.value_size()).number())
                                    : Value();
    default:
      return Value(static_cast<std::int64_t>(which));
  }
}

State state_of(const KindPolicy& kind, std::uint64_t index, std::uint64_t which) {
  State state;
  state.id = record_of(index, which);
  state.kind = kind.number();
  state.opened = true;
  state.opened_in = "school-1";
  state.applied = {state.id};
  std::map<FieldNumber, Group> groups;
  std::map<FieldNumber, Register> registers;
  for (const FieldPolicy& field : kind.field()) {
    const Value value = some_value(field, index, which);
    if (field.merge() == schema::SUM) {
      state.sums.push_back(Sum{.field = field.number(), .total = 3, .last = {{state.id, false}}});
    } else if (field.group() != 0) {
      groups[field.group()].emplace_back(field.number(), value);
    } else {
      const bool is_union = field.merge() == schema::UNION;
      registers[field.number()] =
          Register{.field = field.number(),
                   .member = is_union ? value : Value(),
                   .heads = {Head{state.id, 0, false, false, is_union ? Value(std::int64_t{1}) : value}},
                   .ahead = {}};
    }
  }
  for (auto& [number, group] : groups) {
    std::sort(group.begin(), group.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
    registers[number] =
        Register{.field = number, .member = {}, .heads = {Head{state.id, 0, false, false, Value(group)}}, .ahead = {}};
  }
  for (auto& [number, each] : registers) state.registers.push_back(std::move(each));
  std::sort(state.sums.begin(), state.sums.end(),
            [](const Sum& one, const Sum& other) { return one.field < other.field; });
  return state;
}

void follow(const Policies& policies) {
  const Validator validator(policies);
  const Dependencies dependencies(policies);
  Records records(policies);
  std::vector<RecordId> ids;
  const int kinds = std::min(policies.table().kind_size(), kMostKinds);
  for (int i = 0; i < kinds; ++i) {
    const KindPolicy& kind = policies.table().kind(i);
    for (std::uint64_t which = 0; which < kRecordsOfKind; ++which) {
      records.put(state_of(kind, static_cast<std::uint64_t>(i), which));
      ids.push_back(record_of(static_cast<std::uint64_t>(i), which));
    }
    hold(policies.kind(kind.number()) == &kind, "a kind is found by its number");
    hold(policies.kind_named(kind.name()) == &kind, "a kind is found by its name");
    (void)policies.belonging_to(kind.number());
    std::vector<Input> inputs;
    std::map<FieldNumber, Value> shown;
    for (const FieldPolicy& field : kind.field()) {
      (void)dependencies.leans_on(kind.number(), field.number());
      (void)allowed_values(field);
      for (const char* const text : {"", "7", "Lan", "2021-09-05", "true", "0k3f9.12.7c2q"}) {
        const Outcome<Value> value = parse_value(field, text);
        if (value) shown[field.number()] = *value;
      }
      inputs.push_back(Input{.field = field.number(), .shape = Shape::kRegister, .value = shown[field.number()]});
    }
    for (const Fault& fault : validator.check(kind, shown)) hold_fault(fault);
    for (const Fault& fault : compose(kind, nullptr, inputs, schema::TEACHER, validator).faults) hold_fault(fault);
    (void)hidden_fields(kind, [&](FieldNumber number) -> const Value* {
      const auto found = shown.find(number);
      return found == shown.end() ? nullptr : &found->second;
    });
  }
  const Recount counted = recount(records, ids);
  for (const auto& [unit, totals] : counted.totals) (void)to_json(make_report(unit, totals.subtree, policies), 0);
}

}  // namespace

void policy(std::string_view bytes) {
  const Outcome<Policies> policies = Policies::parse(bytes);
  if (!policies) return hold_fault(policies.fault());
  const Outcome<Policies> again = Policies::parse(policies->table().SerializeAsString());
  hold(again.ok(), "a table that was taken is taken again");
  follow(*policies);
}

}  // namespace songsong::fuzz
