// What is asked in an address, and what is answered where it asks for what is not there or not theirs.
#pragma once

#include <Poco/URI.h>

#include <charconv>
#include <cstddef>
#include <optional>
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

inline constexpr std::size_t kUsualPage = 100;
inline constexpr std::size_t kMostPage = 500;
// How many rows a page may have; nothing where that cannot be read, or is too many.
inline std::optional<std::size_t> page_limit(const Poco::URI& uri) {
  const std::string text = query_value(uri, "limit");
  std::size_t limit = kUsualPage;
  if (text.empty()) return limit;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  const bool fits = error == std::errc() && end == text.data() + text.size();
  return fits && limit >= 1 && limit <= kMostPage ? std::optional(limit) : std::nullopt;
}

inline Reply unknown_unit() { return problem(404, "unknown_unit", "The tree of units has no such code."); }
inline Reply out_of_scope() { return problem(403, "out_of_scope", "This is not yours to see."); }

}  // namespace songsong::server
