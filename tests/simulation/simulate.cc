#include "tests/simulation/simulate.h"

#include <algorithm>
#include <exception>

#include "tests/simulation/violation.h"

namespace songsong::simulation {

std::optional<Failure> try_plan(const Plan& plan, Counts* counts) {
  try {
    World world(plan);
    world.run();
    if (counts != nullptr) counts->add(world.counts());
    return std::nullopt;
  } catch (const Violation& violation) {
    return Failure{.invariant = violation.name, .what = violation.what()};
  } catch (const std::exception& error) {
    return Failure{.invariant = "nothing is thrown", .what = error.what()};
  }
}

Plan shrink(const Plan& plan, const Failure& failure, std::size_t tries) {
  Plan shortest = plan;
  for (std::size_t part = shortest.steps.size() / 2; part > 0 && tries > 0;) {
    bool shorter = false;
    for (std::size_t at = 0; at < shortest.steps.size() && tries > 0;) {
      Plan without = shortest;
      const auto from = without.steps.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t end = std::min(at + part, without.steps.size());
      without.steps.erase(from, without.steps.begin() + static_cast<std::ptrdiff_t>(end));
      --tries;
      const std::optional<Failure> still = try_plan(without);
      if (still && still->invariant == failure.invariant) {
        shortest = std::move(without);
        shorter = true;
      } else {
        at += part;
      }
    }
    if (!shorter) part /= 2;
    part = std::min(part, shortest.steps.size());
  }
  return shortest;
}

}  // namespace songsong::simulation
