// The commands `status` and `verify`: how this device stands.
#pragma once

#include "client/command.h"

namespace songsong::client {

Exit print_status(const Settings& settings);
Exit verify_store(const Settings& settings);

}  // namespace songsong::client
