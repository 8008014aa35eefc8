#pragma once

#include <chrono>

namespace songsong::bench {

using Clock = std::chrono::steady_clock;

inline double milliseconds_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

}  // namespace songsong::bench
