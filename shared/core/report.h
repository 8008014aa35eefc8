// Report: the total of a unit as people and programs read it: measures by name, those that are derived from others
// among them, and each broken down by its dimensions. One JSON for server, command line and browser, byte for byte.
//
//   {"unit":"…","as_of":"2021-10-12T01:30:00Z","measures":{name:n,…},"by":{dimension:{value:{measure:n}}}}
//
// Of the tree as it stood on a day, "on":"2025-06-30" follows "as_of".
//
// Of a report for the public, "withheld":{"measures":[name,…],"by":{dimension:[name,…]}} comes last.
//
// Every measure stands in "measures"; zeroes are left out of "by". The value 0 of a dimension is "unspecified"; one
// that the schema does not name is its number. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "shared/core/account.h"
#include "shared/core/policy.h"

namespace songsong {

// What a report keeps back (disclosure.h): measures by name, as a whole (then by no dimension either) and by dimension.
struct Withheld {
  std::set<std::string> measures;
  std::map<std::string, std::set<std::string>> by;  // dimension → measures

  bool operator==(const Withheld&) const = default;
};

struct Report {
  std::string unit;
  std::optional<std::int64_t> on;  // the day whose tree it is; nothing for the present one
  std::map<std::string, std::int64_t> measures;
  std::map<std::string, std::map<std::string, std::map<std::string, std::int64_t>>> by;
  std::optional<Withheld> withheld;  // nothing: it is not for the public, and whole

  bool operator==(const Report&) const = default;
};

// Of the cells of a unit's subtree.
Report make_report(const std::string& unit, const Cells& cells, const Policies& policies,
                   std::optional<std::int64_t> on = std::nullopt);

std::string to_json(const Report& report, std::int64_t as_of_ms);

}  // namespace songsong
