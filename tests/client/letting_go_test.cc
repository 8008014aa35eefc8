// A pupil who changes school, on the command line: one teacher lets go, another receives.
#include <catch2/catch_test_macros.hpp>

#include "tests/village/village.h"

namespace songsong::testing {

TEST_CASE("a teacher lets a pupil go, and another receives it with all that was recorded") {
  Village village;
  village.join("minh", {"S1"});
  village.join("lan", {"S2"});
  const std::string pupil = village.pupil("minh", "Vi Thị Hoa");
  const std::string need = village.phone("minh", {"add", "need", "pupil=" + pupil, "lacks=device"}).line();
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  CHECK(village.phone("minh", {"let-go", need, "--to", "S2", "--json"}).error()["code"] == "goes_along");
  CHECK(village.phone("minh", {"set", pupil, "school=S2", "--json"}).error()["code"] == "unknown_unit");
  const Run gone = village.phone("minh", {"let-go", pupil, "--to", "S2"});
  CHECK(gone.exit == 0);
  CHECK(gone.out.find("Vi Thị Hoa") != std::string::npos);
  CHECK(village.phone("minh", {"sync"}).exit == 6);
  CHECK(village.phone("minh", {"status", "--json"}).json()["sent_back"][0]["reason"] == "to_be_received");
  CHECK(village.phone("minh", {"show", pupil, "--json"}).json()["fields"]["school"] == "S1");

  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  const Run offered = village.phone("lan", {"receive"});
  INFO(offered.out);
  CHECK(offered.out.find("Vi Thị Hoa [S1]") != std::string::npos);
  const Json offer = village.phone("lan", {"cases", "--json"}).json();
  CHECK(offer["reason"] == "to_be_received");
  REQUIRE(village.phone("lan", {"receive", offer["id"].get<std::string>()}).exit == 0);
  CHECK(village.phone("lan", {"sync"}).exit == 0);
  CHECK(village.phone("lan", {"sync"}).exit == 0);
  CHECK(village.phone("lan", {"show", pupil, "--json"}).json()["fields"]["school"] == "S2");
  CHECK(village.phone("lan", {"show", need, "--json"}).json()["unit"] == "S2");
  CHECK(village.phone("lan", {"receive"}).out.empty());
  CHECK(village.phone("minh", {"sync"}).exit == 0);
  CHECK(village.phone("minh", {"list", "pupil"}).out.empty());
  CHECK(village.phone("minh", {"status", "--json"}).json()["sent_back"].empty());
  const Json total = village.phone("lan", {"total", "S2", "--json"}).json();
  CHECK(total["measures"]["pupils_in_need"] == 1);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("what another unit does not receive stays, and is told so") {
  Village village;
  village.join("minh", {"S1"});
  village.join("lan", {"S2"});
  const std::string pupil = village.pupil("minh", "Vi Thị Hoa");
  REQUIRE(village.phone("minh", {"let-go", pupil, "--to", "S2"}).exit == 0);
  REQUIRE(village.phone("minh", {"sync"}).exit == 6);
  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  const std::string offer = village.phone("lan", {"cases", "--json"}).json()["id"];
  REQUIRE(village.phone("lan", {"receive", offer, "--refuse"}).exit == 0);
  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  CHECK(village.phone("minh", {"show", pupil, "--json"}).json()["fields"]["school"] == "S1");
  CHECK(village.phone("lan", {"list", "pupil"}).out.empty());
}

}  // namespace songsong::testing
