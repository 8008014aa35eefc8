// Too many at once: connections that only take places, and a thousand phones after an outage. Others go on being
// served, the server's memory stays within its bound, and everyone has receipts in the end.
#include <sys/resource.h>
#include <catch2/catch_test_macros.hpp>

#include <fstream>

#include "tests/faults/crowd.h"
#include "tests/faults/nuisance.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

// What `serve` may take at its worst moment of these tests, with the default limits (server/README.md, Memory).
// Of the server, MiB. What one thread keeps for itself shows in the smaller crowds, too.
double most_memory(int few, int all) { return kSanitized ? 4096 : scaled(few, all); }
constexpr int kSyncs = 10;                             // that a phone makes beside the nuisances
constexpr double kMostLatency = kSanitized ? 20 : 10;  // before a phone would give up connecting
constexpr std::size_t kChangesEach = 15;

// The most memory that the process has had, in MiB.
double peak_memory(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  FAIL("the process has no status");
  return 0;
}

// The slowest of some synchronisations of one new record each.
Seconds slowest_sync(const Village& village, const std::string& phone) {
  Seconds slowest{0};
  for (int i = 0; i < kSyncs; ++i) {
    village.pupil(phone, "Em " + std::to_string(i));
    Run synced;
    slowest = std::max(slowest, time_of([&] { synced = village.phone(phone, {"sync", "--json"}); }));
    INFO(synced.err);
    CHECK(synced.exit == 0);
    CHECK(synced.json()["pending"] == 0);
  }
  return slowest;
}

std::string milliseconds(Seconds seconds) { return text(1000 * seconds.count(), 0) + " ms"; }

}  // namespace

TEST_CASE("thousands of connections that are idle, dribble or are half-closed keep nobody from being served",
          "[crowd]") {
  const auto wanted = static_cast<std::size_t>(scaled(2500, 5000));
  const std::size_t files = allow_open_files(wanted + 200);
  const std::size_t count = std::min(wanted, files - 200);
  Village village;
  village.join("an", {"S1"});
  const Seconds alone = slowest_sync(village, "an");
  for (const Nuisance what : {Nuisance::kIdle, Nuisance::kSlowHeader, Nuisance::kSlowBody, Nuisance::kHalfClosed}) {
    // Of those that dribble fewer: each turn sends on all of them.
    const std::size_t these = what == Nuisance::kIdle ? count : count / 5;
    Nuisances nuisances(village.address(), what, these);
    nuisances.wait_for(these, 30);
    CHECK(nuisances.opened() >= these);
    const Seconds slowest = slowest_sync(village, "an");
    CHECK(slowest.count() < kMostLatency);
    tell(std::to_string(these) + " " + name_of(what),
         "a sync takes " + milliseconds(slowest) + " at most (alone " + milliseconds(alone) + "), " +
             std::to_string(nuisances.ended()) + " ended by the server, " + std::to_string(nuisances.open()) + " open",
         text(kMostLatency, 0) + " s");
  }
  const double memory = peak_memory(village.server_process());
  const double most = most_memory(110, 256);
  CHECK(memory < most);
  tell("… the server's memory", text(memory, 0) + " MiB", text(most, 0) + " MiB");
  CHECK(village.server("verify").exit == 0);
  village.stop();  // checks that it ends as it should
}

TEST_CASE("a server that is begun with few open files allowed takes what the system permits", "[crowd]") {
  const std::size_t had = allow_open_files(0);
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  Village village;
  village.stop();
  village.write("server/server.conf", "idle_timeout_seconds = 300\nread_timeout_seconds = 300\n");
  const rlimit few{.rlim_cur = 64, .rlim_max = limit.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  village.start();
  allow_open_files(had);
  village.join("an", {"S1"});
  const Nuisances nuisances(village.address(), Nuisance::kIdle, 500);
  nuisances.wait_for(500, 30);
  CHECK(nuisances.open() == 500);
  CHECK(slowest_sync(village, "an").count() < kMostLatency);
  CHECK(nuisances.ended() == 0);
}

TEST_CASE("a thousand phones at once after an outage: every receipt is given", "[crowd]") {
  const auto phones = static_cast<std::size_t>(scaled(200, 1000));
  allow_open_files(4 * phones + 200);
  Village village;
  village.join("an", {"S1"});
  std::vector<std::string> schools;
  std::string csv = "code,name,level,parent,area\n";
  for (std::size_t i = 1; i <= phones; ++i) {
    schools.push_back("C" + std::to_string(i));
    csv += schools.back() + ",Trường " + schools.back() + ",school,D" + std::to_string(i % 2 + 1) + ",\n";
  }
  village.write("schools.csv", csv);
  REQUIRE(village.server("units", {village.path("schools.csv")}).exit == 0);
  Crowd crowd(village.path("server"), village.address(), schools);
  crowd.record(kChangesEach);
  const CrowdTold told = crowd.synchronise(Seconds(250));
  std::string faults;
  for (const auto& [code, count] : told.faults) faults += ", " + code + " " + std::to_string(count);
  const double memory = peak_memory(village.server_process()), most = most_memory(72, 256);
  tell(std::to_string(phones) + " phones at once, " + std::to_string(kChangesEach) + " changes each",
       "all receipts after " + text(told.took.count()) + " s, half of them after " + text(told.median.count()) +
           " s, 99 % after " + text(told.nearly_all.count()) + " s; " + std::to_string(told.waits) +
           " times told to wait" + (faults.empty() ? ", no error" : faults) + "; " + text(memory, 0) + " MiB",
       "every receipt, no error, " + text(most, 0) + " MiB");
  CHECK(told.whole == phones);
  CHECK(told.changes == phones * kChangesEach);
  CHECK(told.faults.empty());
  CHECK(memory < most);
  CHECK(slowest_sync(village, "an").count() < kMostLatency);
  CHECK(village.server("verify").exit == 0);
  village.stop();
}

}  // namespace songsong::testing
