#include "shared/core/compose.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/merge.h"
#include "tests/support/phone.h"

namespace songsong::testing {
namespace {

const KindPolicy& pupil() { return *programme().kind_named("pupil"); }
const KindPolicy& need() { return *programme().kind_named("need"); }

Input input(const KindPolicy& kind, const char* field, Value value) {
  return Input{
      .field = Policies::field_named(kind, field)->number(), .shape = Shape::kRegister, .value = std::move(value)};
}

std::vector<Input> whole_pupil() {
  return {input(pupil(), "full_name", Value(Text{"Lò Thị An"})), input(pupil(), "school", Value(Text{"school-1"})),
          input(pupil(), "school_level", Value(std::int64_t{1})), input(pupil(), "household", Value(std::int64_t{1}))};
}

std::vector<std::string> codes(const Composed& composed) {
  std::vector<std::string> all;
  for (const Fault& fault : composed.faults) all.push_back(fault.code + " " + fault.where);
  return all;
}

}  // namespace

TEST_CASE("a whole new pupil becomes writes in the order of fields, and what is personal says so") {
  const Validator validator(programme());
  const Composed composed = compose(pupil(), nullptr, whole_pupil(), schema::TEACHER, validator);
  REQUIRE(composed.faults.empty());
  REQUIRE(composed.writes.size() == 4);
  for (std::size_t i = 1; i < composed.writes.size(); ++i)
    CHECK(composed.writes[i - 1].field < composed.writes[i].field);
  for (const Write& write : composed.writes) CHECK(write.personal == Policies::field(pupil(), write.field)->personal());
}

TEST_CASE("what is missing, unknown, filled in twice or not for this role is named by kind and field") {
  const Validator validator(programme());
  std::vector<Input> inputs = whole_pupil();
  inputs.erase(inputs.begin());
  CHECK(codes(compose(pupil(), nullptr, inputs, schema::TEACHER, validator)) ==
        std::vector<std::string>{"required pupil.full_name"});
  inputs = whole_pupil();
  inputs.push_back(inputs.back());
  CHECK(codes(compose(pupil(), nullptr, inputs, schema::TEACHER, validator)) ==
        std::vector<std::string>{"filled_in_twice pupil.household"});
  inputs = whole_pupil();
  inputs.push_back(Input{.field = 999, .shape = Shape::kRegister, .value = Value(std::int64_t{1})});
  CHECK(codes(compose(pupil(), nullptr, inputs, schema::TEACHER, validator)) ==
        std::vector<std::string>{"unknown_field pupil.999"});
  inputs = whole_pupil();
  inputs[0].shape = Shape::kAdd;
  CHECK(codes(compose(pupil(), nullptr, inputs, schema::TEACHER, validator)).front() == "wrong_shape pupil.full_name");
  const std::vector<Input> verified{input(need(), "pupil", Value(Name(1, 1, 1))),
                                    input(need(), "lacks", Value(std::int64_t{1})),
                                    input(need(), "state", Value(std::int64_t{2}))};
  CHECK(codes(compose(need(), nullptr, verified, schema::TEACHER, validator)) ==
        std::vector<std::string>{"not_for_role need.state"});
  CHECK(compose(need(), nullptr, verified, schema::REVIEWER, validator).faults.empty());
}

TEST_CASE("values that are shown already are left out; a field in conflict is written even so, for that settles it") {
  Phone lan(1);
  const RecordId an =
      lan.add("pupil",
              {{"full_name", "Lò Thị An"}, {"school", "school-1"}, {"school_level", "primary"}, {"household", "poor"}});
  const Validator validator(programme());
  const RecordView view = lan.view(an);
  const Shown shown = show(view.state, &pupil());
  CHECK(codes(compose(pupil(), &shown, whole_pupil(), schema::TEACHER, validator)) ==
        std::vector<std::string>{"nothing_to_save pupil"});
  std::vector<Input> inputs = whole_pupil();
  inputs.push_back(input(pupil(), "grade", Value(std::int64_t{4})));
  CHECK(compose(pupil(), &shown, inputs, schema::TEACHER, validator).writes.size() == 1);

  State disputed = view.state;
  const FieldNumber household = Policies::field_named(pupil(), "household")->number();
  const Change other{.name = Name(2, 1, 1),
                     .record = an,
                     .kind = pupil().number(),
                     .saw = {},
                     .actor = {},
                     .unit = "school-1",
                     .origin = {},
                     .writes = {Write{household, Shape::kRegister, false, Value(std::int64_t{2})}}};
  merge(disputed, other, Lineage());
  const Shown in_conflict = show(disputed, &pupil());
  REQUIRE(in_conflict.conflicts.size() == 1);
  const std::vector<Input> chosen{
      Input{.field = household, .shape = Shape::kRegister, .value = *in_conflict.find(household)}};
  CHECK(compose(pupil(), &in_conflict, chosen, schema::TEACHER, validator).writes.size() == 1);
}

}  // namespace songsong::testing
