// The simulation as part of the tests: all kept transcripts, some seeds, and fresh ones for as long as
// SONGSONG_SIMULATION_SECONDS says (README.md). A failing seed prints itself, made short, as a transcript that can be
// kept.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "shared/core/crypto.h"
#include "tests/simulation/simulate.h"

namespace songsong::simulation {
namespace {

constexpr std::size_t kShrinkTries = 600;
constexpr std::uint64_t kSeeds = 60;  // the same ones each time; scripts/torture.sh draws fresh ones

double seconds_wanted() {
  const char* const wanted = std::getenv("SONGSONG_SIMULATION_SECONDS");
  return wanted != nullptr ? std::atof(wanted) : 0;
}

std::string told(const Plan& plan, const Failure& failure) {
  const Plan shortest = shrink(plan, failure, kShrinkTries);
  const std::optional<Failure> now = try_plan(shortest);
  return failure.what + "\n# " + (now ? now->what : "?") + "\n" + to_text(shortest);
}

}  // namespace

TEST_CASE("kept transcripts: what once went wrong does not again") {
  init_crypto();
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SONGSONG_SOURCE_DIR "/tests/simulation/kept")) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const Outcome<Plan> plan = parse_plan(text.str());
    INFO(entry.path().filename().string());
    REQUIRE(plan.ok());
    const std::optional<Failure> failure = try_plan(*plan);
    INFO((failure ? failure->what : std::string()));
    CHECK_FALSE(failure.has_value());
    ++count;
  }
  CHECK(count > 0);
}

TEST_CASE("seeds: whatever people, phones, links and servers do, all invariants hold") {
  init_crypto();
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Plan plan = draw_plan(seed);
    const std::optional<Failure> failure = try_plan(plan);
    if (failure) FAIL("seed " << seed << ": " << told(plan, *failure));
  }
}

TEST_CASE("fresh seeds, for as long as is asked for") {
  init_crypto();
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::duration<double>(seconds_wanted());
  const std::uint64_t first = (std::uint64_t{std::random_device()()} << 16) ^ std::random_device()();
  std::uint64_t seed = first;
  for (; Clock::now() < until; ++seed) {
    const Plan plan = draw_plan(seed);
    const std::optional<Failure> failure = try_plan(plan);
    if (failure) FAIL("seed " << seed << ": " << told(plan, *failure));
  }
  SUCCEED(seed - first << " seeds from " << first);
}

TEST_CASE("the same plan gives the same run, and a plan survives its text form") {
  init_crypto();
  const Plan plan = draw_plan(20211105);
  const Outcome<Plan> read = parse_plan(to_text(plan));
  REQUIRE(read.ok());
  CHECK(read->steps == plan.steps);
  CHECK(read->seed == plan.seed);
  CHECK(read->bytes == plan.bytes);
  Counts one, other;
  CHECK_FALSE(try_plan(plan, &one).has_value());
  CHECK_FALSE(try_plan(*read, &other).has_value());
  CHECK(one.changes == other.changes);
  CHECK(one.faults == other.faults);
  CHECK(parse_plan("pupil 1 2").fault().where == "line 1");
  CHECK(parse_plan("seed 1\nnobody 1 2 3\n").fault().where == "line 2");
}

}  // namespace songsong::simulation
