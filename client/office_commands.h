// Commands on what is counted and what waits for a decision: total, cases, settle, status, verify.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

Exit print_total(const Settings& settings, const std::string& unit, bool local);
Exit print_cases(const Settings& settings, bool server);

struct Settlement {
  std::string case_id;
  std::string choose;  // field=value
  bool same = false;
  bool different = false;
  std::string void_record;
  std::string reason;
};
Exit settle_case(const Settings& settings, const Settlement& settlement);

Exit print_status(const Settings& settings);
Exit verify_store(const Settings& settings);

}  // namespace songsong::client
