// The command `total`: the numbers of a unit, as the server counts them or as this device does.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

// `on`: a day, for the tree as it stood then; empty for the present one.
Exit print_total(const Settings& settings, const std::string& unit, const std::string& on, bool local);

}  // namespace songsong::client
