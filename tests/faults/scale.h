// How much of the faults is played. Every run of the tests plays a part, fast enough to be run always;
// scripts/faults.sh sets SONGSONG_FAULTS=all and plays all of it, on links as slow as they are. What was seen is told
// as rows of a table.
#pragma once

#include <chrono>
#include <string>

namespace songsong::testing {

#ifdef SONGSONG_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

bool all_of_it();
// `all` by scripts/faults.sh, else `part`, and less of it under sanitizers, where everything takes several times as
// long.
int scaled(int part, int all);

using Seconds = std::chrono::duration<double>;
Seconds now();
template <class Act>
Seconds time_of(const Act& act) {
  const Seconds began = now();
  act();
  return now() - began;
}

// "| what | seen | bound |" on standard output.
void tell(const std::string& what, const std::string& seen, const std::string& bound);
// A number with so many digits after the point.
std::string text(double number, int digits = 1);

}  // namespace songsong::testing
