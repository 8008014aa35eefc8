// What is published, and that nothing small can be worked out from it.
#include "shared/core/disclosure.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tests/support/random.h"

namespace songsong {
namespace {

// Pupils, devices, and a measure that is the difference of both.
const Policies& policies() {
  static const Policies table = [] {
    policy::PolicyTable made;
    made.set_revision(1);
    for (const auto& [number, name] : {std::pair(1, "pupils"), std::pair(2, "devices"), std::pair(3, "excess")}) {
      policy::MeasurePolicy& measure = *made.add_measure();
      measure.set_number(static_cast<std::uint32_t>(number));
      measure.set_name(name);
    }
    made.mutable_measure(2)->add_plus(2);
    made.mutable_measure(2)->add_minus(1);
    Outcome<Policies> parsed = Policies::parse(made.SerializeAsString());
    REQUIRE(parsed.ok());
    return std::move(*parsed);
  }();
  return table;
}
Withheld small(const std::vector<Report>& table, std::int64_t least = kLeastPublished) {
  return small_in(table, policies(), least);
}

Report report(std::int64_t poor, std::int64_t rich, std::int64_t devices) {
  Report made;
  made.measures = {{"pupils", poor + rich}, {"devices", devices}};
  if (poor != 0) made.by["household"]["poor"]["pupils"] = poor;
  if (rich != 0) made.by["household"]["rich"]["pupils"] = rich;
  return made;
}

TEST_CASE("a small cell withholds its measure in the whole table, nothing withholds nothing") {
  const std::vector<Report> table{report(0, 0, 12), report(7, 5, 4), report(6, 9, 0)};
  const Withheld withheld = small(table);
  CHECK(withheld.measures == std::set<std::string>{"devices", "excess"});
  CHECK(withheld.by.empty());
  const std::vector<Report> other{report(7, 3, 5)};
  CHECK(small(other) == Withheld{.measures = {}, .by = {{"household", {"excess", "pupils"}}}});
  CHECK(small(other, 3) == Withheld{});
  CHECK(small({report(0, 0, -2)}).measures == std::set<std::string>{"devices", "excess"});
}

TEST_CASE("a difference that is small hides its terms, a term that is hidden its difference") {
  Report made;
  made.measures = {{"pupils", 6}, {"devices", 8}, {"excess", 2}};
  CHECK(small({made}).measures == std::set<std::string>{"devices", "excess", "pupils"});
  made.measures = {{"pupils", 3}, {"devices", 9}, {"excess", 6}};
  CHECK(small({made}).measures == std::set<std::string>{"excess", "pupils"});
  made.measures = {{"pupils", 7}, {"devices", 7}, {"excess", 0}};
  CHECK(small({made}).measures.empty());
}

TEST_CASE("what is withheld is not in the report, and is named; of a measure that is withheld there is no breakdown") {
  Report whole = report(7, 3, 5);
  const Report shown = published(whole, Withheld{.measures = {"pupils"}, .by = {}});
  CHECK(shown.measures == std::map<std::string, std::int64_t>{{"devices", 5}});
  CHECK(shown.by.empty());
  CHECK(to_json(shown, 0) == R"({"unit":"","as_of":"1970-01-01T00:00:00Z","measures":{"devices":5},"by":{},)"
                             R"("withheld":{"measures":["pupils"],"by":{}}})");
  const Report part = published(whole, Withheld{.measures = {}, .by = {{"household", {"pupils"}}}});
  CHECK(part.measures == whole.measures);
  CHECK(part.by.empty());
  CHECK(published(whole, Withheld{}).by == whole.by);
  CHECK(to_json(whole, 0).find("withheld") == std::string::npos);
}

// An attacker adds and subtracts published numbers. Of a sum and parts of it that are published, what is left over is
// the sum of the parts that are not: it must be none of them, or not small.
TEST_CASE(
    "in random trees no published number is small, nor what remains of a sum when published parts are taken away") {
  Random random(20261129);
  int published_tables = 0, withheld_tables = 0;
  for (int round = 0; round < 2000; ++round) {
    // A root with districts with schools; each has something of its own.
    const auto draw = [&] {
      return static_cast<std::int64_t>(random.below(10) < 7 ? 5 + random.below(40) : random.below(6));
    };
    std::vector<std::vector<Report>> schools(1 + random.below(4));
    std::vector<Report> districts;
    Report root;
    const auto plus = [](Report& sum, const Report& part) {
      for (const auto& [measure, count] : part.measures) sum.measures[measure] += count;
      for (const auto& [value, measures] : part.by.contains("household")
                                               ? part.by.at("household")
                                               : std::map<std::string, std::map<std::string, std::int64_t>>())
        for (const auto& [measure, count] : measures) sum.by["household"][value][measure] += count;
    };
    std::vector<Report> own_of_district;
    for (auto& below : schools) {
      Report district = random.below(3) == 0 ? report(draw(), 0, draw()) : report(0, 0, 0);
      own_of_district.push_back(district);
      for (std::uint64_t i = 0; i < 1 + random.below(4); ++i) {
        below.push_back(report(draw(), draw(), draw()));
        plus(district, below.back());
      }
      districts.push_back(district);
      plus(root, district);
    }
    const Withheld top = small({root});
    std::vector<Report> table = districts;
    table.push_back(report(0, 0, 0));
    Withheld middle = top;
    add(small(table), middle);
    for (std::size_t d = 0; d < districts.size(); ++d) {
      std::vector<Report> parts = schools[d];
      parts.push_back(own_of_district[d]);
      Withheld bottom = middle;
      add(small(parts), bottom);
      for (const char* const measure : {"pupils", "devices"}) {
        const bool shown_above = !middle.measures.contains(measure), shown_below = !bottom.measures.contains(measure);
        (shown_below ? published_tables : withheld_tables) += 1;
        if (shown_below) {
          CHECK(shown_above);
          for (const Report& part : parts) {
            const std::int64_t count = part.measures.at(measure);
            CHECK((count == 0 || count >= kLeastPublished));
          }
        }
        // All parts or none.
        for (const Report& school : schools[d])
          CHECK(published(school, bottom).measures.contains(measure) == shown_below);
      }
      for (const Report& school : schools[d]) {
        const Report shown = published(school, bottom);
        for (const auto& [dimension, values] : shown.by) {
          for (const auto& [value, measures] : values) {
            for (const auto& [measure, count] : measures) {
              CHECK(count >= kLeastPublished);
              CHECK(shown.measures.contains(measure));
            }
          }
        }
      }
    }
  }
  CHECK(published_tables > 500);
  CHECK(withheld_tables > 500);
}

}  // namespace
}  // namespace songsong
