// The tables that ship: that the engine takes them, and that they say what the programme's interface promises.
#include <google/protobuf/stubs/logging.h>

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/programme_table.h"
#include "shared/core/policy.h"
#include "tests/schemas/bench_table.h"
#include "tests/support/random.h"

using namespace songsong;

namespace {

Policies programme() {
  Outcome<Policies> parsed = Policies::parse(programme_policy_table());
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

using Names = std::set<std::string>;

Names fields(const KindPolicy& kind, bool required) {
  Names names;
  for (const FieldPolicy& field : kind.field()) {
    if (field.required() == required) names.insert(field.name());
  }
  return names;
}

Names values(const Policies& policies, const char* kind, const char* field) {
  Names names;
  for (const policy::EnumEntry& entry : Policies::field_named(*policies.kind_named(kind), field)->value()) {
    names.insert(entry.name());
  }
  return names;
}

const FieldPolicy& field(const Policies& policies, const char* kind, const char* name) {
  const FieldPolicy* found = Policies::field_named(*policies.kind_named(kind), name);
  REQUIRE(found != nullptr);
  return *found;
}

// "measure over kind", with what it is distinct by and which dimensions it has.
std::string tally_of(const Policies& policies, const char* measure) {
  for (const KindPolicy& kind : policies.table().kind()) {
    for (const policy::TallyRule& tally : kind.tally()) {
      if (policies.measure(tally.measure())->name() != measure) continue;
      std::string text = kind.name();
      if (tally.distinct() != 0) text += " distinct " + Policies::field(kind, tally.distinct())->name();
      if (tally.has_unless_referenced_by()) {
        text += " unless " + policies.kind(tally.unless_referenced_by().kind())->name();
      }
      for (const policy::Test& test : tally.when()) {
        text += " when " + Policies::field(kind, test.field())->name();
        text += test.op() == policy::Test::NOT_IN ? " not in" : " in";
        for (const std::int64_t value : test.value()) {
          text += " " + Policies::value(*Policies::field(kind, test.field()), value)->name();
        }
      }
      text += " by";
      for (const policy::BreakdownRule& by : tally.by()) text += " " + policies.dimension(by.dimension())->name();
      return text;
    }
  }
  return "none";
}

}  // namespace

TEST_CASE("The programme's kinds have the fields that people were promised") {
  const Policies policies = programme();
  struct Promise {
    const char* kind;
    std::uint32_t number;
    Names required;
    Names further;
  };
  const std::vector<Promise> promises = {
      {"pupil",
       10,
       {"full_name", "school", "school_level", "household"},
       {"birth_date", "gender", "student_code", "citizen_id", "grade", "area", "phone", "guardian", "note"}},
      {"need", 11, {"pupil", "lacks"}, {"wanted", "state", "note"}},
      {"device", 12, {"device_type", "school"}, {"serial", "condition", "note"}},
      {"handover", 13, {"pupil", "device", "date"}, {"witness", "provisional", "note"}},
      {"return", 14, {"handover", "date"}, {"reason", "note"}},
      {"allocation", 15, {"pupil", "decided"}, {"device", "wanted", "reason"}},
      {"verification", 16, {"need", "date", "finding"}, {"note"}},
  };
  for (const Promise& promise : promises) {
    INFO(promise.kind);
    const KindPolicy* kind = policies.kind_named(promise.kind);
    REQUIRE(kind != nullptr);
    CHECK(kind->number() == promise.number);
    CHECK(fields(*kind, true) == promise.required);
    CHECK(fields(*kind, false) == promise.further);
  }
}

TEST_CASE("The programme's choices are the promised ones") {
  const Policies policies = programme();
  CHECK(values(policies, "pupil", "school_level") ==
        Names{"primary", "lower_secondary", "upper_secondary", "continuing"});
  CHECK(values(policies, "pupil", "household") == Names{"poor", "near_poor", "other_hardship"});
  CHECK(values(policies, "pupil", "gender") == Names{"male", "female", "other"});
  CHECK(values(policies, "pupil", "area") == Names{"mountain", "coast", "other"});
  CHECK(values(policies, "need", "lacks") == Names{"device", "signal", "both"});
  CHECK(values(policies, "need", "wanted") == Names{"desktop", "laptop", "tablet", "smartphone"});
  CHECK(values(policies, "need", "state") == Names{"declared", "verified", "refused"});
  CHECK(values(policies, "device", "device_type") ==
        Names{"desktop", "laptop", "tablet", "smartphone", "sim", "other"});
  CHECK(values(policies, "device", "condition") == Names{"working", "damaged", "lost"});
  const FieldPolicy& state = field(policies, "need", "state");
  CHECK(Policies::value_named(state, "declared")->number() == state.absent_means());
  CHECK(std::vector<int>(state.writers().begin(), state.writers().end()) ==
        std::vector<int>{schema::REVIEWER, schema::ADMINISTRATOR});
}

TEST_CASE("Every field of the programme merges as promised") {
  const Policies policies = programme();
  const Names quiet = {"note", "phone", "guardian"};
  const Names first = {"serial", "birth_date"};
  for (const char* name : {"pupil", "need", "device", "handover", "return", "allocation", "verification"}) {
    for (const FieldPolicy& one : policies.kind_named(name)->field()) {
      INFO(name << "." << one.name());
      const auto expected = quiet.contains(one.name())   ? schema::QUIET_LATEST
                            : first.contains(one.name()) ? schema::FIRST
                                                         : schema::LATEST;
      CHECK(one.merge() == expected);
    }
  }
}

TEST_CASE("Who the child is stays personal, what is counted does not") {
  const Policies policies = programme();
  std::map<std::string, Names> personal;
  for (const char* name : {"pupil", "need", "device", "handover", "return", "allocation", "verification"}) {
    for (const FieldPolicy& one : policies.kind_named(name)->field()) {
      if (one.personal()) personal[name].insert(one.name());
    }
  }
  CHECK(personal ==
        std::map<std::string, Names>{
            {"pupil", {"full_name", "birth_date", "gender", "student_code", "citizen_id", "phone", "guardian", "note"}},
            {"need", {"note"}},
            {"device", {"note"}},
            {"handover", {"witness", "note"}},
            {"return", {"reason", "note"}},
            {"allocation", {"reason"}},
            {"verification", {"note"}}});
  CHECK(field(policies, "need", "note").subject() == field(policies, "need", "pupil").number());
  CHECK(field(policies, "pupil", "full_name").subject() == 0);
}

TEST_CASE("A need, a handover and a return belong to the unit of their pupil") {
  const Policies policies = programme();
  const auto via = [&](const char* kind) {
    const KindPolicy& found = *policies.kind_named(kind);
    return found.unit_via() == 0 ? std::string("none") : Policies::field(found, found.unit_via())->name();
  };
  CHECK(via("need") == "pupil");
  CHECK(via("handover") == "pupil");
  CHECK(via("allocation") == "pupil");
  CHECK(via("return") == "handover");
  CHECK(via("verification") == "need");
  Names below;
  for (const ReferringField& one : policies.belonging_to(policies.kind_named("pupil")->number())) {
    below.insert(one.kind->name());
  }
  CHECK(below == Names{"need", "handover", "allocation", "samehood", "consent", "erasure"});
}

TEST_CASE("Claims and match keys are the promised ones") {
  const Policies policies = programme();
  const auto claim = [&](std::uint32_t number) {
    const auto [kind, rule] = policies.claim(number);
    REQUIRE(rule != nullptr);
    std::string text = kind->name() + "." + Policies::field(*kind, rule->field())->name();
    if (rule->has_unless_referenced_by())
      text += " unless " + policies.kind(rule->unless_referenced_by().kind())->name();
    return text;
  };
  CHECK(claim(1) == "handover.pupil unless return");
  CHECK(claim(2) == "handover.device unless return");
  CHECK(claim(3) == "device.serial");
  CHECK(policies.claim(4).rule == nullptr);
  const auto match = [&](std::uint32_t number) {
    const auto [kind, rule] = policies.match(number);
    REQUIRE(rule != nullptr);
    std::string text = kind->name();
    for (const std::uint32_t one : rule->field()) text += " " + Policies::field(*kind, one)->name();
    return text;
  };
  CHECK(match(1) == "pupil citizen_id");
  CHECK(match(2) == "pupil student_code");
  CHECK(match(3) == "pupil full_name birth_date");
  CHECK(policies.match(4).rule == nullptr);
}

TEST_CASE("Measures count what they say") {
  const Policies policies = programme();
  CHECK(tally_of(policies, "needs_declared") == "need when state not in refused by school_level household");
  CHECK(tally_of(policies, "needs_verified") == "need when state in verified by school_level household");
  CHECK(tally_of(policies, "pupils_in_need") ==
        "need distinct pupil when state not in refused by school_level household");
  CHECK(tally_of(policies, "devices_received") == "device by device_type");
  CHECK(tally_of(policies, "devices_handed_over") == "handover unless return by school_level household device_type");
  CHECK(tally_of(policies, "pupils_supported") == "handover distinct pupil unless return by school_level household");
  const policy::MeasurePolicy& excess = *policies.measure_named("support_excess");
  REQUIRE(excess.plus_size() == 1);
  REQUIRE(excess.minus_size() == 1);
  CHECK(policies.measure(excess.plus(0))->name() == "devices_handed_over");
  CHECK(policies.measure(excess.minus(0))->name() == "pupils_supported");
  CHECK(policies.kept(schema::OPEN_CASES)->name() == "cases_open");
  CHECK(policies.kept(schema::COUNTED_ELSEWHERE)->name() == "counted_elsewhere");
}

TEST_CASE("The engine finds its own kinds by what they are") {
  const Policies policies = programme();
  CHECK(policies.unit_tree()->number() == 1);
  CHECK(policies.samehood()->number() == 2);
  CHECK(policies.quarantine()->number() == 3);
  CHECK(policies.quarantine()->internal());
  CHECK(policies.unit_period()->number() == 4);
  CHECK(policies.unit_period()->internal());
  CHECK(policies.erasure()->number() == 5);
  CHECK(policies.consent()->name() == "consent");
  const policy::ProofRule& proof = policies.kind_named("need")->proof(0);
  CHECK(policies.kind(proof.evidence().kind())->name() == "verification");
}

TEST_CASE("The table for measuring holds what ships and bench_need") {
  Outcome<Policies> parsed = Policies::parse(bench_policy_table());
  REQUIRE(parsed.ok());
  const KindPolicy* bench = parsed->kind_named("bench_need");
  REQUIRE(bench != nullptr);
  CHECK(bench->number() == 90);
  CHECK(bench->field_size() == 15);
  CHECK(Policies::field(*bench, bench->unit_field())->name() == "school_id");
  CHECK(values(*parsed, "bench_need", "household_category").size() == 7);
  CHECK(tally_of(*parsed, "bench_needs") == "bench_need by bench_household bench_lacks_device");
  const Policies shipped = programme();
  for (const KindPolicy& kind : shipped.table().kind()) {
    INFO(kind.name());
    REQUIRE(parsed->kind(kind.number()) != nullptr);
    CHECK(parsed->kind(kind.number())->SerializeAsString() == kind.SerializeAsString());
  }
}

TEST_CASE("A damaged table is refused or harmless, never a crash") {
  const google::protobuf::LogSilencer silence;  // it prints each text that is no UTF-8
  const std::string_view sound = programme_policy_table();
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Random random(seed);
    std::string bytes(sound);
    for (std::uint64_t hit = 1 + random.below(4); hit > 0; --hit) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    if (random.chance(1, 4)) bytes.resize(random.below(bytes.size()));
    INFO("seed " << seed);
    const Outcome<Policies> parsed = Policies::parse(bytes);
    if (!parsed.ok()) {
      CHECK(parsed.fault().code.starts_with("policy_table_"));
      continue;
    }
    // What parse let through can be followed from kind to kind to an end.
    for (const KindPolicy& kind : parsed->table().kind()) {
      const KindPolicy* at = &kind;
      std::size_t steps = 0;
      while (at != nullptr && at->unit_via() != 0) {
        REQUIRE(++steps <= static_cast<std::size_t>(parsed->table().kind_size()));
        at = parsed->kind(Policies::field(*at, at->unit_via())->target());
      }
    }
  }
}
