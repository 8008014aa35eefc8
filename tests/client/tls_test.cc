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

TEST_CASE("a server that spoke no TLS begins to, and its phones go along with the tickets that they have") {
  Village village;
  village.join("minh", {"S1"});
  village.join("lan", {"S1"});
  village.pupil("minh", "Vi Thị Hoa");
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  village.stop();
  village.write("server/server.conf", "tls_listen = 127.0.0.1:0\n");
  village.start();
  const std::string said = village.read("server.out");
  const std::string elsewhere = said.substr(said.find("https://"), said.rfind('\n') - said.find("https://"));
  CHECK(village.server("move", {"--url", "https://127.0.0.1:1", "--json"}).error()["code"] == "nobody_answers");
  REQUIRE(village.server("move", {"--url", elsewhere}).exit == 0);
  // One hears of it at once, with what it has to send; the other keeps that for later.
  const Run hears = village.phone("minh", {"sync"});
  INFO(hears.err);
  REQUIRE(hears.exit == 0);
  CHECK(village.phone("minh", {"status", "--json"}).json()["server"] == elsewhere);
  village.pupil("minh", "Lò Văn Páo");
  const Run by_tls = village.phone("minh", {"sync", "--json"});
  INFO(by_tls.err);
  CHECK(by_tls.json()["sent"] == 1);
  CHECK(village.phone("minh", {"total", "S1", "--json"}).exit == 0);
  CHECK(village.phone("lan", {"sync"}).exit == 0);
  CHECK(village.phone("lan", {"status", "--json"}).json()["server"] == elsewhere);
  CHECK(village.phone("lan", {"verify"}).exit == 0);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a server is given another key while its phones are away") {
  Village village;
  village.join("minh", {"S1"});
  village.pupil("minh", "Vi Thị Hoa");
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  CHECK(village.server("rotate-key", {village.path("copy.db"), "--json"}).error()["code"] == "server_running");
  village.stop();
  CHECK(village.server("rotate-key", {village.path("nowhere/copy.db"), "--json"}).error()["code"] == "file_unwritable");
  REQUIRE(village.server("rotate-key", {village.path("copy.db")}).exit == 0);
  CHECK(village.server("rotate-key", {village.path("copy.db"), "--json"}).error()["code"] == "file_exists");
  village.start();
  for (const char* name : {"Lò Văn Páo", "Giàng A Chu", "Sùng Thị Mai"}) {
    village.pupil("minh", name);
    const Run sync = village.phone("minh", {"sync", "--json"});
    INFO(sync.err);
    CHECK(sync.json()["sent"] == 1);
  }
  CHECK(village.phone("minh", {"verify"}).exit == 0);
  // Somebody has seen it: the former keys are good for nothing, and the phone has a new ticket, with what it had saved.
  village.stop();
  REQUIRE(village.server("rotate-key", {village.path("again.db"), "--forget"}).exit == 0);
  village.start();
  village.pupil("minh", "Vàng A Sinh");
  CHECK(village.phone("minh", {"sync"}).exit != 0);
  const Run ticket = village.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", village.address()});
  CHECK(village.phone("minh", {"init", "--ticket", ticket.line()}).exit == 1);
  REQUIRE(village.phone("minh", {"init", "--ticket", ticket.line(), "--same-server"}).exit == 0);
  const Run sent = village.phone("minh", {"sync", "--json"});
  INFO(sent.err);
  CHECK(sent.json()["pending"] == 0);
  CHECK(village.phone("minh", {"total", "S1", "--json"}).json()["measures"].is_object());
  CHECK(village.phone("minh", {"verify"}).exit == 0);
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
  CHECK(wrong.error()["code"] == "server_unproven");
  CHECK(village.phone("minh", {"status", "--json"}).json()["pending"] == 1);
}

}  // namespace songsong::testing
