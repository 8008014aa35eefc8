// kill -9 of a phone at any moment of an act: what was acknowledged is there, once, and nothing has to be repaired.
#include <signal.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <set>
#include <sstream>

#include "tests/faults/held.h"
#include "tests/faults/kill.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr int kKills = 50, kAllKills = 200;
constexpr Sequence kImportRows = 250;  // two transactions
constexpr Sequence kSyncRows = 150;    // two pieces or more

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  return all;
}

// A phone, and what it leaves when it is killed.
class Victim {
 public:
  Victim(const Village& village, std::string name) : village_(village), name_(std::move(name)) {}

  // Begins the words and kills them at the moment of this round. Its exit code.
  int kill_while(const std::vector<std::string>& words, Moments& moments, int round) {
    std::filesystem::remove(village_.path(name_ + ".out"));  // what an earlier one said
    const pid_t process = village_.begin_phone(name_, words);
    moments.wait(round);
    kill(process, SIGKILL);
    const int exit = end(process);
    traces_ = traces_of(village_.path(name_ + "/replica.db"));
    // Whoever comes next finds a store that opens, and so takes the traces away.
    CHECK(village_.phone(name_, {"status", "--json"}).exit == 0);
    held_ = held_by_phone(village_.path(name_));
    return exit;
  }
  const Traces& traces() const { return traces_; }
  const Held& held() const { return held_; }

  // How far an act got that saves changes: it began after `before`, and ends after `after`.
  std::string phase(int exit, Sequence before, Sequence after) const {
    if (exit == 0) return "after its end";
    if (held_.saved == after) return traces_.open ? "all saved, not told" : "all saved, store closed";
    if (held_.saved > before) return "part of it saved";
    if (!traces_.open) return "before the store was open";
    return traces_.bytes == 0 ? "store open, nothing written" : "in the middle of writing";
  }

 private:
  const Village& village_;
  std::string name_;
  Traces traces_;
  Held held_;
};

void import_rows(const Village& village, const std::string& phone, std::size_t rows, const std::string& prefix) {
  village.write("list.csv", list_of(rows, prefix));
  REQUIRE(village.phone(phone, {"import", "school_list", village.path("list.csv")}).exit == 0);
}

void check_all_arrived(const Village& village, const std::string& phone, std::size_t pupils) {
  const Run last = village.phone(phone, {"sync", "--json"});
  CHECK(last.exit == 0);
  CHECK(last.json()["pending"] == 0);
  CHECK(lines_of(village.phone(phone, {"list", "pupil"}).out).size() == pupils);
  CHECK(village.phone(phone, {"verify"}).exit == 0);
  CHECK(village.server("verify").exit == 0);
  const Held held = held_by_phone(village.path(phone));
  CHECK(held_by_server(village.path("server"), held.replica) == held.saved);
}

}  // namespace

TEST_CASE("a phone that is killed while it imports: after the same import again every row is there, once") {
  Village village;
  village.join("an", {"S1"});
  Victim an(village, "an");
  const int kills = scaled(kKills, kAllKills);
  Moments moments(kills, 11);
  Phases phases;
  Sequence rows = 0;
  // A machine that becomes faster or slower meanwhile may have all kills meet two phases: then some more are made.
  for (int round = 0; round < kills || (phases.kinds() < 3 && round < 3 * kills); ++round) {
    if (round % Moments::kTimedEvery == 0) {
      const std::string prefix = "Lần đo " + std::to_string(round) + ":";
      moments.timed(time_of([&] { import_rows(village, "an", kImportRows, prefix); }));
      rows += kImportRows;
    }
    village.write("list.csv", list_of(kImportRows, "Lần " + std::to_string(round) + ":"));
    const std::vector<std::string> import{"import", "school_list", village.path("list.csv")};
    const int exit = an.kill_while(import, moments, round % kills);
    const Sequence before = 2 * rows, after = before + 2 * kImportRows;
    phases.met(an.phase(exit, before, after));
    CHECK(village.phone("an", import).exit == 0);
    rows += kImportRows;
    REQUIRE(held_by_phone(village.path("an")).saved == after);
  }
  CHECK(phases.kinds() >= 3);
  check_all_arrived(village, "an", rows);
  tell("kill -9 of a phone that imports", std::to_string(kills) + ": " + phases.text(), "every row once");
}

