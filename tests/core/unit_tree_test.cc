#include "shared/core/unit_tree.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "tests/support/random.h"

namespace songsong::testing {
namespace {

Unit unit(const std::string& code, const std::string& parent, std::int64_t written_ms = 0, Sequence record = 0) {
  static Sequence next = 0;
  const Name name(1, record != 0 ? record : ++next, 7);
  return Unit{.code = code,
              .name = code,
              .level = "x",
              .parent = parent,
              .parent_ms = written_ms,
              .parent_by = name,
              .record = name};
}

}  // namespace

TEST_CASE("a school lies below its commune and its province") {
  const UnitTree tree(
      {unit("province", ""), unit("commune", "province"), unit("school", "commune"), unit("other", "province")});
  CHECK(tree.path("school") == std::vector<std::string>{"school", "commune", "province"});
  CHECK(tree.subtree("commune") == std::vector<std::string>{"commune", "school"});
  CHECK(tree.within("school", "province"));
  CHECK_FALSE(tree.within("school", "other"));
  CHECK(tree.path("nobody knows it") == std::vector<std::string>{"nobody knows it"});
  CHECK(tree.cut().empty());
}

TEST_CASE("a circle is cut at the edge that was written last, whatever the order of the records") {
  std::vector<Unit> units{unit("a", "c", 100, 1001), unit("b", "a", 300, 1002), unit("c", "b", 200, 1003),
                          unit("d", "c", 900, 1004)};
  std::sort(units.begin(), units.end(), [](const Unit& one, const Unit& other) { return one.code < other.code; });
  do {
    const UnitTree tree(units);
    REQUIRE(tree.cut() == std::vector<std::string>{"b"});
    REQUIRE(tree.path("d") == std::vector<std::string>{"d", "c", "b"});
    REQUIRE(tree.path("a") == std::vector<std::string>{"a", "c", "b"});
  } while (std::next_permutation(units.begin(), units.end(),
                                 [](const Unit& one, const Unit& other) { return one.code < other.code; }));
}

TEST_CASE("a unit that is its own parent hangs from nothing; two records of one code: the least speaks") {
  const UnitTree tree({unit("a", "a"), unit("b", "a", 0, 500), unit("b", "", 0, 600)});
  CHECK(tree.cut() == std::vector<std::string>{"a"});
  CHECK(tree.parent("b") == "a");
}

TEST_CASE("any parents at all make a tree: every path ends, and one edge a circle is cut") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    std::vector<Unit> units;
    for (int i = 0; i < 12; ++i) {
      const std::string parent = random.chance(1, 6) ? "" : "u" + std::to_string(random.below(13));
      units.push_back(unit("u" + std::to_string(i), parent, static_cast<std::int64_t>(random.below(5)),
                           static_cast<Sequence>(1000 + i)));
    }
    const UnitTree tree(units);
    std::size_t in_subtrees = 0;
    for (const auto& [code, each] : tree.units()) {
      REQUIRE(tree.path(code).size() <= 12);
      if (tree.parent(code).empty()) in_subtrees += tree.subtree(code).size();
    }
    REQUIRE(in_subtrees == 12);
  }
}

}  // namespace songsong::testing
