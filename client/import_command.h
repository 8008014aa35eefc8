// The command `import`.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

Exit import_list(const Settings& settings, const std::string& profile, const std::string& path, const std::string& unit,
                 bool dry_run);

}  // namespace songsong::client
