// Distribute: where the records of a unit go that is split or closed, by a list of rules. A record that fits no rule
// stays.
//
//   kind,where,to
//   pupil,grade=1|2|3;area=mountain,BN-T02      the first rule that fits holds: every condition, with one of its values
//   pupil,,BN-T01                               all others of the kind
//
// What belongs to a record (a pupil's needs and handovers) follows it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "shared/sync/host.h"

namespace songsong::server {

struct Distributed {
  std::map<std::string, std::size_t> moved;  // by the unit that they went to
  std::size_t left = 0;                      // records of the rules' kinds that stayed
};

// Moves them in changes of the server's own, or with `try_only` tells what it would move. Faults, with the row in
// `where`: those of parse_csv, "rules_heading", "rules_row", "unknown_kind", "unknown_field", those of parse_value,
// "unknown_unit"; nothing is moved then. Those of saving: what was moved stays moved, and the same rules move the rest.
Outcome<Distributed> distribute(Host& host, const std::string& from, std::string_view rules_csv, bool try_only);

}  // namespace songsong::server
