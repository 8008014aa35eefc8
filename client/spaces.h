// Spaces: people who share a device have a folder each, DIR itself and DIR/spaces/NAME, and a PIN. Whoever has a signal
// sends for all, and reads nothing of the others (outbox.h). One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/command.h"
#include "client/http.h"

namespace songsong::client {

// The folder of a space. Fault "usage" for a name that is no simple one.
Outcome<std::string> space_folder(const std::string& folder, const std::string& name);
struct Space {
  std::string name;  // empty: the device's own folder
  std::string folder;
};
// All on the device that the folder is one of, set up or not, by name.
std::vector<Space> spaces_beside(const std::string& folder);

// What each has still to hand over, as far as can be seen without its key.
Exit list_spaces(const Settings& settings);
struct SentForOthers {
  std::size_t spaces = 0;         // set up, besides this one
  std::optional<Fault> hindered;  // what kept the last one from being sent for
};
// Hands over what the others on this device have to send. It is theirs, so what goes wrong is only said; without a
// network nobody waits for each of them in turn.
SentForOthers send_for_others(const Settings& settings, const HttpPatience& patience);

}  // namespace songsong::client
