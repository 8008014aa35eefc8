// A new school year, with the programs themselves: everybody goes up once, leavers go on to the next school with what
// they have, and nothing is lost on the way.
#include <catch2/catch_test_macros.hpp>
#include <map>

#include "client/device.h"
#include "schemas/programme_table.h"
#include "shared/core/value_text.h"
#include "shared/replica/replica.h"
#include "shared/replica/sqlite_store.h"
#include "shared/system/entropy.h"
#include "tests/support/must.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// A pupil of a grade, recorded last school year: in the folder itself, with a clock of then. Before the first sync,
// from which on the device would know better.
std::string pupil_in(const Village& village, const std::string& phone, const std::string& name, int grade) {
  const char* const level = grade <= 5 ? "primary" : grade <= 9 ? "lower_secondary" : "upper_secondary";
  const auto store = must(SqliteStore::open(village.path(phone) + "/replica.db"));
  const Policies policies = must(Policies::parse(programme_policy_table()));
  const auto replica = must(Replica::open(*store, policies,
                                          Environment{.clock =
                                                          [] {
                                                            ClockReading then = client::read_clock();
                                                            then.wall_ms -= 300 * kDayMs;
                                                            return then;
                                                          },
                                                      .entropy = draw_entropy,
                                                      .actor = {}}));
  const KindPolicy& kind = *policies.kind_named("pupil");
  Act act;
  act.kind = kind.number();
  const std::map<std::string, std::string> filled{{"full_name", name},
                                                  {"school", "S1"},
                                                  {"household", "poor"},
                                                  {"school_level", level},
                                                  {"grade", std::to_string(grade)}};
  for (const auto& [field, text] : filled) {
    const FieldPolicy& policy = *Policies::field_named(kind, field);
    act.inputs.push_back(Input{.field = policy.number(), .value = must(parse_value(policy, text))});
  }
  return to_text(must(replica->save(act)));
}

Json shown(const Village& village, const std::string& phone, const std::string& record) {
  return village.phone(phone, {"show", record, "--json"}).json()["fields"];
}

Run promote(const Village& village, const std::string& phone, std::vector<std::string> more = {}) {
  std::vector<std::string> words{"promote", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return village.phone(phone, words);
}

}  // namespace

TEST_CASE("in a new school year each pupil goes up one grade, and whoever repeats or leaves is named") {
  Village village;
  village.join("an", {"S1"});
  const std::string hoa = pupil_in(village, "an", "Vi Thị Hoa", 3);
  const std::string ba = pupil_in(village, "an", "Lò Văn Ba", 4);
  const std::string nam = pupil_in(village, "an", "Lò Văn Năm", 5);
  const std::string none = village.pupil("an", "Lò Thị Tư");
  const std::vector<std::string> stays{"--stays", ba};

  CHECK(promote(village, "an", {"--stays", ba, "--dry-run"}).json()["up"] == 1);
  CHECK(shown(village, "an", hoa)["grade"] == 3);

  const Run year = promote(village, "an", stays);
  CHECK(year.exit == 6);
  CHECK(year.json()["up"] == 1);
  CHECK(year.json()["staying"] == 1);
  CHECK(year.json()["leaving"] == Json::array({nam}));
  CHECK(year.json()["without_grade"] == Json::array({none}));
  CHECK(shown(village, "an", hoa)["grade"] == 4);
  CHECK(shown(village, "an", ba)["grade"] == 4);
  CHECK(shown(village, "an", nam)["grade"] == 5);

  // What was written since the year began is of the new year: nobody goes up twice, and whoever repeats not at all.
  for (int i = 0; i < 2; ++i) {
    const Run again = promote(village, "an");
    CHECK(again.json()["up"] == 0);
    CHECK(again.json()["already"] == 2);
    CHECK(shown(village, "an", hoa)["grade"] == 4);
    CHECK(shown(village, "an", ba)["grade"] == 4);
  }
  // Whoever is named too late is not passed over in silence.
  CHECK(promote(village, "an", {"--stays", hoa}).json()["stayed_or_went"] == Json::array({hoa}));
  CHECK(village.phone("an", {"promote", "--stays", "0zzzz.1.0001"}).exit == 1);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a day on which no school year began, and a place that is no school, are refused") {
  Village village;
  village.join("an", {"S1"});
  pupil_in(village, "an", "Vi Thị Hoa", 3);
  for (const char* since : {"2099-07-01", "2020-07-01"})
    CHECK(promote(village, "an", {"--since", since}).error()["code"] == "out_of_range");
  village.phone("an", {"sync"});
  village.join("district", {"D1"}, "reviewer");
  village.phone("district", {"sync"});
  for (const char* unit : {"D1", "NOPE", "s1"})
    CHECK(promote(village, "district", {"--unit", unit}).error()["code"] == "unknown_unit");
  CHECK(promote(village, "district").error()["code"] == "unknown_unit");
  for (const char* next : {"D1", "5=D1", "9=NOPE"})
    CHECK(promote(village, "district", {"--unit", "S1", "--leavers-to", next}).error()["code"] ==
          "next_school_elsewhere");
  CHECK(promote(village, "district", {"--unit", "S1", "--leavers-to", "7=S2"}).exit == 2);
}

