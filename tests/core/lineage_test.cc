#include "shared/core/lineage.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/history.h"

namespace songsong::testing {

TEST_CASE("a replica that nobody copied is one line: sequences tell") {
  const Lineage lineage;
  CHECK(lineage.covers(Name(1, 9, 3), Name(1, 4, 8)));
  CHECK(lineage.covers(Name(1, 9, 3), Name(1, 9, 3)));
  CHECK_FALSE(lineage.covers(Name(1, 4, 8), Name(1, 9, 3)));
  CHECK_FALSE(lineage.covers(Name(2, 9, 3), Name(1, 4, 8)));
}

TEST_CASE("Lan's phone is copied after its third change: neither life covers the other beyond it") {
  constexpr Tag kFirst = 11, kCopy = 22, kReopened = 33;
  Lineage lineage;
  lineage.describe(7, 0, {Run{1, 5, kFirst, 0}, Run{4, 6, kCopy, kFirst}, Run{6, 8, kReopened, kFirst}});
  CHECK(lineage.forked(7));
  CHECK(lineage.covers(Name(7, 6, kCopy), Name(7, 3, kFirst)));
  CHECK_FALSE(lineage.covers(Name(7, 6, kCopy), Name(7, 4, kFirst)));
  CHECK(lineage.covers(Name(7, 8, kReopened), Name(7, 5, kFirst)));
  CHECK_FALSE(lineage.covers(Name(7, 8, kReopened), Name(7, 4, kCopy)));
  CHECK_FALSE(lineage.covers(Name(7, 8, kReopened), Name(7, 4, 99)));      // a tag nobody has seen
  CHECK_FALSE(lineage.covers(Name(7, 9, kReopened), Name(7, 1, kFirst)));  // beyond what is known
  CHECK(lineage.covers(Name(7, 9, kReopened), Name(7, 9, kReopened)));
  CHECK(lineage.covers(Name(7, 6, 99), Name(7, 5, 99)));  // a branch that a restore has lost
  CHECK_FALSE(lineage.covers(Name(7, 5, 99), Name(7, 6, 99)));
}

TEST_CASE("a trunk needs no runs: up to it the replica is one line whatever the tags say") {
  Lineage lineage;
  lineage.describe(7, 100, {Run{101, 110, 1, 0}, Run{101, 103, 2, 0}});
  CHECK(lineage.forked(7));
  CHECK(lineage.covers(Name(7, 105, 1), Name(7, 77, 5)));
  CHECK(lineage.covers(Name(7, 102, 2), Name(7, 100, 5)));
  CHECK(lineage.covers(Name(7, 60, 4), Name(7, 50, 5)));
  CHECK_FALSE(lineage.covers(Name(7, 105, 1), Name(7, 101, 2)));
}

TEST_CASE("the first life goes on with its tag where the copy left it") {
  Lineage lineage;
  lineage.describe(7, 0, {});
  for (Sequence sequence = 1; sequence <= 10; ++sequence) lineage.extend(Name(7, sequence, 1), sequence == 1 ? 0 : 1);
  lineage.extend(Name(7, 11, 2), 1);  // the copy, opened anew
  lineage.extend(Name(7, 12, 2), 2);
  CHECK_FALSE(lineage.forked(7));
  lineage.extend(Name(7, 11, 1), 1);  // the first life, never closed
  CHECK(lineage.forked(7));
  CHECK_FALSE(lineage.covers(Name(7, 12, 2), Name(7, 11, 1)));
  CHECK(lineage.covers(Name(7, 12, 2), Name(7, 10, 1)));
  CHECK(lineage.covers(Name(7, 11, 1), Name(7, 10, 1)));
}

TEST_CASE("a name from before the opening whose tag it has is on no path, and one that a restore lost is") {
  Lineage lineage;
  lineage.describe(
      7, 0,
      {Run{.first = 1, .last = 3, .tag = 5, .parent_tag = 0}, Run{.first = 4, .last = 6, .tag = 9, .parent_tag = 5},
       Run{.first = 8, .last = 9, .tag = 2, .parent_tag = 2}});
  CHECK_FALSE(lineage.covers(Name(7, 6, 9), Name(7, 3, 9)));
  CHECK(lineage.covers(Name(7, 6, 9), Name(7, 3, 5)));
  CHECK(lineage.covers(Name(7, 9, 2), Name(7, 7, 2)));  // its opening began before what is known of it
  CHECK(lineage.covers(Name(7, 9, 9), Name(7, 6, 9)));  // the later one was lost
}

TEST_CASE("lineage built change by change agrees with following the parents, in any order of arrival") {
  const HistoryShape shape{.replicas = 2, .changes = 40, .records = 3, .copies_percent = 20, .reopen_percent = 40};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const std::vector<Admitted> history = shuffled(make_history(seed, shape), random);
    std::map<Name, Name> parent;
    Lineage grown;
    for (ReplicaId replica = 1; replica <= 2; ++replica) grown.describe(replica, 0, {});
    for (const Admitted& each : history) {
      grown.extend(each.change.name, each.parent.tag());
      parent[each.change.name] = each.parent;
    }
    Lineage rebuilt;
    for (ReplicaId replica = 1; replica <= 2; ++replica) rebuilt.describe(replica, 0, grown.runs(replica));
    for (const auto& [later, unused] : parent) {
      for (const auto& [earlier, also_unused] : parent) {
        bool expected = false;
        for (Name at = later; at.valid() && !expected; at = parent.at(at)) expected = at == earlier;
        REQUIRE(grown.covers(later, earlier) == expected);
        REQUIRE(rebuilt.covers(later, earlier) == expected);
      }
    }
  }
}

}  // namespace songsong::testing
