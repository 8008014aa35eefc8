// Commands that reach beyond this computer: init, sync, bundle, accept.
#pragma once

#include <string>

#include "client/command.h"
#include "client/conversation.h"
#include "shared/sync/initiator.h"

namespace songsong::client {

// `same_server`: the folder's server has another key than before (join.h).
Exit set_up(const Settings& settings, const std::string& ticket, bool same_server = false);
struct SyncOptions {
  bool check = false;                                    // also compares everything with the server
  long patience_seconds = HttpPatience().stall_seconds;  // without a byte, before a try is given up
  int busy_tries = kBusyTries;
};

Exit synchronise(const Settings& settings, const SyncOptions& options);
// Again and again, until SIGINT or SIGTERM.
Exit watch(const Settings& settings, int every_seconds, SyncOptions options);
Exit write_bundle(const Settings& settings, const std::string& path);
Exit accept_from(const Settings& settings, const std::string& path);

// One conversation with the server, to its end (conversation.h), with what a person is shown of it.
Outcome<SyncTally> converse(const Settings& settings, Workspace& workspace, const SyncOptions& options = {});

}  // namespace songsong::client
