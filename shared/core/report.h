// Report: the total of a unit as people and programs read it: measures by name, those that are derived from others
// among them, and each broken down by its dimensions. One JSON for server, command line and browser, byte for byte.
//
//   {"unit":"…","as_of":"2021-10-12T01:30:00Z","measures":{name:n,…},"by":{dimension:{value:{measure:n}}}}
//
// Of the tree as it stood on a day, "on":"2025-06-30" follows "as_of".
//
// Every measure stands in "measures"; zeroes are left out of "by". The value 0 of a dimension is "unspecified"; one
// that the schema does not name is its number. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "shared/core/account.h"
#include "shared/core/policy.h"

namespace songsong {

struct Report {
  std::string unit;
  std::optional<std::int64_t> on;  // the day whose tree it is; nothing for the present one
  std::map<std::string, std::int64_t> measures;
  std::map<std::string, std::map<std::string, std::map<std::string, std::int64_t>>> by;

  bool operator==(const Report&) const = default;
};

// Of the cells of a unit's subtree.
Report make_report(const std::string& unit, const Cells& cells, const Policies& policies,
                   std::optional<std::int64_t> on = std::nullopt);

std::string to_json(const Report& report, std::int64_t as_of_ms);

}  // namespace songsong
