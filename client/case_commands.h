// The commands `cases` and `settle`: what waits for a decision of a person.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

// `only_offers`: those of letting_go.h.
Exit print_cases(const Settings& settings, bool server, bool only_offers = false);

struct Settlement {
  std::string case_id;
  std::string choose;  // field=value
  bool same = false;
  bool different = false;
  std::string void_record;
  std::string reason;
};
Exit settle_case(const Settings& settings, const Settlement& settlement);

}  // namespace songsong::client
