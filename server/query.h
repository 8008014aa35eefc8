// What is asked in an address, and what is answered where it asks for what is not there or not theirs.
#pragma once

#include <Poco/URI.h>

#include <string>

#include "server/reply.h"

namespace songsong::server {

// Of the first parameter of the name; empty where there is none.
inline std::string query_value(const Poco::URI& uri, const std::string& name) {
  for (const auto& [key, value] : uri.getQueryParameters()) {
    if (key == name) return value;
  }
  return {};
}

inline Reply unknown_unit() { return problem(404, "unknown_unit", "The tree of units has no such code."); }
inline Reply out_of_scope() { return problem(403, "out_of_scope", "This is not yours to see."); }

}  // namespace songsong::server
