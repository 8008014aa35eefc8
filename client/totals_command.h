// The command `total`: the numbers of a unit, as the server counts them or as this device does.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

Exit print_total(const Settings& settings, const std::string& unit, bool local);

}  // namespace songsong::client
