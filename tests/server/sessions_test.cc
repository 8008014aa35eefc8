// Who is signed in, and for how long.
#include "server/sessions.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

namespace songsong::server {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
const Sessions::Clock::time_point kNow{hours(100)};

TEST_CASE("a session is who has its token, as long as it is awake and not past its time") {
  Sessions sessions(minutes(10), hours(1));
  const Sessions::Opened lan = sessions.open("lan", 3, kNow);
  CHECK(lan.token.size() == 43);
  CHECK(lan.token != lan.csrf);
  REQUIRE(sessions.find(lan.token, kNow));
  CHECK(sessions.find(lan.token, kNow)->account == "lan");
  CHECK(sessions.find(lan.token, kNow)->revision == 3);
  CHECK(sessions.find(lan.token, kNow)->csrf == lan.csrf);
  std::string other = lan.token;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  for (const std::string& none : {std::string(), other, lan.csrf, lan.token + "A"})
    CHECK_FALSE(sessions.find(none, kNow));
  for (int i = 1; i <= 6; ++i) CHECK(sessions.find(lan.token, kNow + minutes(10 * i)));
  CHECK_FALSE(sessions.find(lan.token, kNow + minutes(61)));
  const Sessions::Opened idle = sessions.open("lan", 3, kNow);
  CHECK(sessions.find(idle.token, kNow + minutes(9), Sessions::Asked::kByTheWay));
  CHECK_FALSE(sessions.find(idle.token, kNow + minutes(11)));
  CHECK(sessions.count() == 0);
}

TEST_CASE("a session that was closed is none, and the account's others go on") {
  Sessions sessions(minutes(10), hours(1));
  const Sessions::Opened one = sessions.open("lan", 1, kNow), other = sessions.open("lan", 1, kNow);
  sessions.close(one.token);
  CHECK_FALSE(sessions.find(one.token, kNow));
  CHECK(sessions.find(other.token, kNow));
}

TEST_CASE("one account has a bounded number, of which the one that was idle longest ends") {
  Sessions sessions(hours(10), hours(10));
  const Sessions::Opened others = sessions.open("hoa", 1, kNow);
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < Sessions::kMostOfOne; ++i)
    tokens.push_back(sessions.open("lan", 1, kNow + minutes(i)).token);
  CHECK(sessions.find(tokens[0], kNow + hours(1)));
  (void)sessions.open("lan", 1, kNow + hours(1));
  CHECK(sessions.count() == Sessions::kMostOfOne + 1);
  CHECK(sessions.find(tokens[0], kNow + hours(1)));
  CHECK_FALSE(sessions.find(tokens[1], kNow + hours(1)));
  CHECK(sessions.find(others.token, kNow + hours(1)));
}

}  // namespace
}  // namespace songsong::server
