// The programs by TLS: a school's network without a public name, whose server has an authority of its own.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "tests/village/village.h"

namespace songsong::testing {
namespace {

// A server that speaks TLS with its own authority, and listens at the port that it had.
void start_by_tls(Village& village) {
  if (village.server_process() != 0) village.stop();
  village.write("server/server.conf", "tls = 1\n");
  village.start();
  REQUIRE(village.address().starts_with("https://127.0.0.1:"));
}

}  // namespace

TEST_CASE("what phones do, they do by TLS, with nothing but their ticket") {
  Village village;
  start_by_tls(village);
  const Run ticket =
      village.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", village.address(), "--json"});
  REQUIRE(ticket.exit == 0);
  CHECK(ticket.json()["authority"] == village.server("authority", {"--json"}).json()["fingerprint"]);
  village.join("minh", {"S1"});
  const std::string pupil = village.pupil("minh", "Vi Thị Hoa");
  const Run sync = village.phone("minh", {"sync", "--json"});
  INFO(sync.err);
  REQUIRE(sync.exit == 0);
  CHECK(sync.json()["sent"] == 1);
  CHECK(sync.json()["round_trips"] == 1);
  CHECK(village.phone("minh", {"total", "S1", "--json"}).exit == 0);
  const Run history = village.phone("minh", {"show", pupil, "--history", "--json"});
  CHECK(history.json()["history_from"] == "server");
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a server that a restore brought back on another machine is known by TLS, and another one is not") {
  Village village;
  start_by_tls(village);
  village.join("minh", {"S1"});
  village.pupil("minh", "Vi Thị Hoa");
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  REQUIRE(village.server("backup", {village.path("copy.db")}).exit == 0);
  village.stop();
  std::filesystem::remove_all(village.path("server"));
  REQUIRE(village.server("restore", {village.path("copy.db")}).exit == 0);
  start_by_tls(village);
  village.pupil("minh", "Lò Văn Páo");
  const Run again = village.phone("minh", {"sync", "--json"});
  INFO(again.err);
  CHECK(again.exit == 0);
  village.stop();
  std::filesystem::remove_all(village.path("server"));
  village.write("units.csv", "code,name,level,parent,area\nP,Province,province,,\nS1,School,school,P,\n");
  REQUIRE(village.server("init", {"--units", village.path("units.csv")}).exit == 0);
  start_by_tls(village);
  village.pupil("minh", "Giàng A Chu");
  const Run wrong = village.phone("minh", {"sync", "--json"});
  CHECK(wrong.exit == 3);
  CHECK(wrong.error()["code"] == "not_our_server");
  CHECK(village.phone("minh", {"status", "--json"}).json()["pending"] == 1);
}

}  // namespace songsong::testing
