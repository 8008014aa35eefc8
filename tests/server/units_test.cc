// The list of units, and what a list of a later day leaves of how the tree stood.
#include "server/units.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "server/office.h"
#include "server/totals.h"
#include "shared/core/civil_time.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

using testing::must;
using Json = nlohmann::json;

const std::string kHeading = "code,name,level,parent,closed\n";
const std::string kTree =
    kHeading + "P,Tỉnh cũ,province,,\nD1,Huyện 1,district,P,\nD2,Huyện 2,district,P,\nS1,Trường 1,school,D1,\n" +
    "S2,Trường 2,school,D2,\n";
// Two districts end, the province is another; one school is renamed besides.
const std::string kReform = kHeading +
                            "N,Tỉnh mới,province,,\nP,Tỉnh cũ,province,N,2025-07-01\nC,Xã mới,commune,N,\n"
                            "D1,Huyện 1,district,P,2025-07-01\nD2,Huyện 2,district,P,2025-07-01\n"
                            "S1,Trường Một,school,C,\nS2,Trường 2,school,C,\n";

std::int64_t day(const std::string& text) { return must(parse_date(text)); }

class Place {
 public:
  Place() {
    must(Office::create(folder_.file("server")));
    office_ = must(Office::open(folder_.file("server")));
    must(write_units(host(), kTree));
  }
  Host& host() { return office_->host(); }

  Outcome<UnitChanges> write(const std::string& list, const std::string& on) {
    return write_units(host(), list, on.empty() ? std::nullopt : std::optional(day(on)));
  }
  std::string fault(const std::string& list, const std::string& on) {
    const Outcome<UnitChanges> changes = write(list, on);
    return changes ? "" : changes.fault().code + " " + changes.fault().where;
  }
  // "Parent: child, child" as the page would show it; the day empty for the present.
  std::string shown(const std::string& unit, const std::string& on) {
    const auto json = must(
        unit_json(host(), unit, day("2025-08-01") * kMsPerDay, on.empty() ? std::nullopt : std::optional(day(on))));
    if (!json) return "none";
    const Json read = Json::parse(*json);
    std::string text = read["unit"]["name"].get<std::string>() + ":";
    for (const Json& child : read["children"]) text += " " + child["name"].get<std::string>() + ",";
    return text;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Office> office_;
};

const std::string kPlain = "code,name,level,parent\n";
const std::string kSmall = kPlain + "S1,Trường 1,school,D1\nP,Tỉnh,province,\nD1,Huyện 1,district,P\n";

}  // namespace

TEST_CASE("units go in with parents named after their children, and only what is new changes the second time") {
  const TemporaryFolder folder;
  must(Office::create(folder.file("server")));
  const std::unique_ptr<Office> office = must(Office::open(folder.file("server")));
  CHECK(must(write_units(office->host(), kSmall)).added == 3);
  const UnitChanges again = must(write_units(office->host(), kSmall + "S2,Trường 2,school,D1\n"));
  CHECK(again.added == 1);
  CHECK(again.unchanged == 3);
  const UnitChanges renamed = must(write_units(office->host(), kPlain + "S1,Trường Một,school,D1\n"));
  CHECK(renamed.changed == 1);
  CHECK(renamed.added == 0);
}

TEST_CASE("a list of units with a fault writes nothing, and the fault names its row") {
  const TemporaryFolder folder;
  must(Office::create(folder.file("server")));
  const std::unique_ptr<Office> office = must(Office::open(folder.file("server")));
  const auto fault = [&](const std::string& list) {
    const Outcome<UnitChanges> changes = write_units(office->host(), list);
    return changes ? "" : changes.fault().code + " " + changes.fault().where;
  };
  CHECK(fault("") == "units_heading row 1");
  CHECK(fault("code,name,level\n") == "units_heading row 1");
  CHECK(fault(kPlain) == "units_row row 2");
  CHECK(fault(kPlain + "P,Tỉnh,province,\n,Huyện,district,P\n") == "units_row row 3");
  CHECK(fault(kPlain + "P,Tỉnh,province,\nP,Tỉnh,province,\n") == "units_row row 3");
  CHECK(fault(kPlain + "P,Tỉnh,province,\nD,Huyện,district,X\n") == "unknown_parent row 3");
  CHECK(fault(kPlain + "A,A,province,B\nB,B,district,A\n") == "unit_circle row 2");
  CHECK(fault("code,name,level,parent,opened\nP,Tỉnh,province,,\nD,Huyện,district,P,31/02/2021\n") ==
        "date_malformed row 3");
  CHECK(must(write_units(office->host(), kPlain + "P,Tỉnh,province,\n")).added == 1);
}

