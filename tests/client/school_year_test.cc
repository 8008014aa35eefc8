// A new school year, with the programs themselves: everybody goes up once, leavers go on to the next school with what
// they have, and nothing is lost on the way.
#include <catch2/catch_test_macros.hpp>

#include "tests/village/village.h"

namespace songsong::testing {
namespace {

// A pupil of a grade, as of last year: recorded, and then the clock of the test's own school year begins tomorrow.
std::string pupil_in(const Village& village, const std::string& phone, const std::string& name, int grade) {
  const char* const level = grade <= 5 ? "primary" : grade <= 9 ? "lower_secondary" : "upper_secondary";
  const Run added = village.phone(phone, {"add", "pupil", "full_name=" + name, "school=S1", "household=poor",
                                          std::string("school_level=") + level, "grade=" + std::to_string(grade)});
  INFO(added.err);
  REQUIRE(added.exit == 0);
  return added.line();
}

Json shown(const Village& village, const std::string& phone, const std::string& record) {
  return village.phone(phone, {"show", record, "--json"}).json()["fields"];
}

// As if the year began after all that was recorded so far.
const std::vector<std::string> kThisYear{"--since", "2099-07-01"};

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
  const std::vector<std::string> stays{"--since", "2099-07-01", "--stays", ba};

  std::vector<std::string> dry = stays;
  dry.push_back("--dry-run");
  CHECK(promote(village, "an", dry).json()["up"] == 1);
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

  // What was written since the year began is of the new year: nobody goes up twice.
  const Run again = promote(village, "an");
  CHECK(again.json()["up"] == 0);
  CHECK(again.json()["already"] == 3);
  CHECK(shown(village, "an", hoa)["grade"] == 4);
  CHECK(village.phone("an", {"promote", "--stays", "0zzzz.1.0001"}).exit == 1);
}

TEST_CASE("whoever leaves goes to the next school with what was handed over, and is one child there") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S2"});
  const std::string nam = pupil_in(village, "an", "Lò Văn Năm", 5);
  REQUIRE(village.phone("an", {"add", "need", "pupil=" + nam, "lacks=device"}).exit == 0);
  village.phone("an", {"sync"});
  // A teacher hands nobody to a school that is not theirs; the office that has both does.
  const Run teacher = promote(village, "an", {"--since", "2099-07-01", "--leavers-to", "S2"});
  CHECK(teacher.error()["code"] == "next_school_elsewhere");
  village.join("district", {"D1"}, "reviewer");
  village.phone("district", {"sync"});
  const Run year = promote(village, "district", {"--unit", "S1", "--since", "2099-07-01", "--leavers-to", "S2"});
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
  CHECK(promote(village, "an", kThisYear).json()["up"] == 1);
  CHECK(promote(village, "lan", kThisYear).json()["up"] == 1);
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
