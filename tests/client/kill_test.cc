// kill -9 at any moment: what was acknowledged is there, once, and everything counted still equals a recount.
#include <signal.h>

#include <chrono>
#include <sstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/client/village.h"
#include "tests/support/random.h"

namespace songsong::testing {
namespace {

constexpr int kKills = 50;

void pause(std::int64_t microseconds) { std::this_thread::sleep_for(std::chrono::microseconds(microseconds)); }

std::string list_of(std::size_t rows, const std::string& prefix) {
  std::string csv = "Họ và tên,Ngày sinh,Cấp học,Hoàn cảnh gia đình,Còn thiếu\n";
  for (std::size_t i = 0; i < rows; ++i) {
    csv +=
        prefix + " " + std::to_string(i) + ",0" + std::to_string(i % 9 + 1) + "/10/2013,Tiểu học,Hộ nghèo,thiết bị\n";
  }
  return csv;
}

std::size_t lines_of(const Run& ran) {
  std::istringstream lines(ran.out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  return count;
}

}  // namespace

TEST_CASE("a client that is killed while it imports and while it synchronises, fifty times each") {
  constexpr std::size_t kRows = 3000;
  Village village;
  village.join("an", {"S1"});
  village.write("list.csv", list_of(kRows, "Trẻ"));
  Random random(11);
  int killed = 0;
  for (int i = 0; i < kKills; ++i) {
    const pid_t import =
        begin({SONGSONG_PROGRAM, "import", "school_list", village.path("list.csv"), "--dir", village.path("an")},
              village.path("out"));
    pause(random.between(1'000, 60'000));
    kill(import, SIGKILL);
    killed += end(import) == 128 + SIGKILL ? 1 : 0;
  }
  INFO(killed << " of " << kKills << " imports were killed before their end");
  CHECK(killed > 0);
  CHECK(village.phone("an", {"import", "school_list", village.path("list.csv")}).exit == 0);
  CHECK(lines_of(village.phone("an", {"list", "pupil"})) == kRows);
  CHECK(lines_of(village.phone("an", {"list", "need"})) == kRows);
  CHECK(village.phone("an", {"verify"}).exit == 0);
  killed = 0;
  for (int i = 0; i < kKills; ++i) {
    const pid_t sync = begin({SONGSONG_PROGRAM, "sync", "--dir", village.path("an")}, village.path("out"));
    pause(random.between(1'000, 50'000));
    kill(sync, SIGKILL);
    killed += end(sync) == 128 + SIGKILL ? 1 : 0;
  }
  CHECK(killed > 0);
  const Run last = village.phone("an", {"sync", "--json"});
  CHECK(last.exit == 0);
  CHECK(last.json()["pending"] == 0);
  CHECK(village.phone("an", {"total", "S1", "--json"}).json()["measures"]["pupils_in_need"] == kRows);
  CHECK(village.phone("an", {"verify"}).exit == 0);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a server that is killed while it admits, fifty times") {
  constexpr std::size_t kRows = 40;
  Village village;
  village.join("an", {"S1"});
  Random random(12);
  std::uint64_t acknowledged = 0;
  for (int i = 0; i < kKills; ++i) {
    village.write("list.csv", list_of(kRows, "Trẻ " + std::to_string(i)));
    REQUIRE(village.phone("an", {"import", "school_list", village.path("list.csv")}).exit == 0);
    const pid_t sync = begin({SONGSONG_PROGRAM, "sync", "--json", "--dir", village.path("an")}, village.path("out"));
    pause(random.between(500, 25'000));
    village.stop(SIGKILL);
    const int exit = end(sync);
    CHECK((exit == 0 || exit == 3));
    if (exit == 0) acknowledged = 2 * kRows * static_cast<std::uint64_t>(i + 1);
    village.start();
    // Whatever a receipt was given for is there.
    const Run asked = village.phone("an", {"total", "S1", "--json"});
    INFO(asked.err << village.read("server.out.err"));
    REQUIRE(asked.exit == 0);
    const Json total = asked.json();
    const auto needs = total["measures"]["needs_declared"].get<std::uint64_t>();
    CHECK(2 * needs >= acknowledged);
  }
  const Run last = village.phone("an", {"sync", "--json"});
  CHECK(last.exit == 0);
  CHECK(last.json()["pending"] == 0);
  const Json total = village.phone("an", {"total", "S1", "--json"}).json();
  CHECK(total["measures"]["pupils_in_need"] == kRows * kKills);
  CHECK(total["measures"]["needs_declared"] == kRows * kKills);
  CHECK(village.server("verify").exit == 0);
  CHECK(village.phone("an", {"verify"}).exit == 0);
}

}  // namespace songsong::testing
