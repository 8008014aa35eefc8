#include "shared/core/unit_history.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/civil_time.h"
#include "tests/support/random.h"

namespace songsong::testing {
namespace {

Unit unit(const std::string& code, const std::string& parent, Sequence record) {
  const Name name(1, record, 7);
  return Unit{
      .code = code, .name = code, .level = "x", .parent = parent, .parent_ms = 0, .parent_by = name, .record = name};
}

UnitPeriod period(const std::string& code, const std::string& parent, std::int64_t until, Sequence record) {
  return UnitPeriod{.stood = unit(code, parent, record), .until = until, .written_ms = 0};
}

}  // namespace

TEST_CASE("on a day the tree is what the next period that ends says, and after the last what it is now") {
  const UnitHistory history(
      UnitTree({unit("new-province", "", 1), unit("province", "new-province", 2), unit("district", "province", 3),
                unit("commune", "new-province", 4), unit("school", "commune", 5)}),
      {period("school", "district", 200, 11), period("school", "old-district", 100, 12),
       period("province", "", 200, 13)},
      {{"new-province", {.opened = 200, .closed = {}}}, {"district", {.opened = {}, .closed = 200}}});
  CHECK(history.on(200).path("school") == std::vector<std::string>{"school", "commune", "new-province"});
  CHECK(history.on(199).path("school") == std::vector<std::string>{"school", "district", "province"});
  CHECK(history.on(100).path("school") == std::vector<std::string>{"school", "district", "province"});
  CHECK(history.on(99).path("school") == std::vector<std::string>{"school"});  // nobody declares the old district
  CHECK(history.within("school", "province", 199));
  CHECK_FALSE(history.within("school", "province", 200));
  CHECK_FALSE(history.within("school", "old-district", 99));

  CHECK(history.stretch_end(99) == 100);
  CHECK(history.stretch_end(100) == 200);
  CHECK(history.stretch_end(200) == std::nullopt);
  CHECK(history.last_change("school") == 200);
  CHECK(history.last_change("commune") == std::nullopt);
  CHECK(history.dates("district").exists(199));
  CHECK_FALSE(history.dates("district").exists(200));
  CHECK_FALSE(history.dates("new-province").exists(199));
  CHECK(history.dates("school").exists(-1'000'000));
}

TEST_CASE("of two periods of one unit until one day the least record speaks, whatever their order") {
  const UnitPeriod one = period("school", "a", 10, 11), other = period("school", "b", 10, 12);
  const UnitTree now({unit("a", "", 1), unit("b", "", 2), unit("school", "b", 3)});
  CHECK(UnitHistory(now, {one, other}, {}).on(9).parent("school") == "a");
  CHECK(UnitHistory(now, {other, one}, {}).on(9).parent("school") == "a");
}

TEST_CASE("every unit hangs in the tree of every day, and walking up says the same as the tree") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    // Parents have lesser numbers, so nothing goes round.
    constexpr std::uint64_t kUnits = 12;
    const auto parent_of = [&](std::uint64_t i) { return i == 0 ? "" : "u" + std::to_string(random.below(i)); };
    std::vector<Unit> units;
    std::vector<UnitPeriod> periods;
    for (std::uint64_t i = 0; i < kUnits; ++i) {
      units.push_back(unit("u" + std::to_string(i), parent_of(i), static_cast<Sequence>(100 + i)));
      for (std::uint64_t k = random.below(4); k > 0; --k) {
        periods.push_back(period("u" + std::to_string(i), parent_of(i), static_cast<std::int64_t>(random.below(6)),
                                 static_cast<Sequence>(1000 + i * 10 + k)));
      }
    }
    const UnitHistory history(UnitTree(units), periods, {});
    for (std::int64_t day = -1; day <= 6; ++day) {
      const UnitTree tree = history.on(day);
      REQUIRE(tree.units().size() == kUnits);
      REQUIRE(tree.subtree("u0").size() == kUnits);
      for (const auto& [code, one] : tree.units()) {
        for (const auto& [above, other] : tree.units())
          REQUIRE(history.within(code, above, day) == tree.within(code, above));
      }
    }
    REQUIRE(history.on(6).units() == history.now().units());
  }
}

TEST_CASE("a day in Vietnam begins seven hours before it does in Greenwich") {
  const std::int64_t day = days_from_civil({.year = 2025, .month = 7, .day = 1});
  CHECK(day_in_vietnam(day * kMsPerDay - kVietnamMs) == day);
  CHECK(day_in_vietnam(day * kMsPerDay - kVietnamMs - 1) == day - 1);
  CHECK(day_in_vietnam(-kVietnamMs - 1) == -1);
  CHECK(day_in_vietnam(-kVietnamMs) == 0);
  CHECK(day_in_vietnam(INT64_MAX) > kLastDay);
  CHECK(day_in_vietnam(INT64_MIN) < kFirstDay);
}

}  // namespace songsong::testing