TEST_CASE("a phone that is killed while it records single acts: what it told is there, and nothing twice") {
  Village village;
  village.join("an", {"S1"});
  Victim an(village, "an");
  const int kills = scaled(kKills, kAllKills);
  Moments moments(kills, 12);
  Phases phases;
  std::set<std::string> told;
  Sequence before = 0;
  for (int round = 0; round < kills; ++round) {
    if (round % Moments::kTimedEvery == 0) {
      moments.timed(time_of([&] { told.insert(village.pupil("an", "Em đo " + std::to_string(round))); }));
      ++before;
    }
    const std::vector<std::string> add{
        "add", "pupil", "full_name=Em " + std::to_string(round), "school=S1", "school_level=primary", "household=poor"};
    const int exit = an.kill_while(add, moments, round);
    phases.met(an.phase(exit, before, before + 1));
    const std::string said = village.read("an.out");
    if (!said.empty() && said.back() == '\n') {
      told.insert(said.substr(0, said.size() - 1));
      CHECK(an.held().saved == before + 1);
    }
    CHECK(an.held().saved <= before + 1);
    before = an.held().saved;
  }
  CHECK(phases.kinds() >= 3);
  const std::vector<std::string> listed = lines_of(village.phone("an", {"list", "pupil", "--json"}).out);
  CHECK(listed.size() == before);
  std::set<std::string> ids, names;
  for (const std::string& line : listed) {
    const Json pupil = Json::parse(line);
    ids.insert(pupil["id"].get<std::string>());
    names.insert(pupil["fields"]["full_name"].get<std::string>());
  }
  CHECK(names.size() == listed.size());
  for (const std::string& id : told) CHECK(ids.contains(id));
  check_all_arrived(village, "an", listed.size());
  tell("kill -9 of a phone that records", std::to_string(kills) + ": " + phases.text(),
       std::to_string(told.size()) + " told, all there once");
}

TEST_CASE("a phone that is killed while it synchronises: what has a receipt is sent, the rest is sent once") {
  Village village;
  village.join("an", {"S1"});
  Victim an(village, "an");
  const int kills = scaled(kKills, kAllKills);
  Moments moments(kills, 13);
  Phases phases;
  Sequence rows = 0;
  for (int round = 0; round < kills; ++round) {
    if (round % Moments::kTimedEvery == 0) {
      import_rows(village, "an", kSyncRows, "Lần đo " + std::to_string(round) + ":");
      rows += kSyncRows;
      moments.timed(time_of([&] { REQUIRE(village.phone("an", {"sync"}).exit == 0); }));
    }
    const Sequence before = 2 * rows;
    import_rows(village, "an", kSyncRows, "Lần " + std::to_string(round) + ":");
    rows += kSyncRows;
    const int exit = an.kill_while({"sync"}, moments, round);
    const Held& held = an.held();
    const Sequence at_server = held_by_server(village.path("server"), held.replica);
    CHECK(held.saved == 2 * rows);
    CHECK(at_server >= held.received);
    phases.met(exit == 0                     ? "after its end"
               : held.received == held.saved ? "after the last receipt"
               : at_server > held.received   ? "at the server, before the receipt"
               : held.received > before      ? "between two pieces"
               : an.traces().open            ? "store open, nothing at the server"
                                             : "before the store was open");
    const Run rest = village.phone("an", {"sync", "--json"});
    CHECK(rest.exit == 0);
    CHECK(rest.json()["pending"] == 0);
    REQUIRE(held_by_server(village.path("server"), held.replica) == 2 * rows);
  }
  CHECK(phases.kinds() >= 3);
  check_all_arrived(village, "an", rows);
  CHECK(village.phone("an", {"total", "S1", "--json"}).json()["measures"]["pupils_in_need"] == rows);
  tell("kill -9 of a phone that synchronises", std::to_string(kills) + ": " + phases.text(), "every change once");
}

}  // namespace songsong::testing
