// A phone that dies in the middle of saving: what it told its user was saved is there once, and everything counted
// fits.
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/replica/child_process.h"
#include "tests/support/phone.h"
#include "tests/support/temporary_folder.h"

namespace songsong::testing {
namespace {

constexpr int kRounds = 20;
constexpr int kMostActs = 5000;  // a round ends by itself, should nobody end it

// Saves until it is killed; a byte into the pipe for each act that was saved.
int save_on(const std::string& file, std::uint64_t luck, int told) {
  Phone lan(file, 1, luck);
  for (int act = 0; act < kMostActs; ++act) {
    lan.add("pupil", {{"full_name", "Lò Thị " + std::to_string(act)},
                      {"school", "school-1"},
                      {"school_level", "primary"},
                      {"household", "poor"}});
    if (write(told, "x", 1) != 1) return 1;
  }
  return 0;
}

std::uint64_t count_bytes(int from) {
  std::uint64_t count = 0;
  char buffer[4096];
  for (ssize_t got; (got = read(from, buffer, sizeof buffer)) > 0;) count += static_cast<std::uint64_t>(got);
  return count;
}

}  // namespace

TEST_CASE("a phone that is killed while it saves has every act it confirmed, once, and at most the one it was at") {
  const TemporaryFolder folder;
  const std::string file = folder.file("lan.db");
  { const Phone made(file, 1, 1); }
  Random random(1);
  std::uint64_t held = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    INFO("round " << round);
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    {
      ChildProcess child([&] { return save_on(file, 100 + round, ends[1]); });
      close(ends[1]);
      char first = 0;
      REQUIRE(read(ends[0], &first, 1) == 1);  // at work, however slow the machine
      usleep(static_cast<useconds_t>(random.below(40'000)));
      child.kill();
      REQUIRE(child.wait() == ChildProcess::kKilled);
    }
    const std::uint64_t confirmed = held + 1 + count_bytes(ends[0]);
    close(ends[0]);
    Phone lan(file, 1, 1000 + round);
    const AuditSummary found = lan.verify();
    REQUIRE(found.changes >= confirmed);
    REQUIRE(found.changes <= confirmed + 1);
    held = found.changes;
  }
  CHECK(held >= kRounds);
}

}  // namespace songsong::testing
