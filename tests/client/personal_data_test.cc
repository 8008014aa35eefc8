// A parent asks what is held of a child, and then that it be held no longer; from the command line.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/village/village.h"

namespace songsong::testing {
namespace {

// Words that stand in no other value.
constexpr const char* kName = "Lò Thị Xuyến";
constexpr const char* kPhone = "0987123456";
constexpr const char* kNote = "nhà sau đập Nậm Cắn";

std::string child_of(const Village& village) {
  const Run added = village.phone("an", {"add", "pupil", std::string("full_name=") + kName, "school=S1",
                                         "school_level=primary", "household=poor", std::string("phone=") + kPhone});
  REQUIRE(added.exit == 0);
  const std::string child = added.line();
  REQUIRE(village.phone("an", {"add", "need", "pupil=" + child, "lacks=device", std::string("note=") + kNote}).exit ==
          0);
  REQUIRE(village.phone("an", {"sync"}).exit == 0);
  return child;
}

// The files below the folder that hold one of the words, whatever they are called.
std::vector<std::string> holding(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (const char* const word : {kName, kPhone, kNote, "lo thi xuyen"}) {
      if (bytes.find(word) != std::string::npos) found.push_back(entry.path().filename().string() + ": " + word);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a parent is given a copy of all that is held of a child, with every time it was written") {
  Village village;
  village.join("an", {"S1"});
  const std::string child = child_of(village);
  REQUIRE(village.phone("an", {"set", child, "household=near_poor"}).exit == 0);
  const std::string consent =
      village.phone("an", {"add", "consent", "pupil=" + child, "purpose=support", "given=2021-09-12"}).line();
  const Run copy = village.phone("an", {"copy", child});
  REQUIRE(copy.exit == 0);
  for (const char* const word : {kName, kPhone, kNote, "2021-09-12"}) CHECK(copy.out.find(word) != std::string::npos);
  const Json held = village.phone("an", {"copy", child, "--json"}).json()["held"];
  REQUIRE(held.size() == 3);
  CHECK(held[0]["id"] == child);
  CHECK(held[0]["history"].size() == 2);
  CHECK(held[0]["history_whole"] == true);
}

TEST_CASE("an erased child is in no file of the server and of the phones any more, and no backup brings it back") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S1"});
  const std::string child = child_of(village);
  village.pupil("an", "Vi Văn Minh");
  for (const char* const phone : {"an", "binh"}) REQUIRE(village.phone(phone, {"sync"}).exit == 0);
  // A form that could not be saved waits as a draft.
  CHECK(village.phone("binh", {"set", child, std::string("phone=") + kPhone, "grade=99"}).exit == 1);
  REQUIRE(village.server("backup", {village.path("old.db")}).exit == 0);
  const Json counted = village.phone("an", {"total", "S1", "--json"}).json();
  for (const char* const folder : {"server", "an", "binh"}) REQUIRE_FALSE(holding(village.path(folder)).empty());

  CHECK(village.server("erase", {child, "--reason", "because"}).exit == 1);
  CHECK(village.server("erase", {"0zqc9.1.4k2d", "--reason", "ordered"}).exit == 1);
  const Run erased = village.server("erase", {child, "--reason", "consent_withdrawn", "--json"});
  REQUIRE(erased.exit == 0);
  CHECK(erased.json()["erased"].size() == 1);
  CHECK(village.server("erase", {child, "--reason", "ordered", "--json"}).json()["erased"].empty());
  CHECK(village.phone("an", {"sync", "--json"}).json()["erased"] == 2);
  CHECK(village.phone("binh", {"sync"}).exit == 0);
  CHECK(village.phone("binh", {"draft", "--json"}).out.find(child) == std::string::npos);
  for (const char* const folder : {"server", "an", "binh"}) {
    INFO(folder);
    CHECK(holding(village.path(folder)).empty());
  }
  const Json still = village.phone("an", {"total", "S1", "--json"}).json();
  CHECK(still["measures"] == counted["measures"]);
  CHECK(still["by"] == counted["by"]);
  CHECK(village.phone("an", {"show", child}).out.find("(erased)") != std::string::npos);
  CHECK(village.phone("an", {"search", "xuyen", "--json"}).out.find(child) == std::string::npos);
  for (const char* const phone : {"an", "binh"}) CHECK(village.phone(phone, {"verify"}).exit == 0);

  // A backup from before, on a server and on a new machine that has the register.
  village.stop();
  REQUIRE(village.server("restore", {village.path("old.db"), "--json"}).json()["erased"] == 1);
  for (const auto& entry : std::filesystem::directory_iterator(village.path("server"))) {
    if (entry.path().filename().string().find("before-restore") != std::string::npos)
      std::filesystem::remove(entry.path());
  }
  CHECK(holding(village.path("server")).empty());
  CHECK(village.server("verify").exit == 0);
  village.start();
  for (const char* const phone : {"an", "binh"}) {
    CHECK(village.phone(phone, {"sync"}).exit == 0);
    CHECK(village.phone(phone, {"verify"}).exit == 0);
    CHECK(holding(village.path(phone)).empty());
  }
  CHECK(holding(village.path("server")).empty());
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("whose consent was taken back, or has come to its end, is found and erased") {
  Village village;
  village.join("an", {"S1"});
  std::vector<std::string> children;
  for (const char* const name : {"Một", "Hai", "Ba", "Bốn"}) children.push_back(village.pupil("an", name));
  const auto consent = [&](const std::string& child, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"add", "consent", "pupil=" + child, "given=2021-09-12"};
    words.insert(words.end(), more.begin(), more.end());
    REQUIRE(village.phone("an", words).exit == 0);
  };
  consent(children[0], {"purpose=support", "withdrawn=2022-01-10"});
  consent(children[1], {"purpose=support", "until=2022-05-31"});
  consent(children[2], {"purpose=contact", "withdrawn=2022-01-10"});
  consent(children[2], {"purpose=support"});  // one that stands is enough
  REQUIRE(village.phone("an", {"sync"}).exit == 0);
  const auto due = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"--json"};
    words.insert(words.end(), more.begin(), more.end());
    return village.server("retention", words).json();
  };
  CHECK(due({"--on", "2022-01-09"})["due"] == 0);
  CHECK(due({"--on", "2022-05-31"})["due"] == 1);
  CHECK(due({"--on", "2022-06-01"})["units"]["S1"] == 2);
  CHECK(due({"--erase"})["erased"] == 2);
  CHECK(due({})["due"] == 0);
  REQUIRE(village.phone("an", {"sync"}).exit == 0);
  const std::string listed = village.phone("an", {"list", "pupil"}).out;
  CHECK(listed.find("Một") == std::string::npos);
  CHECK(listed.find("Hai") == std::string::npos);
  CHECK(listed.find("Ba") != std::string::npos);
  CHECK(listed.find("Bốn") != std::string::npos);
  const std::string erasures = village.phone("an", {"list", "erasure", "--json"}).out;
  CHECK(erasures.find("consent_withdrawn") != std::string::npos);
  CHECK(erasures.find("retention_ended") != std::string::npos);
}

TEST_CASE("a server does not run with a register of erasures that cannot be read") {
  Village village;
  village.stop();
  village.write("server/erasures", "songsong erasures 1\nnobody\n");
  const Run verified = village.server("verify", {"--json"});
  CHECK(verified.exit != 0);
  CHECK(verified.error()["code"] == "register_malformed");
}

}  // namespace songsong::testing
