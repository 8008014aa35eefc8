#include "tests/bacgiang/reform.h"

#include <map>

namespace songsong::bacgiang {
namespace {

constexpr std::size_t kCommunesTogether = 3;

}  // namespace

std::vector<std::vector<std::string>> reformed_units(const World& world) {
  std::vector<std::vector<std::string>> rows{{"BN", "Tỉnh Bắc Ninh", "province", "", "mountain", ""}};
  std::map<std::string, std::string> new_commune;  // of each old one
  std::size_t communes = 0;
  for (const std::vector<std::string>& unit : world.units) {
    if (unit[2] != "commune") continue;
    std::string code = "BN-X" + std::to_string(communes / kCommunesTogether + 1);
    // The new commune takes the name of the first that goes into it.
    if (communes % kCommunesTogether == 0) rows.push_back({code, unit[1] + " (mới)", "commune", "BN", "mountain", ""});
    new_commune[unit[0]] = std::move(code);
    ++communes;
  }
  for (const std::vector<std::string>& unit : world.units) {
    const std::string &code = unit[0], &level = unit[2], &parent = unit[3];
    if (level == "province") rows.push_back({code, unit[1], level, "BN", unit[4], kReformDay});
    if (level == "district") rows.push_back({code, unit[1], level, parent, unit[4], kReformDay});
    if (level == "commune") rows.push_back({code, unit[1], level, new_commune.at(code), unit[4], kReformDay});
    if (level == "school") rows.push_back({code, unit[1], level, new_commune.at(parent), unit[4], ""});
  }
  return rows;
}

}  // namespace songsong::bacgiang
