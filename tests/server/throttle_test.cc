// Who has guessed wrongly waits.
#include "server/throttle.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace songsong::server {
namespace {

using std::chrono::seconds;
const Throttle::Clock::time_point kNow{seconds(1'000'000)};
constexpr Throttle::Rule kRule{
    .free = 2, .first_wait = seconds(10), .most_wait = seconds(35), .forgets_one_after = seconds(100)};

TEST_CASE("a few wrong tries are free, each further one doubles the wait, up to a bound") {
  Throttle throttle(kRule, 10);
  std::vector<int> waits;
  for (int i = 0; i < 6; ++i) {
    throttle.wrong("lan", kNow);
    waits.push_back(static_cast<int>(throttle.wait("lan", kNow).count()));
  }
  CHECK(waits == std::vector<int>{0, 0, 10, 20, 35, 35});
  CHECK(throttle.wait("lan", kNow + seconds(34)) == seconds(1));
  CHECK(throttle.wait("lan", kNow + seconds(35)) == seconds(0));
  CHECK(throttle.wait("hoa", kNow) == seconds(0));
}

TEST_CASE("wrong tries are forgotten after a right one, and after a while without any") {
  Throttle throttle(kRule, 10);
  for (int i = 0; i < 3; ++i) throttle.wrong("lan", kNow);
  throttle.right("lan");
  CHECK(throttle.wait("lan", kNow) == seconds(0));
  CHECK(throttle.keys() == 0);
  for (int i = 0; i < 3; ++i) throttle.wrong("lan", kNow);
  // Two are left after a while, then one: the next is free again, the one after it is not.
  throttle.wrong("lan", kNow + seconds(200));
  CHECK(throttle.wait("lan", kNow + seconds(200)) == seconds(0));
  throttle.wrong("lan", kNow + seconds(201));
  CHECK(throttle.wait("lan", kNow + seconds(201)) == seconds(10));
  CHECK(throttle.wait("lan", kNow + seconds(600)) == seconds(0));
  CHECK(throttle.keys() == 0);
  // Slips that come no faster than they are forgotten are borne for ever.
  for (int i = 0; i < 50; ++i) {
    throttle.wrong("hoa", kNow + seconds(100 * i));
    CHECK(throttle.wait("hoa", kNow + seconds(100 * i)) == seconds(0));
  }
}

TEST_CASE("who was right once is known, and the first of too many is forgotten") {
  Welcome welcome(2);
  for (const char* pair : {"a", "b", "a"}) welcome.add(pair);
  CHECK(welcome.contains("a"));
  welcome.add("c");
  CHECK_FALSE(welcome.contains("a"));
  CHECK(welcome.contains("b"));
  CHECK(welcome.contains("c"));
}

TEST_CASE("no more keys than there is room for are kept, and the one that was quiet longest goes") {
  Throttle throttle(kRule, 3);
  for (int i = 0; i < 3; ++i) throttle.wrong("first", kNow);
  for (const char* key : {"second", "third"}) throttle.wrong(key, kNow);
  throttle.wrong("first", kNow);
  throttle.wrong("fourth", kNow);
  CHECK(throttle.keys() == 3);
  CHECK(throttle.wait("first", kNow) == seconds(20));
}

}  // namespace
}  // namespace songsong::server
