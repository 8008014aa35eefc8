// Simulate: runs plans, finds those that fail, and makes the failing ones short.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

namespace songsong::simulation {

struct Failure {
  std::string invariant;
  std::string what;
};

// Nothing when all holds. `counts`, where it is not null, is added to.
std::optional<Failure> try_plan(const Plan& plan, Counts* counts = nullptr);

// The shortest plan found that fails in the same way, by leaving out ever smaller parts (delta debugging, Zeller and
// Hildebrandt 2002). Tries at most `tries` plans.
Plan shrink(const Plan& plan, const Failure& failure, std::size_t tries);

}  // namespace songsong::simulation
