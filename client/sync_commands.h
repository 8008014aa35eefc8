// Commands that reach beyond this computer: init, sync, bundle, accept.
#pragma once

#include <string>

#include "client/command.h"
#include "shared/sync/initiator.h"

namespace songsong::client {

Exit set_up(const Settings& settings, const std::string& ticket);
Exit synchronise(const Settings& settings, bool check);
// Again and again, until SIGINT or SIGTERM.
Exit watch(const Settings& settings, int every_seconds);
Exit write_bundle(const Settings& settings, const std::string& path);
Exit accept_from(const Settings& settings, const std::string& path);

// One conversation with the server, to its end. Faults of Initiator and HttpClient.
Outcome<SyncTally> converse(const Settings& settings, Workspace& workspace, bool check = false);

}  // namespace songsong::client
