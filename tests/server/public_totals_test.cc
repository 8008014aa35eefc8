// Figures for strangers: what the server publishes, unit by unit.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/server/country.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using testing::must;
using Json = nlohmann::json;

constexpr const char* kUnits =
    "code,name,level,parent\nP,Tỉnh,province,\nD1,Xã 1,commune,P\nD2,Xã 2,commune,P\nS1,Trường 1,school,D1\n"
    "S2,Trường 2,school,D1\nS3,Trường 3,school,D2\nS4,Trường 4,school,D2\n";

Limits publishing() {
  Limits limits;
  limits.public_totals = 1;
  return limits;
}

class Published {
 public:
  Published() : place(kUnits, publishing()) {
    // D1's schools are large enough in all they count; in D2 one has two pupils only.
    pupils("S1", 6, "poor");
    pupils("S2", 7, "poor");
    pupils("S2", 6, "near_poor");
    pupils("S3", 9, "poor");
    pupils("S4", 2, "near_poor");
  }

  void pupils(const std::string& school, int count, const std::string& household) {
    for (int i = 0; i < count; ++i) {
      const Act child = act_of("pupil", school,
                               {{"full_name", "Em " + school + std::to_string(i) + household},
                                {"school", school},
                                {"school_level", "primary"},
                                {"household", household}});
      const RecordId id = must(place.host().save({&child, 1})).front();
      const Act lacks = act_of("need", school, {{"pupil", to_text(id)}, {"lacks", "device"}});
      must(place.host().save({&lacks, 1}));
    }
  }
  Json get(const std::string& path, const std::map<std::string, std::string>& headers = {}) {
    const Heard heard = place.ask("GET", path, headers);
    INFO(path << " " << heard.body);
    CHECK(heard.status == 200);
    return Json::parse(heard.body);
  }

  Place place;
};

TEST_CASE("strangers see sums down to where a cell would be small, and no way to work it out") {
  Published published;
  const auto pupils = [&](const std::string& unit) {
    const Json totals = published.get("/v1/totals?unit=" + unit);
    return totals["measures"].value("pupils_in_need", std::int64_t{-1});
  };
  CHECK(pupils("P") == 30);
  CHECK(pupils("D1") == 19);
  CHECK(pupils("D2") == 11);
  CHECK(pupils("S1") == 6);
  CHECK(pupils("S2") == 13);
  // 11 less 9 would be 2.
  CHECK(pupils("S3") == -1);
  CHECK(pupils("S4") == -1);
  // By household D2 has two near poor ones, so neither commune is told by household.
  CHECK(published.get("/v1/totals?unit=P")["by"]["household"]["near_poor"]["pupils_in_need"] == 8);
  for (const char* unit : {"D1", "D2", "S1", "S2"}) {
    const Json totals = published.get(std::string("/v1/totals?unit=") + unit);
    CHECK_FALSE(totals["by"].contains("household"));
    CHECK(totals["withheld"]["by"]["household"].dump().find("pupils_in_need") != std::string::npos);
    CHECK(totals["by"].contains("school_level"));
  }
  const Json below = published.get("/v1/units?unit=D2");
  CHECK(below["withheld"].dump().find("pupils_in_need") != std::string::npos);
  for (const Json& child : below["children"]) CHECK_FALSE(child["measures"].contains("pupils_in_need"));
  const Json others = published.get("/v1/units?unit=D1");
  for (const Json& child : others["children"]) CHECK(child["measures"]["pupils_in_need"] >= 5);
  CHECK(published.place.ask("GET", "/v1/totals?on=2025-01-01").status == 403);
  CHECK(published.place.ask("GET", "/v1/records").status == 401);
  CHECK(published.place.ask("GET", "/v1/totals/stream").status == 200);
}

TEST_CASE("who signs in sees the whole figures of their units") {
  Published published;
  const std::string password = add_account(published.place, "lan", granted(schema::HEAD_OFFICE, {"D2"}));
  const SignedIn in = sign_in(published.place, "lan", password);
  const Json totals = published.get("/v1/totals?unit=S4", in.headers);
  CHECK(totals["measures"]["pupils_in_need"] == 2);
  CHECK_FALSE(totals.contains("withheld"));
  CHECK(published.place.ask("GET", "/v1/totals?unit=D1", in.headers).status == 403);
  CHECK_FALSE(published.get("/v1/totals?unit=S4")["measures"].contains("pupils_in_need"));
}

}  // namespace
}  // namespace songsong::server
