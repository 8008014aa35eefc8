// A device asks for totals with its own rights, also where strangers are told nothing.
#include <catch2/catch_test_macros.hpp>

#include "tests/village/village.h"

namespace songsong::testing {

TEST_CASE("a device sees its units' totals where strangers see none, and learns why where it does not") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"D1"}, "head_office");
  village.pupil("an", "Lò Thị Mai");
  REQUIRE(village.phone("an", {"sync"}).exit == 0);
  const auto asked = [&](const std::string& phone, const std::string& unit) {
    const Run run = village.phone(phone, {"total", unit, "--json"});
    return run.exit == 0 ? run.json()["unit"].get<std::string>() : run.error()["code"].get<std::string>();
  };
  CHECK(asked("an", "S1") == "S1");
  CHECK(asked("an", "P") == "P");  // as long as nobody has an account
  REQUIRE(village.server("account", {"add", "lan", "--unit", "S1", "--role", "teacher"}).exit == 0);
  CHECK(asked("an", "S1") == "S1");
  CHECK(asked("an", "P") == "not_yours_to_see");
  CHECK(asked("an", "S9") == "unknown_unit");
  CHECK(village.phone("an", {"total", "P"}).exit == 4);
  CHECK(village.phone("an", {"total", "P"}).err.find("not yours to see") != std::string::npos);
  CHECK(village.phone("an", {"total", "S1", "--on", "2020-01-31", "--json"}).json()["on"] == "2020-01-31");
  // One that never synchronised is unknown to the server.
  CHECK(asked("binh", "D1") == "not_enrolled");
  REQUIRE(village.phone("binh", {"sync"}).exit == 0);
  CHECK(asked("binh", "D1") == "D1");
  CHECK(asked("binh", "S1") == "S1");
  CHECK(asked("binh", "S3") == "not_yours_to_see");
}

}  // namespace songsong::testing