TEST_CASE("of whom two people wrote different grades nothing is written before somebody decides") {
  Village village;
  village.join("an", {"S1"});
  village.join("lan", {"S1"});
  const std::string hoa = pupil_in(village, "an", "Vi Thị Hoa", 3);
  village.phone("an", {"sync"});
  village.phone("lan", {"sync"});
  village.phone("an", {"set", hoa, "grade=2"});
  village.phone("lan", {"set", hoa, "grade=4"});
  for (const char* phone : {"an", "lan", "an"}) village.phone(phone, {"sync"});
  const Run year = promote(village, "an");
  CHECK(year.json()["disputed"] == Json::array({hoa}));
  CHECK(year.exit == 6);
  CHECK_FALSE(village.phone("an", {"cases"}).out.empty());
}

TEST_CASE("a school of two levels keeps those who leave the first, and sends the others on") {
  Village village;
  village.join("an", {"S1", "S2"});
  const std::string nam = pupil_in(village, "an", "Lò Văn Năm", 5);
  const std::string chin = pupil_in(village, "an", "Lò Văn Chín", 9);
  village.phone("an", {"sync"});
  CHECK(promote(village, "an", {"--unit", "S1", "--leavers-to", "S2"}).exit == 2);
  const Run year = promote(village, "an", {"--unit", "S1", "--leavers-to", "5=S1", "--leavers-to", "9=S2"});
  CHECK(year.json()["moved"] == 2);
  CHECK(shown(village, "an", nam)["school"] == "S1");
  CHECK(shown(village, "an", nam)["school_level"] == "lower_secondary");
  CHECK(shown(village, "an", chin)["school"] == "S2");
  CHECK(shown(village, "an", chin)["school_level"] == "upper_secondary");
}

TEST_CASE("whoever leaves goes to the next school with what was handed over, and is one child there") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S2"});
  const std::string nam = pupil_in(village, "an", "Lò Văn Năm", 5);
  REQUIRE(village.phone("an", {"add", "need", "pupil=" + nam, "lacks=device"}).exit == 0);
  village.phone("an", {"sync"});
  // A teacher hands nobody to a school that is not theirs; the office that has both does.
  const Run teacher = promote(village, "an", {"--leavers-to", "S2"});
  CHECK(teacher.error()["code"] == "next_school_elsewhere");
  village.join("district", {"D1"}, "reviewer");
  village.phone("district", {"sync"});
  const Run year = promote(village, "district", {"--unit", "S1", "--leavers-to", "5=S2"});
  CHECK(year.exit == 0);
  CHECK(year.json()["moved"] == 1);
  village.phone("district", {"sync"});
  village.phone("an", {"sync"});
  village.phone("binh", {"sync"});
  CHECK(shown(village, "binh", nam)["grade"] == 6);
  CHECK(shown(village, "binh", nam)["school_level"] == "lower_secondary");
  CHECK(village.phone("an", {"list", "pupil"}).out.empty());
  const Json history = village.phone("binh", {"show", nam, "--history", "--json"}).json()["history"];
  CHECK(history.size() == 2);
  const auto total = [&](const std::string& unit, const std::string& measure) {
    return village.phone("binh", {"total", unit, "--json"}).json()["measures"].value(measure, 0);
  };
  CHECK(total("S2", "pupils_in_need") == 1);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("two teachers who both begin the year without a signal promote nobody twice") {
  Village village;
  village.join("an", {"S1"});
  village.join("lan", {"S1"});
  const std::string hoa = pupil_in(village, "an", "Vi Thị Hoa", 3);
  village.phone("an", {"sync"});
  village.phone("lan", {"sync"});
  CHECK(promote(village, "an").json()["up"] == 1);
  CHECK(promote(village, "lan").json()["up"] == 1);
  for (const char* phone : {"an", "lan", "an"}) village.phone(phone, {"sync"});
  for (const char* phone : {"an", "lan"}) {
    CHECK(shown(village, phone, hoa)["grade"] == 4);
    CHECK(village.phone(phone, {"cases"}).out.empty());
  }
}

TEST_CASE("who works at several places says which school it is") {
  Village village;
  village.join("an", {"S1", "S2"});
  CHECK(promote(village, "an").exit == 2);
  CHECK(promote(village, "an", {"--unit", "S1"}).exit == 0);
  CHECK(promote(village, "an", {"--unit", "S1", "--since", "yesterday"}).exit == 1);
}

}  // namespace songsong::testing
