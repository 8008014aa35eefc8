#include "shared/core/civil_time.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>

#include "tests/support/random.h"

using namespace songsong;

namespace {

// The calendar by its plainest definition, to hold the algorithm against.
int length_of_month(int year, int month) {
  static constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kLengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

CivilDate next_day(CivilDate date) {
  if (date.day < length_of_month(date.year, date.month)) return {date.year, date.month, date.day + 1};
  if (date.month < 12) return {date.year, date.month + 1, 1};
  return {date.year + 1, 1, 1};
}

}  // namespace

TEST_CASE("known days") {
  CHECK(days_from_civil({1970, 1, 1}) == 0);
  CHECK(days_from_civil({1969, 12, 31}) == -1);
  CHECK(days_from_civil({2000, 2, 29}) == 11016);
  CHECK(days_from_civil({2021, 10, 12}) == 18912);
  CHECK(days_from_civil({1, 1, 1}) == kFirstDay);
  CHECK(days_from_civil({9999, 12, 31}) == kLastDay);
}

TEST_CASE("every day of ten thousand years follows the day before it") {
  CivilDate date{1, 1, 1};
  bool all_right = true;
  for (std::int64_t day = kFirstDay; day <= kLastDay; ++day) {
    all_right = all_right && civil_from_days(day) == date && days_from_civil(date) == day && valid(date);
    date = next_day(date);
  }
  CHECK(all_right);
  CHECK(date == CivilDate{10000, 1, 1});
  CHECK_FALSE(valid(date));
}

TEST_CASE("days that the calendar does not have are a programming error") {
  CHECK_THROWS(days_from_civil({2021, 2, 29}));
  CHECK_THROWS(days_from_civil({0, 12, 31}));
  CHECK_THROWS(civil_from_days(kFirstDay - 1));
  CHECK_THROWS(civil_from_days(kLastDay + 1));
}

TEST_CASE("a date is printed and read") {
  CHECK(print_date(18912) == "2021-10-12");
  CHECK(print_date(kFirstDay) == "0001-01-01");
  CHECK(*parse_date("2021-10-12") == 18912);
  CHECK(*parse_date("9999-12-31") == kLastDay);
  CHECK(*parse_date("2000-02-29") == 11016);
  CHECK(print_date(kLastDay + 1) == "2932897");
}

TEST_CASE("what is no date is refused") {
  for (const std::string_view text : {"", "2021", "2021-1-2", "2021-10-1", "21-10-2021", "2021/10/12", "2021-10-12 ",
                                      " 2021-10-1", "2021-1a-12", "-021-10-12", "+021-10-12", "20211-0-12"}) {
    INFO(text);
    const auto date = parse_date(text);
    REQUIRE_FALSE(date.ok());
    CHECK(date.fault().code == "date_malformed");
  }
  for (const std::string_view text :
       {"2021-02-29", "1900-02-29", "2021-13-01", "2021-00-10", "2021-04-31", "2021-01-00", "0000-01-01"}) {
    INFO(text);
    const auto date = parse_date(text);
    REQUIRE_FALSE(date.ok());
    CHECK(date.fault().code == "date_impossible");
  }
}

TEST_CASE("a date as lists have it") {
  for (const std::string_view text : {"05/09/2021", "5/9/2021", "05-09-2021", "5.9.2021", "05.9.2021", " 5/09/2021 "}) {
    INFO(text);
    REQUIRE(parse_list_date(text).ok());
    CHECK(print_date(*parse_list_date(text)) == "2021-09-05");
  }
  for (const std::string_view text :
       {"", "05092021", "05/09/21", "05/09-2021", "2021-09-05", "2021/09/05", "005/09/2021", "05/009/2021", "05//2021",
        "/09/2021", "05/09/", "05/09/20211", "05/09/2021/1", "a5/09/2021", "05 /09/2021", "05\\09\\2021"}) {
    INFO(text);
    const auto date = parse_list_date(text);
    REQUIRE_FALSE(date.ok());
    CHECK(date.fault().code == "date_malformed");
  }
  for (const std::string_view text :
       {"31/02/2021", "31/2/2021", "29/02/2021", "13/13/2021", "0/1/2021", "1/0/2021", "09/15/2021", "01/01/0000"}) {
    INFO(text);
    const auto date = parse_list_date(text);
    REQUIRE_FALSE(date.ok());
    CHECK(date.fault().code == "date_impossible");
  }
}

TEST_CASE("an instant is printed and read") {
  CHECK(print_instant(0) == "1970-01-01T00:00:00Z");
  CHECK(print_instant(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(print_instant(1'634'002'200'250) == "2021-10-12T01:30:00.250Z");
  CHECK(print_instant(kFirstInstantMs) == "0001-01-01T00:00:00Z");
  CHECK(print_instant(kLastInstantMs) == "9999-12-31T23:59:59.999Z");
  CHECK(print_instant(kLastInstantMs + 1) == std::to_string(kLastInstantMs + 1));
  CHECK(*parse_instant("2021-10-12T01:30:00Z") == 1'634'002'200'000);
  CHECK(*parse_instant("2021-10-12T01:30:00.25Z") == 1'634'002'200'250);
  CHECK(*parse_instant("2021-10-12T01:30:00.2Z") == 1'634'002'200'200);
  CHECK(*parse_instant("2021-10-12T01:30:00.001999999Z") == 1'634'002'200'001);
}

TEST_CASE("every instant survives its text") {
  Random random(1989);
  INFO("seed " << random.seed());
  for (int i = 0; i < 20000; ++i) {
    std::int64_t ms = random.between(kFirstInstantMs, kLastInstantMs);
    if (random.chance(1, 2)) ms -= ms % 1000;
    INFO(ms);
    const auto again = parse_instant(print_instant(ms));
    REQUIRE(again.ok());
    REQUIRE(*again == ms);
  }
}

TEST_CASE("what is no instant is refused") {
  for (const std::string_view text :
       {"", "2021-10-12", "2021-10-12T01:30:00", "2021-10-12 01:30:00Z", "2021-10-12T01:30:00+07:00",
        "2021-10-12T01:30Z", "2021-10-12T1:30:00Z", "2021-10-12T01:30:00.Z", "2021-10-12T01:30:00.0000000001Z",
        "2021-10-12T01:30:00.2x0Z", "2021-10-12T01:30:00,250Z", "2021-10-12t01:30:00z", "2021-10-12T01.30.00Z",
        "2021-10-12T-1:30:00Z"}) {
    INFO(text);
    const auto instant = parse_instant(text);
    REQUIRE_FALSE(instant.ok());
    CHECK(instant.fault().code == "instant_malformed");
  }
  for (const std::string_view text : {"2021-10-12T24:00:00Z", "2021-10-12T23:60:00Z", "2021-06-30T23:59:60Z"}) {
    INFO(text);
    const auto instant = parse_instant(text);
    REQUIRE_FALSE(instant.ok());
    CHECK(instant.fault().code == "instant_impossible");
  }
  CHECK(parse_instant("2021-02-31T01:30:00Z").fault().code == "date_impossible");
}
