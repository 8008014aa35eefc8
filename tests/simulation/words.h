// The words that people of the simulation write: few names, birth dates and codes, so that likely duplicates are
// frequent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace songsong::simulation {

inline std::string pick(const std::vector<std::string>& from, std::uint32_t which) { return from[which % from.size()]; }

inline std::string some_name(std::uint32_t which) {
  return pick({"Vi Thị Hoa", "Lò Văn Minh", "Giàng A Páo", "Đinh Thị Lý"}, which);
}
inline std::string some_day(std::uint32_t which) { return "2013-0" + std::to_string(which % 3 + 1) + "-11"; }
inline std::string some_code(std::uint32_t which) { return "24" + std::to_string(which % 6 + 10000000); }

}  // namespace songsong::simulation
