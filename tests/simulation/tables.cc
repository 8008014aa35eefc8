#include "tests/simulation/tables.h"

#include <algorithm>
#include <stdexcept>

#include "schemas/programme_primer.h"
#include "schemas/songsong/policy_table.pb.h"
#include "shared/core/value_text.h"
#include "tests/simulation/simulation_table.h"

namespace songsong::simulation {
namespace {

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) throw std::logic_error(outcome.fault().code + " at " + outcome.fault().where);
  return std::move(outcome).value();
}

policy::PolicyTable whole_table() {
  policy::PolicyTable table;
  if (!table.ParseFromString(std::string(simulation_policy_table()))) throw std::logic_error("no policy table");
  return table;
}

template <class Rows, class Drop>
void drop_if(Rows& rows, const Drop& drop) {
  for (int i = rows.size() - 1; i >= 0; --i) {
    if (drop(rows[i])) rows.DeleteSubrange(i, 1);
  }
}

}  // namespace

const Policies& newer_policies() {
  static const Policies policies = [] {
    policy::PolicyTable table = whole_table();
    table.set_revision(table.revision() + 1);
    return must(Policies::parse(table.SerializeAsString()));
  }();
  return policies;
}

const Policies& older_policies() {
  static const Policies policies = [] {
    policy::PolicyTable table = whole_table();
    drop_if(*table.mutable_kind(), [](const auto& kind) { return kind.name() == "bench_need"; });
    drop_if(*table.mutable_measure(), [](const auto& measure) { return measure.name() == "bench_needs"; });
    drop_if(*table.mutable_dimension(), [](const auto& each) { return each.name().starts_with("bench_"); });
    return must(Policies::parse(table.SerializeAsString()));
  }();
  return policies;
}

const Primer& primer() {
  static const Primer primer = must(Primer::parse(programme_primer_bytes()));
  return primer;
}

std::vector<Input> inputs_of(const KindPolicy& kind, const Filled& filled) {
  std::vector<Input> inputs;
  for (const auto& [named, text] : filled) {
    const bool adds = named.back() == '+', removes = named.back() == '-';
    const std::string name = adds || removes ? named.substr(0, named.size() - 1) : named;
    const FieldPolicy* const field = Policies::field_named(kind, name);
    if (field == nullptr) throw std::logic_error("no field " + kind.name() + "." + name);
    Shape shape = adds ? Shape::kAdd : removes ? Shape::kRemove : Shape::kRegister;
    if (field->merge() == schema::SUM) shape = Shape::kIncrement;
    inputs.push_back(Input{
        .field = field->number(), .shape = shape, .value = text.empty() ? Value() : must(parse_value(*field, text))});
  }
  return inputs;
}

Act act_of(const Policies& policies, const std::string& kind, RecordId record, const Filled& filled) {
  const KindPolicy* const policy = policies.kind_named(kind);
  if (policy == nullptr) throw std::logic_error("no kind " + kind);
  Act act;
  act.record = record;
  act.kind = policy->number();
  act.inputs = inputs_of(*policy, filled);
  return act;
}

}  // namespace songsong::simulation
