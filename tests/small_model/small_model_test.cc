// The small model at the sizes that a test has time for; `small_model --changes 4` runs the rest (README.md).
#include <catch2/catch_test_macros.hpp>
#include <cstdio>

#include "shared/core/crypto.h"
#include "tests/small_model/books_model.h"
#include "tests/small_model/histories.h"
#include "tests/small_model/run.h"

namespace songsong::small_model {
namespace {

void run_all(const RunOptions& options, std::size_t families) {
  init_crypto();
  const std::vector<Ran> all = run(options);
  CHECK(all.size() == families);
  for (const Ran& ran : all) {
    std::printf("%zu changes, %s: %s\n", options.changes, ran.family.c_str(), ran.told.c_str());
    INFO(ran.family << ": " << ran.told);
    CHECK(ran.ok);
  }
}

}  // namespace

TEST_CASE("there are as many histories as can be counted by hand") {
  CHECK(count_skeletons(1) == 3);
  CHECK(count_skeletons(2) ==
        15);  // the second is by the first's replica, or by one of two others that has seen it or not
  for (std::size_t changes = 1; changes <= kMostChanges; ++changes) {
    const auto all = all_skeletons(changes);
    CHECK(all.size() == count_skeletons(changes));
    std::uint64_t in_classes = 0;
    for (const SkeletonClass& each : skeleton_classes(changes)) in_classes += each.size;
    CHECK(in_classes == all.size());
  }
  CHECK(skeleton_classes(2).size() == 3);  // one replica; two, the second having seen the first or not
  CHECK(clock_readings(1).size() == 1);
  CHECK(clock_readings(2).size() == 3);
  CHECK(clock_readings(3).size() == 13);
  CHECK(clock_readings(4).size() == 75);
}

TEST_CASE("every history of one and of two changes merges as the definition says, in any order") {
  run_all(RunOptions{.changes = 1, .books = false}, 11);
  run_all(RunOptions{.changes = 2, .books = false}, 11);
}

// Sanitizers see the same code in histories of two, and would take minutes for these.
#ifndef SONGSONG_SANITIZED
TEST_CASE("every history of three changes merges as the definition says, in any order") {
  run_all(RunOptions{.changes = 3, .books = false, .most_plain_changes = 2}, 11);
}
#endif

TEST_CASE("every history of one and of two changes is counted as a recount says, in any order and on every phone") {
  run_all(RunOptions{.changes = 1, .merge = false}, 3);
  run_all(RunOptions{.changes = 2, .merge = false}, 3);
}

}  // namespace songsong::small_model
