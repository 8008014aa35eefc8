// Stores that go back in time: a server that is put back from yesterday's backup, a phone's folder that was copied.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "tests/faults/held.h"
#include "tests/faults/kill.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr std::size_t kRows = 300;

void import_some(const Village& village, const std::string& phone, const std::string& prefix, std::size_t rows) {
  village.write("list.csv", list_of(rows, prefix));
  REQUIRE(village.phone(phone, {"import", "school_list", village.path("list.csv")}).exit == 0);
}

Json total(const Village& village, const std::string& phone, const std::string& unit) {
  const Run asked = village.phone(phone, {"total", unit, "--json"});
  INFO(asked.err);
  REQUIRE(asked.exit == 0);
  Json json = asked.json();
  json.erase("as_of");
  return json;
}

void synchronise(const Village& village, const std::string& phone) {
  const Run synced = village.phone(phone, {"sync", "--json"});
  INFO(phone << ": " << synced.err);
  REQUIRE(synced.exit == 0);
  CHECK(synced.json()["pending"] == 0);
}

}  // namespace

TEST_CASE("a server put back from yesterday's backup gets back all that phones have newer receipts for", "[release]") {
  Village village;
  const std::vector<std::pair<std::string, std::string>> phones{{"an", "S1"}, {"binh", "S2"}, {"chi", "S3"}};
  for (const auto& [phone, school] : phones) {
    village.join(phone, {school});
    import_some(village, phone, "Hôm qua " + phone, kRows);
    synchronise(village, phone);
  }
  village.join("office", {"P"}, "head_office");
  REQUIRE(village.server("backup", {village.path("yesterday")}).exit == 0);
  // Today: new records, corrections of yesterday's, a phone that joins only now.
  const std::string pupil = village.pupil("an", "Vi Thị Hoa");
  for (const auto& [phone, school] : phones) {
    import_some(village, phone, "Hôm nay " + phone, kRows);
    synchronise(village, phone);
  }
  village.join("dung", {"S1"});
  village.pupil("dung", "Lò Văn Dũng");
  synchronise(village, "dung");
  REQUIRE(village.phone("an", {"set", pupil, "household=near_poor"}).exit == 0);
  synchronise(village, "an");
  const Json before = total(village, "an", "P");
  village.stop();
  const Run restored = village.server("restore", {village.path("yesterday"), "--json"});
  REQUIRE(restored.exit == 0);
  village.start();
  CHECK(total(village, "an", "P") != before);
  for (const char* phone : {"an", "binh", "chi", "dung"}) synchronise(village, phone);
  CHECK(total(village, "an", "P") == before);
  CHECK(total(village, "an", "P")["measures"]["pupils_in_need"] == 6 * kRows);
  for (const char* phone : {"an", "binh", "chi", "dung"}) {
    const Run checked = village.phone(phone, {"sync", "--check", "--json"});
    CHECK(checked.exit == 0);
    CHECK(checked.json()["same"] == true);
    CHECK(village.phone(phone, {"verify"}).exit == 0);
  }
  CHECK(village.server("verify").exit == 0);
  tell("yesterday's backup is restored", "totals equal after 4 phones synchronised once", "everything comes back");
}

TEST_CASE("two copies of one phone's folder both go on: the work of both lives is counted, once", "[release]") {
  Village village;
  village.join("an", {"S1"});
  import_some(village, "an", "Chung", kRows);
  SECTION("copied after it synchronised") { synchronise(village, "an"); }
  SECTION("copied with unsent work") {}
  std::filesystem::copy(village.path("an"), village.path("copy"), std::filesystem::copy_options::recursive);
  const Sequence common = held_by_phone(village.path("an")).saved;
  CHECK(common == 2 * kRows);
  // In turns, so that each learns of the other in the middle of its own work.
  for (int turn = 0; turn < 2; ++turn) {
    for (const char* phone : {"an", "copy"}) {
      import_some(village, phone, std::string(phone) + " lượt " + std::to_string(turn), kRows);
      synchronise(village, phone);
    }
  }
  village.pupil("an", "Vi Thị Hoa");
  synchronise(village, "an");
  synchronise(village, "copy");
  const Json seen = total(village, "an", "S1");
  CHECK(seen["measures"]["pupils_in_need"] == 5 * kRows);
  CHECK(seen["measures"]["needs_declared"] == 5 * kRows);
  for (const char* phone : {"an", "copy"}) {
    CHECK(village.phone(phone, {"total", "S1", "--local", "--json"}).json()["measures"] == seen["measures"]);
    CHECK(village.phone(phone, {"status", "--json"}).json()["copied"] == true);
    CHECK(village.phone(phone, {"sync", "--check", "--json"}).json()["same"] == true);
    CHECK(village.phone(phone, {"verify"}).exit == 0);
  }
  CHECK(village.server("verify").exit == 0);
  tell("one phone's folder copied, both go on", std::to_string(5 * kRows) + " children of both lives counted once",
       "nothing lost or doubled");
}

}  // namespace songsong::testing
