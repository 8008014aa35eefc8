#include "shared/core/policy_check.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>
#include <vector>

#include "shared/core/grants.h"
#include "tests/support/lending_table.h"

using namespace songsong;
using policy::FieldPolicy;
using policy::KindPolicy;

namespace {

// Kinds by position: 0 box, 1 loan, 2 return, 3 samehood, 4 unit, 5 quarantine.
KindPolicy& kind(policy::PolicyTable& table, int position) { return *table.mutable_kind(position); }
FieldPolicy& field(policy::PolicyTable& table, int kind_position, int position) {
  return *kind(table, kind_position).mutable_field(position);
}

}  // namespace

TEST_CASE("A table of a newer program is told from a wrong one") {
  const auto code = [](const std::function<void(policy::PolicyTable&)>& edit) {
    policy::PolicyTable table = lending();
    edit(table);
    const Outcome<Done> checked = check_table(table);
    return checked.ok() ? std::string("sound") : checked.fault().code + " at " + checked.fault().where;
  };
  CHECK(code([](auto& t) { field(t, 0, 1).set_type(static_cast<policy::FieldType>(77)); }) ==
        "policy_table_unknown at kind 60 field 2");
  CHECK(code([](auto& t) { field(t, 0, 1).set_merge(static_cast<schema::MergePolicy>(77)); }) ==
        "policy_table_unknown at kind 60 field 2");
  CHECK(code([](auto& t) { field(t, 1, 5).mutable_ask_when(0)->set_op(static_cast<policy::Test::Op>(77)); }) ==
        "policy_table_unknown at kind 61 field 6");
  CHECK(code([](auto& t) { kind(t, 0).add_writers(static_cast<schema::Role>(77)); }) == "sound");
}

TEST_CASE("A role that only a newer program knows takes nothing away from the others, and gives nobody anything") {
  policy::PolicyTable table = lending();
  KindPolicy& box = kind(table, 0);
  box.clear_writers();
  // Of 64 bits or 32, each of these would be taken for another role by a shift that wraps.
  for (const int newer : {77, 179, 32 + schema::TEACHER, -1}) box.add_writers(static_cast<schema::Role>(newer));
  for (int role = schema::Role_MIN; role <= schema::Role_MAX; ++role)
    CHECK_FALSE(may_write(box, static_cast<schema::Role>(role)));
  Roles newer;
  newer.add(static_cast<schema::Role>(32 + schema::TEACHER));
  CHECK(newer.empty());
  box.add_writers(schema::TEACHER);
  CHECK(may_write(box, schema::TEACHER));
  CHECK_FALSE(may_write(box, schema::REVIEWER));
}

