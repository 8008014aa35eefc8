// What a command prints: for people in two languages, and for programs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

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

}  // namespace songsong::server
