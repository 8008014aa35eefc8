// What is kept of who looked at what.
#include "server/looks.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using testing::must;
using Json = nlohmann::ordered_json;

std::vector<Json> all(const Looks& looks) {
  std::vector<Json> read;
  must(looks.read([&](const Json& look) { read.push_back(look); }));
  return read;
}

TEST_CASE("looks are kept in their order, for their owner only, with ids and nothing else") {
  TemporaryFolder folder;
  fs::create_directories(folder.file("server"));
  const Looks looks(folder.file("server"));
  CHECK(all(looks).empty());
  must(looks.note(Look{.account = "lan", .what = "record", .unit = "S1", .records = {Name(1, 2, 3)}}, 0));
  must(looks.note(Look{.replica = 7, .what = "sync", .records = {Name(1, 2, 3)}}, 1000));
  CHECK(all(looks) == std::vector<Json>{Json{{"at", "1970-01-01T00:00:00Z"},
                                             {"account", "lan"},
                                             {"what", "record"},
                                             {"unit", "S1"},
                                             {"records", Json::array({to_text(Name(1, 2, 3))})}},
                                        Json{{"at", "1970-01-01T00:00:01Z"},
                                             {"replica", 7},
                                             {"what", "sync"},
                                             {"records", Json::array({to_text(Name(1, 2, 3))})}}});
  struct stat about {};
  REQUIRE(stat(folder.file("server/looks").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a file that has grown is put aside and still read; a line that was cut short hides no other") {
  TemporaryFolder folder;
  fs::create_directories(folder.file("server"));
  const Looks looks(folder.file("server"), 100);
  for (int i = 0; i < 6; ++i) must(looks.note(Look{.account = "lan", .what = "records"}, i * 1000));
  CHECK(all(looks).size() == 6);
  CHECK(std::distance(fs::directory_iterator(folder.file("server")), {}) == 4);  // looks, its lock, two put aside
  std::ofstream(folder.file("server/looks"), std::ios::app) << "{\"at\":\"19";
  must(looks.note(Look{.account = "hoa", .what = "records"}, 7000));
  const std::vector<Json> read = all(looks);
  REQUIRE(read.size() == 8);
  CHECK(read[6] == Json{{"damaged", true}});
  CHECK(read[7]["account"] == "hoa");
}

TEST_CASE("many write at once, and no line is lost or mixed") {
  TemporaryFolder folder;
  fs::create_directories(folder.file("server"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&folder, i] {
      const Looks looks(folder.file("server"), 2000);
      for (int k = 0; k < 25; ++k)
        (void)looks.note(Look{.account = "a" + std::to_string(i), .what = "record"}, k * 1000).ok();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<Json> read = all(Looks(folder.file("server")));
  CHECK(read.size() == 100);
  for (const Json& look : read) CHECK(look.value("what", "") == "record");
}

TEST_CASE("what cannot be noted is a fault") {
  TemporaryFolder folder;
  CHECK(Looks(folder.file("nowhere")).note(Look{.account = "lan", .what = "record"}, 0).fault().code ==
        "file_unwritable");
}

}  // namespace
}  // namespace songsong::server