TEST_CASE("A table that contradicts itself is refused, and says where") {
  struct Broken {
    const char* where;
    std::function<void(policy::PolicyTable&)> edit;
  };
  const std::vector<Broken> all = {
      {"table", [](auto& t) { t.clear_revision(); }},
      {"table",
       [](auto& t) {
         while (t.kind_size() <= 1000) t.add_kind();
       }},
      {"kind 60", [](auto& t) { kind(t, 1).set_number(60); }},
      {"kind 0", [](auto& t) { kind(t, 1).set_number(0); }},
      {"kind 61", [](auto& t) { kind(t, 1).set_name("box"); }},
      {"kind 60", [](auto& t) { kind(t, 0).clear_name(); }},
      {"kind 60 field 1", [](auto& t) { field(t, 0, 1).set_number(1); }},
      {"kind 60 field 1000", [](auto& t) { field(t, 0, 1).set_number(1000); }},
      {"kind 60 field 2", [](auto& t) { field(t, 0, 1).set_name("school"); }},
      {"measure 1", [](auto& t) { t.mutable_measure(1)->set_number(1); }},
      {"measure 2", [](auto& t) { t.mutable_measure(1)->set_name("loans"); }},
      {"dimension 1", [](auto& t) { *t.add_dimension() = t.dimension(0); }},
      {"kind 61 field 5", [](auto& t) { field(t, 1, 4).set_merge(schema::SUM); }},
      {"kind 61 field 5", [](auto& t) { field(t, 1, 4).set_has_range(true); }},
      {"kind 61 field 4", [](auto& t) { field(t, 1, 3).set_min(91); }},
      {"kind 61 field 1", [](auto& t) { field(t, 1, 0).set_target(99); }},
      {"kind 61 field 3", [](auto& t) { field(t, 1, 2).set_target(60); }},
      {"kind 61 field 3", [](auto& t) { field(t, 1, 2).set_subject(2); }},
      {"kind 61 field 3", [](auto& t) { field(t, 1, 2).set_personal(false); }},
      {"kind 60 field 3", [](auto& t) { field(t, 0, 2).mutable_value(1)->set_number(1); }},
      {"kind 60 field 3", [](auto& t) { field(t, 0, 2).mutable_value(1)->set_name("red"); }},
      {"kind 60 field 3", [](auto& t) { field(t, 0, 2).mutable_value(1)->set_number(0); }},
      {"kind 60 field 3", [](auto& t) { field(t, 0, 2).clear_value(); }},
      {"kind 60 field 2", [](auto& t) { field(t, 0, 1).add_value()->set_number(1); }},
      {"kind 60 field 3", [](auto& t) { field(t, 0, 2).set_absent_means(3); }},
      {"kind 61 field 2", [](auto& t) { field(t, 1, 1).mutable_order()->RemoveLast(); }},
      {"kind 61 field 2", [](auto& t) { field(t, 1, 1).add_order(1); }},
      {"kind 60 field 3", [](auto& t) { field(t, 0, 2).add_order(1); }},
      {"kind 61 field 5", [](auto& t) { field(t, 1, 4).set_group(999); }},
      {"kind 61 field 5", [](auto& t) { field(t, 1, 4).set_group(2000); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).set_merge(schema::FIRST); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).set_personal(true); }},
      {"kind 61 field 8", [](auto& t) { field(t, 1, 7).set_group(1000); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).mutable_ask_when(0)->set_field(99); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).mutable_ask_when(0)->set_via(3); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).mutable_ask_when(0)->set_value(0, 2); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).mutable_ask_when(0)->clear_value(); }},
      {"kind 61 field 6", [](auto& t) { field(t, 1, 5).mutable_ask_when(0)->set_field(3); }},
      {"kind 60", [](auto& t) { kind(t, 0).clear_unit_field(); }},
      {"kind 60", [](auto& t) { kind(t, 0).set_unit_via(1); }},
      {"kind 60", [](auto& t) { kind(t, 0).set_unit_field(2); }},
      {"kind 61", [](auto& t) { kind(t, 1).set_unit_via(3); }},
      {"kind 61",
       [](auto& t) {
         field(t, 1, 0).set_target(62);
         kind(t, 1).clear_tally();
       }},
      {"kind 62",
       [](auto& t) {
         field(t, 2, 0).set_target(63);
         kind(t, 1).clear_tally();
         kind(t, 1).clear_claim();
         kind(t, 1).clear_proof();
       }},
      {"kind 60", [](auto& t) { kind(t, 0).set_title(0, 9); }},
      {"kind 61 tally", [](auto& t) { kind(t, 1).mutable_tally(0)->set_measure(9); }},
      {"kind 61 tally", [](auto& t) { kind(t, 1).mutable_tally(0)->mutable_when(0)->set_value(0, 3); }},
      {"kind 61 tally", [](auto& t) { kind(t, 1).mutable_tally(0)->mutable_unless_referenced_by()->set_kind(60); }},
      {"kind 61 tally", [](auto& t) { kind(t, 1).mutable_tally(0)->set_distinct(3); }},
      {"kind 61 tally", [](auto& t) { kind(t, 1).mutable_tally(0)->mutable_by(0)->set_dimension(9); }},
      {"kind 61 tally", [](auto& t) { kind(t, 1).mutable_tally(0)->mutable_by(0)->set_field(2); }},
      {"kind 61", [](auto& t) { kind(t, 1).mutable_claim(0)->set_number(5); }},
      {"kind 60", [](auto& t) { kind(t, 0).mutable_claim(0)->set_field(3); }},
      {"kind 60", [](auto& t) { kind(t, 0).mutable_claim(0)->set_number(0); }},
      {"kind 61", [](auto& t) { kind(t, 1).mutable_claim(0)->mutable_unless_referenced_by()->set_field(2); }},
      {"kind 60", [](auto& t) { kind(t, 0).mutable_match(0)->clear_field(); }},
      {"kind 60", [](auto& t) { kind(t, 0).mutable_match(0)->set_field(0, 9); }},
      {"kind 60", [](auto& t) { *kind(t, 0).add_match() = kind(t, 0).match(0); }},
      {"kind 61", [](auto& t) { kind(t, 1).mutable_proof(0)->mutable_when()->set_value(0, 3); }},
      {"kind 61", [](auto& t) { kind(t, 1).mutable_proof(0)->mutable_evidence()->set_kind(60); }},
      {"kind 63", [](auto& t) { kind(t, 3).mutable_samehood()->set_same(3); }},
      {"kind 63", [](auto& t) { kind(t, 3).mutable_samehood()->set_other(3); }},
      {"kind 64", [](auto& t) { kind(t, 4).mutable_unit_tree()->set_parent(2); }},
      {"kind 65", [](auto& t) { kind(t, 5).mutable_quarantine()->set_released(0); }},
      {"kind 66", [](auto& t) { kind(t, 6).mutable_unit_period()->set_until(3); }},
      {"kind 67", [](auto& t) { kind(t, 7).mutable_erasure()->set_record(2); }},
      {"kind 67", [](auto& t) { kind(t, 7).mutable_erasure()->set_ended(3); }},
      {"kind 68", [](auto& t) { kind(t, 8).mutable_consent()->set_until(1); }},
      {"kind 69",
       [](auto& t) {
         *t.add_kind() = kind(t, 3);
         kind(t, 9).set_number(69);
         kind(t, 9).set_name("again");
       }},
      {"measure 2", [](auto& t) { t.mutable_measure(1)->set_plus(0, 9); }},
      {"measure 2", [](auto& t) { t.mutable_measure(2)->set_plus(0, 2); }},
  };
  for (const Broken& broken : all) {
    policy::PolicyTable table = lending();
    broken.edit(table);
    const Outcome<Done> checked = check_table(table);
    INFO("case " << &broken - all.data() << ", expected at " << broken.where);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.fault().code == "policy_table_contradictory");
    CHECK(checked.fault().where == broken.where);
    CHECK(checked.fault().what.starts_with("The policy table "));
  }
}
