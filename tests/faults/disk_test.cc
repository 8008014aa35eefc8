// A disk that is full, the phone's or the server's: the act is refused in words that say what to do, nothing that was
// acknowledged is lost, and once there is room all goes on.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "tests/faults/held.h"
#include "tests/faults/kill.h"
#include "tests/faults/small_disk.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr int kMostActs = 200;
constexpr std::size_t kRows = 1000;

}  // namespace

TEST_CASE("a phone whose disk is full: acts are refused, what was saved is there, and with room all goes on") {
  Village village;
  for (const auto& disk : small_disks(village.path(""))) {
    const std::string an = disk->folder() + "an";
    village.join(an, {"S1"});
    const std::string first = village.pupil(an, "Vi Thị Hoa");
    village.write("list.csv", list_of(kRows, "Trẻ"));
    disk->fill(0);
    std::vector<std::string> told{first};
    Run refused;
    for (int i = 0; i < kMostActs && refused.exit == 0; ++i) {
      refused = village.phone(an, {"add", "pupil", "full_name=Em " + std::to_string(i), "school=S1",
                                   "school_level=primary", "household=poor"});
      if (refused.exit == 0) told.push_back(refused.line());
    }
    INFO(disk->name() << ": " << refused.err);
    CHECK(refused.exit == 5);
    CHECK(refused.err.find("The disk is full.") != std::string::npos);
    CHECK(refused.err.find("Free some space and try again; the last act was not saved.") != std::string::npos);
    const Run import = village.phone(an, {"import", "school_list", village.path("list.csv"), "--json"});
    CHECK(import.exit == 5);
    CHECK(import.error()["code"] == "storage_full");
    // Reading takes no room.
    const std::string listed = village.phone(an, {"list", "pupil", "--json"}).out;
    for (const std::string& id : told) CHECK(listed.find("\"" + id + "\"") != std::string::npos);
    disk->make_room(0);
    CHECK(village.phone(an, {"list", "pupil", "--json"}).out == listed);
    CHECK(village.phone(an, {"verify"}).exit == 0);
    CHECK(held_by_phone(village.path(an)).saved >= told.size());
    CHECK(village.phone(an, {"import", "school_list", village.path("list.csv")}).exit == 0);
    const Run synced = village.phone(an, {"sync", "--json"});
    CHECK(synced.exit == 0);
    CHECK(synced.json()["pending"] == 0);
    CHECK(village.phone(an, {"verify"}).exit == 0);
    tell("full disk of a phone (" + disk->name() + ")",
         std::to_string(told.size()) + " acts told and there, then refused with 5", "nothing told is lost");
  }
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a server whose disk is full: phones keep their work and are told whose disk it is; with room all goes on") {
  Village village;
  for (const auto& disk : small_disks(village.path(""))) {
    if (!disk->folder().empty()) {
      village.stop();
      std::filesystem::copy(village.path("server"), village.path(disk->folder() + "server"));
      std::filesystem::remove_all(village.path("server"));
      std::filesystem::create_directory_symlink(village.path(disk->folder() + "server"), village.path("server"));
      village.start();
    }
    const std::string an = "an-" + std::to_string(disk->folder().size());
    village.join(an, {"S1"});
    village.pupil(an, "Vi Thị Hoa");
    REQUIRE(village.phone(an, {"sync"}).exit == 0);
    village.write("list.csv", list_of(kRows, "Trẻ " + an));
    REQUIRE(village.phone(an, {"import", "school_list", village.path("list.csv")}).exit == 0);
    const Held before = held_by_phone(village.path(an));
    disk->fill(village.server_process());
    // Only the server is to be without room.
    if (disk->folder().empty()) disk->make_room(0);
    const Run refused = village.phone(an, {"sync"});
    const Run told = village.phone(an, {"sync", "--json"});
    INFO(disk->name() << ": " << refused.err << told.err << village.read("server.out.err"));
    CHECK(refused.exit == 3);
    CHECK(refused.err.find("The server's disk is full.") != std::string::npos);
    CHECK(refused.err.find("everything is kept here") != std::string::npos);
    CHECK(told.error()["code"] == "storage_full");
    CHECK(told.error()["where"] == "server");
    // It goes on answering those who only ask.
    CHECK(village.phone(an, {"total", "S1", "--json"}).exit == 0);
    const Held meanwhile = held_by_phone(village.path(an));
    CHECK(meanwhile.received <= held_by_server(village.path("server"), before.replica));
    CHECK(meanwhile.saved == before.saved);
    disk->make_room(village.server_process());
    const Run synced = village.phone(an, {"sync", "--json"});
    CHECK(synced.exit == 0);
    CHECK(synced.json()["pending"] == 0);
    CHECK(held_by_server(village.path("server"), before.replica) == before.saved);
    CHECK(village.server("verify").exit == 0);
    tell("full disk of the server (" + disk->name() + ")",
         "the phone is told with 3 and keeps " + std::to_string(meanwhile.saved - meanwhile.received) +
             " changes; all sent after",
         "nothing lost");
  }
}

}  // namespace songsong::testing
