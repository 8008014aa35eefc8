// How a client of the comparison speaks with the harness.
#pragma once

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace songsong::bench {

inline void tell(const char* word, const nlohmann::ordered_json& json) {
  std::cout << word << ' ' << json.dump() << std::endl;
  std::string line;
  std::getline(std::cin, line);
}
inline void tell_ready(const nlohmann::ordered_json& json = nlohmann::ordered_json::object()) { tell("READY", json); }
inline void tell_done(const nlohmann::ordered_json& json) { tell("DONE", json); }

}  // namespace songsong::bench
