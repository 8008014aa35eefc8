// Runs a program and waits for it: what it printed, and how it ended. Bounded in time; throws std::runtime_error when
// it cannot be run or does not end.
#pragma once

#include <string>
#include <vector>

namespace songsong::bacgiang {

struct Ended {
  int exit = 0;
  std::string out;
};

inline constexpr int kProgramSeconds = 300;

// Standard error goes to this program's.
Ended run_program(const std::vector<std::string>& words);

}  // namespace songsong::bacgiang
