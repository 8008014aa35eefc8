// What a command prints: for people in two languages, and for programs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/grants.h"

namespace songsong::server {

struct Printed {
  std::string vi, en;  // for people
  std::string json;    // one object, or one a line
  int exit = 0;
};

inline Printed printed(std::string vi, std::string en, const nlohmann::ordered_json& json) {
  return Printed{.vi = std::move(vi), .en = std::move(en), .json = json.dump(), .exit = 0};
}

inline std::string number(std::uint64_t value) { return std::to_string(value); }

// "S1,S2"
inline std::string joined(const std::vector<std::string>& units) {
  std::string text;
  for (const std::string& unit : units) text += (text.empty() ? "" : ",") + unit;
  return text;
}

// [{"role","unit"}]
inline nlohmann::ordered_json grants_json(const Grants& grants) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Grant& grant : grants) all.push_back({{"role", role_name(grant.role)}, {"unit", grant.unit}});
  return all;
}

}  // namespace songsong::server
