// Runs both levels and tells what was gone through. Every count of histories is compared with the formula's, and for
// few changes both counts with the plain enumeration's, so that a model that leaves something out fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace songsong::small_model {

struct RunOptions {
  std::size_t changes = 3;
  std::size_t threads = 2;
  bool merge = true;
  bool books = true;
  // The plain enumeration is compared up to so many changes.
  std::size_t most_plain_changes = 3;
};

struct Ran {
  std::string family;
  bool ok = false;
  std::string told;  // the counts, or the violation
};

// One a family, in their order; families that are not meant for so many changes are left out.
std::vector<Ran> run(const RunOptions& options);

}  // namespace songsong::small_model
