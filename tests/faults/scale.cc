#include "tests/faults/scale.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace songsong::testing {

bool all_of_it() {
  const char* const said = std::getenv("SONGSONG_FAULTS");
  return said != nullptr && std::string_view(said) == "all";
}

int scaled(int part, int all) {
  if (all_of_it()) return all;
  return kSanitized ? std::max(1, part / 5) : part;
}

Seconds now() { return std::chrono::steady_clock::now().time_since_epoch(); }

void tell(const std::string& what, const std::string& seen, const std::string& bound) {
  std::printf("| %s | %s | %s |\n", what.c_str(), seen.c_str(), bound.c_str());
  std::fflush(stdout);
}

std::string text(double number, int digits) {
  std::array<char, 64> written{};
  const int length = std::snprintf(written.data(), written.size(), "%.*f", digits, number);
  return {written.data(), static_cast<std::size_t>(length)};
}

}  // namespace songsong::testing
