// kill -9 at moments that are spread over an act: the act is timed first, and again now and then, so that a fast
// machine and a slow one meet all of its phases.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/faults/scale.h"
#include "tests/support/random.h"

namespace songsong::testing {

class Moments {
 public:
  // So many, in the order of a seed.
  Moments(int count, std::uint64_t seed);

  // Of this many rounds the act is timed anew.
  static constexpr int kTimedEvery = 25;
  void timed(Seconds act) { act_ = act; }
  Seconds act() const { return act_; }
  // Waits until the moment of this round, from now on.
  void wait(int round);

 private:
  // A little beyond the act's end, since no two take equally long.
  static constexpr double kBeyond = 1.15;

  Random random_;
  std::vector<int> order_;
  Seconds act_{0};
};

// How often each phase of an act was met.
class Phases {
 public:
  void met(const std::string& phase) { ++met_[phase]; }
  int count(const std::string& phase) const;
  std::size_t kinds() const { return met_.size(); }
  // "before the store was open 12, …"
  std::string text() const;

 private:
  std::map<std::string, int> met_;
};

// A school's list of so many children without the means to learn, none of them twice.
std::string list_of(std::size_t rows, const std::string& prefix);

}  // namespace songsong::testing
