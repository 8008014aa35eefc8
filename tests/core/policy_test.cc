#include "shared/core/policy.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/lending_table.h"

using namespace songsong;

namespace {

Outcome<Policies> parse(const policy::PolicyTable& table) { return Policies::parse(table.SerializeAsString()); }

Policies lending_policies() {
  Outcome<Policies> parsed = parse(lending());
  INFO((parsed.ok() ? std::string() : parsed.fault().where + ": " + parsed.fault().what));
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

}  // namespace

TEST_CASE("Kinds, fields, measures and dimensions are found by number and by name") {
  const Policies policies = lending_policies();
  CHECK(policies.revision() == 4);
  CHECK(policies.kind(61)->name() == "loan");
  CHECK(policies.kind_named("return")->number() == 62);
  CHECK(policies.field(61, 3)->name() == "borrower");
  CHECK(Policies::field(*policies.kind(60), 2)->name() == "code");
  CHECK(Policies::field_named(*policies.kind(60), "school")->number() == 1);
  CHECK(policies.measure(2)->name() == "excess");
  CHECK(policies.measure_named("loans")->number() == 1);
  CHECK(policies.dimension(1)->name() == "colour");
  CHECK(policies.dimension_named("colour")->number() == 1);
  const FieldPolicy& colour = *policies.field(60, 3);
  CHECK(Policies::value(colour, 2)->name() == "blue");
  CHECK(Policies::value_named(colour, "red")->number() == 1);
}

TEST_CASE("What the table does not have is null, not a fault") {
  const Policies policies = lending_policies();
  CHECK(policies.kind(0) == nullptr);
  CHECK(policies.kind(999) == nullptr);
  CHECK(policies.kind_named("pupil") == nullptr);
  CHECK(policies.field(61, 99) == nullptr);
  CHECK(policies.field(999, 1) == nullptr);
  CHECK(Policies::field_named(*policies.kind(60), "colours") == nullptr);
  CHECK(policies.measure(9) == nullptr);
  CHECK(policies.measure_named("pupils") == nullptr);
  CHECK(policies.dimension(9) == nullptr);
  CHECK(policies.dimension_named("size") == nullptr);
  CHECK(policies.claim(9).rule == nullptr);
  CHECK(policies.match(9).kind == nullptr);
  CHECK(policies.kept(schema::COUNTED_ELSEWHERE) == nullptr);
  CHECK(Policies::value(*policies.field(60, 3), 0) == nullptr);
  CHECK(Policies::value_named(*policies.field(60, 3), "unspecified") == nullptr);
}

TEST_CASE("Rules are found by their number, with the kind that declares them") {
  const Policies policies = lending_policies();
  CHECK(policies.claim(5).kind->name() == "box");
  CHECK(policies.claim(5).rule->field() == 2);
  CHECK(policies.claim(7).kind->name() == "loan");
  CHECK(policies.match(6).kind->name() == "box");
  CHECK(policies.kept(schema::OPEN_CASES)->number() == 4);
}

TEST_CASE("The engine's own kinds are found by their rules, and may be missing") {
  const Policies policies = lending_policies();
  CHECK(policies.samehood()->number() == 63);
  CHECK(policies.unit_tree()->number() == 64);
  CHECK(policies.quarantine()->number() == 65);
  CHECK(policies.unit_period()->number() == 66);
  CHECK(policies.erasure()->number() == 67);
  CHECK(policies.consent()->number() == 68);
  policy::PolicyTable plain = lending();
  plain.mutable_kind()->DeleteSubrange(3, 6);
  const Outcome<Policies> without = parse(plain);
  REQUIRE(without.ok());
  CHECK(without->samehood() == nullptr);
  CHECK(without->unit_tree() == nullptr);
  CHECK(without->quarantine() == nullptr);
  CHECK(without->unit_period() == nullptr);
  CHECK(without->erasure() == nullptr);
  CHECK(without->consent() == nullptr);
}

TEST_CASE("A kind knows which kinds share its unit") {
  const Policies policies = lending_policies();
  const auto belonging = [&](KindNumber number) {
    std::string names;
    for (const ReferringField& one : policies.belonging_to(number)) {
      names += one.kind->name() + "." + std::to_string(one.field) + " ";
    }
    return names;
  };
  CHECK(belonging(60) == "loan.1 samehood.1 erasure.1 ");
  CHECK(belonging(61) == "return.1 samehood.1 erasure.1 ");
  CHECK(belonging(62) == "samehood.1 erasure.1 ");
  // Two decisions that name each other would be a circle without an end.
  CHECK(belonging(63).empty());
  // A kind that only a newer table declares may have decisions about it too.
  CHECK(belonging(999) == "samehood.1 erasure.1 ");
}

TEST_CASE("A group is a register of its own") {
  const Policies policies = lending_policies();
  CHECK(Policies::register_of(*policies.field(61, 5)) == 1000);
  CHECK(Policies::register_of(*policies.field(61, 6)) == 1000);
  CHECK(Policies::register_of(*policies.field(61, 7)) == 7);
}

TEST_CASE("Copies go on after the first one is gone") {
  std::vector<Policies> copies;
  {
    const Policies policies = lending_policies();
    copies.push_back(policies);
  }
  CHECK(copies[0].kind_named("loan")->number() == 61);
  CHECK(copies[0].belonging_to(60).front().kind->name() == "loan");
}

TEST_CASE("Bytes that are no table are refused") {
  CHECK(Policies::parse("").fault().code == "policy_table_contradictory");  // a table of nothing has no revision
  CHECK(Policies::parse("\x0a").fault().code == "policy_table_malformed");
  CHECK(Policies::parse("\x0a").fault().where == "table");
  CHECK(Policies::parse(std::string(kMaxPolicyTableBytes + 1, '\0')).fault().code == "policy_table_malformed");
  const std::string cut = lending().SerializeAsString();
  CHECK(Policies::parse(std::string_view(cut).substr(0, cut.size() - 1)).fault().code == "policy_table_malformed");
}
