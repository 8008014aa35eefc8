// The command `show`: one record, and how it came to be what it is.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

// With its history, the server is asked for the record's log; what is held here is shown when it cannot be.
Exit show_record(const Settings& settings, const std::string& record, bool history);

// The values that people wrote without knowing of each other.
void print_conflicts(const Settings& settings, const RecordView& view, Workspace& workspace);

}  // namespace songsong::client
