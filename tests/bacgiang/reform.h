// July 2025 in the made-up Bắc Giang: the districts end, the province goes into another one, communes are put together,
// schools hang from the new communes.
#pragma once

#include <string>
#include <vector>

#include "tests/bacgiang/world.h"

namespace songsong::bacgiang {

inline constexpr const char* kReformDay = "2025-07-01";
inline constexpr const char* kLastOldDay = "2025-06-30";

// Rows of units-2025.csv, under the heading code, name, level, parent, area, closed.
std::vector<std::vector<std::string>> reformed_units(const World& world);

}  // namespace songsong::bacgiang