TEST_CASE("a list of a later day leaves the tree as it was until then") {
  Place place;
  const UnitChanges changes = must(place.write(kReform, "2025-07-01"));
  CHECK(changes.added == 2);
  CHECK(changes.changed == 5);
  CHECK(changes.kept == 3);  // of the two districts only the end was written
  CHECK(place.shown("", "") == "Tỉnh mới: Xã mới,");
  CHECK(place.shown("C", "") == "Xã mới: Trường 2, Trường Một,");
  CHECK(place.shown("P", "2025-06-30") == "Tỉnh cũ: Huyện 1, Huyện 2,");
  CHECK(place.shown("D1", "2025-06-30") == "Huyện 1: Trường 1,");
  CHECK(place.shown("D1", "2025-07-01") == "Huyện 1:");
  CHECK(place.shown("C", "2025-06-30") == "Xã mới:");
  must(place.host().verify());
}

TEST_CASE("the same list of the same day again writes nothing, and may correct what the first got wrong") {
  Place place;
  must(place.write(kReform, "2025-07-01"));
  const UnitChanges again = must(place.write(kReform, "2025-07-01"));
  CHECK(again.unchanged == 7);
  CHECK(again.changed + again.added + again.kept == 0);
  const UnitChanges corrected = must(place.write(kHeading + "S1,Trường Số Một,school,C,\n", "2025-07-01"));
  CHECK(corrected.changed == 1);
  CHECK(corrected.kept == 0);
  CHECK(place.shown("D1", "2025-06-30") == "Huyện 1: Trường 1,");
  CHECK(place.shown("C", "2025-07-01") == "Xã mới: Trường 2, Trường Số Một,");
}

TEST_CASE("a list without a day corrects what was never so") {
  Place place;
  const UnitChanges changes = must(place.write(kHeading + "S1,Trường Một,school,D2,\n", ""));
  CHECK(changes.kept == 0);
  CHECK(place.shown("D2", "2000-01-01") == "Huyện 2: Trường 2, Trường Một,");
}

TEST_CASE("who forgot the day puts the tree back and runs the list again; a unit closed by mistake opens") {
  Place place;
  must(place.write(kReform, ""));
  CHECK(place.shown("D1", "2025-06-30") == "Huyện 1:");
  must(place.write(kTree.substr(0, kHeading.size()) +
                       "P,Tỉnh cũ,province,-,-\nD1,Huyện 1,district,P,-\nD2,Huyện 2,district,P,-\n"
                       "S1,Trường 1,school,D1,\nS2,Trường 2,school,D2,\n",
                   ""));
  must(place.write(kReform, "2025-07-01"));
  CHECK(place.shown("D1", "2025-06-30") == "Huyện 1: Trường 1,");
  CHECK(place.shown("N", "2025-06-30") == "Tỉnh mới: Xã mới,");  // and not the old province
  CHECK(place.shown("C", "") == "Xã mới: Trường 2, Trường Một,");
  must(place.host().verify());
}

TEST_CASE("history is not written before what it holds, and no open unit hangs below one that is closed") {
  Place place;
  must(place.write(kReform, "2025-07-01"));
  CHECK(place.fault(kHeading + "S1,Trường 1,school,D1,\n", "2025-08-01") == "units_closed row 2");
  CHECK(place.fault(kHeading + "S2,Trường Hai,school,C,\nC,Xã mới,commune,N,2025-08-01\n", "2025-08-01") ==
        "units_closed row 3");
  CHECK(place.fault(kHeading + "S1,Trường A,school,C,\n", "2025-06-01") == "units_history row 2");
  CHECK(place.fault(kHeading + "C,Xã khác,commune,N,\n", "2025-06-01") == "units_history row 2");  // opened later
  must(place.write(kHeading + "S1,Trường A,school,C,\n", "2025-07-20"));
  CHECK(place.shown("C", "2025-07-19") == "Xã mới: Trường 2, Trường Một,");
  CHECK(place.shown("C", "2025-07-20") == "Xã mới: Trường 2, Trường A,");
  must(place.host().verify());
}

}  // namespace songsong::server
