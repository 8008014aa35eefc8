// kill -9 of the server at any moment of an admission: whatever it gave a receipt for is there, and nothing twice.
#include <signal.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/faults/held.h"
#include "tests/faults/kill.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr int kKills = 50, kAllKills = 200;
constexpr Sequence kRows = 150;  // two pieces or more

}  // namespace

TEST_CASE("a server that is killed while it admits: what has a receipt is there, the rest comes once") {
  Village village;
  village.join("an", {"S1"});
  const int kills = scaled(kKills, kAllKills);
  Moments moments(kills, 14);
  Phases phases;
  Sequence rows = 0;
  const auto import_some = [&](const std::string& prefix) {
    village.write("list.csv", list_of(kRows, prefix + ":"));
    REQUIRE(village.phone("an", {"import", "school_list", village.path("list.csv")}).exit == 0);
    rows += kRows;
  };
  for (int round = 0; round < kills; ++round) {
    if (round % Moments::kTimedEvery == 0) {
      import_some("Lần đo " + std::to_string(round));
      moments.timed(time_of([&] { REQUIRE(village.phone("an", {"sync"}).exit == 0); }));
    }
    const Sequence before = 2 * rows;
    import_some("Lần " + std::to_string(round));
    const std::int64_t written_before = traces_of(village.path("server/songsong.db")).written_ns;
    const pid_t sync = village.begin_phone("an", {"sync"});
    moments.wait(round);
    village.stop(SIGKILL);
    const int exit = end(sync);
    CHECK((exit == 0 || exit == 3));
    const std::int64_t written = traces_of(village.path("server/songsong.db")).written_ns;
    village.start();
    const Held held = held_by_phone(village.path("an"));
    const Sequence at_server = held_by_server(village.path("server"), held.replica);
    INFO(village.read("an.out.err") << village.read("server.out.err"));
    CHECK(at_server >= held.received);
    CHECK((exit != 0 || held.received == held.saved));
    phases.met(exit == 0                   ? "after the last receipt"
               : at_server > held.received ? "all or part admitted, no receipt"
               : held.received > before    ? "between two pieces"
               : written != written_before ? "in the middle of writing"
                                           : "before anything was written");
    const Run rest = village.phone("an", {"sync", "--json"});
    REQUIRE(rest.exit == 0);
    CHECK(rest.json()["pending"] == 0);
    REQUIRE(held_by_server(village.path("server"), held.replica) == 2 * rows);
  }
  CHECK(phases.kinds() >= (kSanitized ? 2 : 3));  // ten kills are too few to meet them all
  const Json total = village.phone("an", {"total", "S1", "--json"}).json();
  CHECK(total["measures"]["pupils_in_need"] == rows);
  CHECK(total["measures"]["needs_declared"] == rows);
  CHECK(village.server("verify").exit == 0);
  CHECK(village.phone("an", {"verify"}).exit == 0);
  tell("kill -9 of a server that admits", std::to_string(kills) + ": " + phases.text(), "every change once");
}

}  // namespace songsong::testing
