// simulate: whole villages in one thread, from seeds.
//
//   simulate --seed N                  one; a failing one is made short and printed as a transcript
//   simulate --minutes M [--from N]    as many as fit, from a seed of chance; ends at the first that fails
//   simulate --seeds K [--from N]      K of them
//   simulate --transcript FILE         a kept one
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>

#include "shared/core/crypto.h"
#include "shared/core/quiet.h"
#include "tests/simulation/simulate.h"

namespace songsong::simulation {
namespace {

constexpr std::size_t kShrinkTries = 1500;

struct Options {
  std::uint64_t from = 0, seeds = 0;
  double minutes = 0;
  std::string transcript;
  bool quiet = false, shrinks = true;
};

int fail(const Plan& plan, const Failure& failure, bool shrinks) {
  std::printf("VIOLATION %s\n", failure.what.c_str());
  const Plan shortest = shrinks ? shrink(plan, failure, kShrinkTries) : plan;
  const std::optional<Failure> now = try_plan(shortest);
  std::printf("# %s\n# %zu of %zu steps:\n%s", now ? now->what.c_str() : "?", shortest.steps.size(), plan.steps.size(),
              to_text(shortest).c_str());
  return 1;
}

int run_transcript(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const Outcome<Plan> plan = parse_plan(text.str());
  if (!file || !plan) {
    std::fprintf(stderr, "simulate: %s cannot be read%s%s\n", path.c_str(), plan ? "" : ", ",
                 plan ? "" : plan.fault().where.c_str());
    return 2;
  }
  const std::optional<Failure> failure = try_plan(*plan);
  std::printf("%s\n", failure ? failure->what.c_str() : "all holds");
  return failure ? 1 : 0;
}

int run_seeds(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const auto minutes = [&] { return std::chrono::duration<double, std::ratio<60>>(Clock::now() - began).count(); };
  Counts counts;
  std::uint64_t ran = 0;
  const auto goes_on = [&] { return options.seeds > 0 ? ran < options.seeds : minutes() < options.minutes; };
  for (; goes_on(); ++ran) {
    const Plan plan = draw_plan(options.from + ran);
    const std::optional<Failure> failure = try_plan(plan, &counts);
    if (!failure) continue;
    std::printf("seed %llu, the %lluth:\n", static_cast<unsigned long long>(options.from + ran),
                static_cast<unsigned long long>(ran + 1));
    return fail(plan, *failure, options.shrinks);
  }
  if (options.quiet) return 0;
  std::printf("%llu seeds from %llu in %.1f minutes: %llu steps, %llu changes, %llu answers, 0 violations\n",
              static_cast<unsigned long long>(ran), static_cast<unsigned long long>(options.from), minutes(),
              static_cast<unsigned long long>(counts.steps), static_cast<unsigned long long>(counts.changes),
              static_cast<unsigned long long>(counts.answers));
  for (const auto& [what, count] : counts.faults)
    std::printf("  %8llu  %s\n", static_cast<unsigned long long>(count), what.c_str());
  return 0;
}

}  // namespace
}  // namespace songsong::simulation

int main(int argc, char** argv) {
  songsong::init_crypto();
  songsong::keep_protobuf_quiet();
  songsong::simulation::Options options;
  CLI::App app("Whole villages in one thread, from seeds", "simulate");
  std::uint64_t seed = 0;
  CLI::Option* const one = app.add_option("--seed", seed, "One seed");
  CLI::Option* const from = app.add_option("--from", options.from, "The first seed");
  app.add_option("--seeds", options.seeds, "How many");
  app.add_option("--minutes", options.minutes, "For how long");
  app.add_option("--transcript", options.transcript, "A kept plan");
  app.add_flag("--quiet", options.quiet, "Only violations");
  app.add_flag("!--no-shrink", options.shrinks, "Leave the failing plan as long as it is");
  CLI11_PARSE(app, argc, argv);
  if (!options.transcript.empty()) return songsong::simulation::run_transcript(options.transcript);
  if (*one) {
    options.from = seed;
    options.seeds = 1;
  } else if (!*from) {
    options.from = (std::uint64_t{std::random_device()()} << 16) ^ std::random_device()();
  }
  return songsong::simulation::run_seeds(options);
}
