// What lies in the files of a folder, and made-up files to lie there.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/random.h"

namespace songsong::testing {

// All bytes of all files below the folder.
inline std::string all_bytes(const std::string& folder) {
  std::string bytes;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
    if (!each.is_regular_file()) continue;
    std::ifstream file(each.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

inline bool holds(const std::string& folder, const std::string& bytes) {
  return all_bytes(folder).find(bytes) != std::string::npos;
}

// A JPEG's first bytes, and noise that no other one has.
inline std::string made_up_photo(std::size_t bytes, std::uint64_t luck) {
  std::string made = "\xFF\xD8\xFF\xE0";
  Random random(luck);
  while (made.size() < bytes) made.push_back(static_cast<char>(random.below(256)));
  return made;
}

}  // namespace songsong::testing
