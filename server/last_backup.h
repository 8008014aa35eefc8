// The last backup: when it was made, and whether it was restored in a place of its own to see that it can be. A line in
// DIR/last-backup, written by the commands and read by whoever looks after the server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/core/outcome.h"

namespace songsong::server {

struct LastBackup {
  std::int64_t made_ms = 0;
  bool rehearsed = false;
};

Outcome<Done> note_backup(const std::string& folder, const LastBackup& backup);
// Nothing where none was ever made, or the line cannot be read.
std::optional<LastBackup> last_backup(const std::string& folder);

}  // namespace songsong::server
