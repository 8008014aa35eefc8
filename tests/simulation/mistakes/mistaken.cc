#include "tests/simulation/mistakes/mistaken.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace songsong {

bool mistaken(int number) {
  static const char* const kWanted = std::getenv("SONGSONG_MISTAKE");
  static const int kNumber = kWanted != nullptr ? std::atoi(kWanted) : 0;
  return number == kNumber;
}

std::uint64_t given_before_commit(const std::string& store, std::uint64_t last) {
  static std::map<std::string, std::uint64_t> given;
  std::uint64_t& here = given[store];
  return here = std::max(here, last);
}

}  // namespace songsong
