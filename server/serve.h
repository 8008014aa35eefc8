// `serve`: runs until SIGINT or SIGTERM.
#pragma once

#include <string>

#include "server/office.h"
#include "shared/core/outcome.h"

namespace songsong::server {

// Prints "listening on http://HOST:PORT" once it does. Returns the exit code.
Outcome<int> serve(const std::string& folder, const std::string& listen,
                   const OfficeTables& tables = programme_tables());

}  // namespace songsong::server
