#include "tests/simulation/plan.h"

#include <array>
#include <sstream>

#include "tests/support/random.h"

namespace songsong::simulation {
namespace {

struct Word {
  const char* name;
  std::uint32_t weight;  // how often it is drawn, where a seed has it at all
};

constexpr std::size_t kVerbs = static_cast<std::size_t>(Verb::kCount);

constexpr std::array<Word, kVerbs> kWords{{
    {"pupil", 60},        {"need", 40},          {"device", 20},        {"handover", 30},    {"return", 10},
    {"notebook", 15},     {"edit", 90},          {"move", 12},          {"remove", 15},      {"restore", 8},
    {"open-form", 20},    {"save-form", 25},     {"verify", 10},        {"settle", 25},      {"ask", 90},
    {"arrive", 90},       {"damage", 15},        {"lose", 15},          {"hear", 90},        {"sync", 60},
    {"bundle", 8},        {"carry", 20},         {"wait", 40},          {"clock", 8},        {"reboot", 5},
    {"kill", 8},          {"power", 8},          {"fault", 6},          {"full", 5},         {"snapshot", 8},
    {"rollback", 5},      {"copy", 4},           {"lost", 2},           {"ticket", 3},       {"revoke", 2},
    {"upgrade", 4},       {"server-kill", 6},    {"server-power", 6},   {"server-fault", 5}, {"server-full", 4},
    {"server-backup", 8}, {"server-restore", 5}, {"server-upgrade", 2}, {"server-clock", 3}, {"unit", 4},
    {"reparent", 4},      {"repoint", 10},       {"reclass", 12},       {"save-stale", 15},  {"overtake", 15},
    {"sync-beside", 20},  {"refer", 10},         {"appoint", 3},        {"reform", 5},       {"close-unit", 3},
    {"grant", 5},         {"erase", 6},
}};

constexpr std::size_t kLeastSteps = 40;
constexpr std::size_t kMostSteps = 220;

}  // namespace

const char* name_of(Verb verb) { return kWords[static_cast<std::size_t>(verb)].name; }

Plan draw_plan(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.seed = random.next();
  plan.phones = static_cast<std::uint32_t>(random.between(2, kMostPhones));
  std::array<std::uint32_t, kVerbs> weights{};
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kVerbs; ++i) {
    constexpr std::uint32_t kOften[] = {0, 1, 1, 1, 4};
    const bool always = static_cast<Verb>(i) == Verb::kPupil || static_cast<Verb>(i) == Verb::kSync;
    weights[i] = kWords[i].weight * (always ? 1 : random.pick(kOften));
    sum += weights[i];
  }
  const auto steps = static_cast<std::size_t>(random.between(kLeastSteps, kMostSteps));
  while (plan.steps.size() < steps) {
    std::uint64_t drawn = random.below(sum);
    std::size_t verb = 0;
    while (drawn >= weights[verb]) drawn -= weights[verb++];
    const auto number = [&] { return static_cast<std::uint32_t>(random.below(1000)); };
    const std::uint32_t a = number(), b = number(), c = number();
    plan.steps.push_back(Step{.verb = static_cast<Verb>(verb), .a = a, .b = b, .c = c});
  }
  // Small ones, so that what is told in many turns is told in them here, where there are few records.
  constexpr std::uint32_t kBytes[] = {0, 0, 300, 60};
  plan.bytes = random.pick(kBytes);
  constexpr std::uint32_t kSealed[] = {0, 0, 1, kMostPhones};
  plan.sealed = random.pick(kSealed);
  return plan;
}

std::string to_text(const Plan& plan) {
  std::ostringstream text;
  text << "seed " << plan.seed << "\nphones " << plan.phones << "\nbytes " << plan.bytes << "\nsealed " << plan.sealed
       << "\n";
  for (const Step& step : plan.steps)
    text << name_of(step.verb) << " " << step.a << " " << step.b << " " << step.c << "\n";
  return text.str();
}

Outcome<Plan> parse_plan(std::string_view text) {
  Plan plan;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    if (!(words >> name)) continue;
    const Fault fault{
        .code = "transcript_malformed", .where = "line " + std::to_string(number), .what = "This is no step: " + line};
    if (name == "seed") {
      if (!(words >> plan.seed)) return fault;
      continue;
    }
    if (name == "phones") {
      if (!(words >> plan.phones) || plan.phones == 0 || plan.phones > kMostPhones) return fault;
      continue;
    }
    if (name == "bytes") {
      if (!(words >> plan.bytes)) return fault;
      continue;
    }
    if (name == "sealed") {
      if (!(words >> plan.sealed)) return fault;
      continue;
    }
    Step step;
    std::size_t verb = 0;
    while (verb < kVerbs && name != kWords[verb].name) ++verb;
    if (verb == kVerbs || !(words >> step.a >> step.b >> step.c)) return fault;
    step.verb = static_cast<Verb>(verb);
    plan.steps.push_back(step);
  }
  return plan;
}

}  // namespace songsong::simulation
