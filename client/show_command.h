// The command `show`: one record, and how it came to be what it is.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

// With its history, the server is asked for the record's log; what is held here is shown when it cannot be.
Exit show_record(const Settings& settings, const std::string& record, bool history);

// What of it is shown, one field a line.
void print_fields(const Settings& settings, const RecordView& view, Workspace& workspace);

// How a record came to be what it is.
struct Log {
  std::vector<HistoryEntry> entries;  // oldest first
  bool from_server = false;
  bool older = false;  // there are more than these
};
// The server's, and what it does not hold yet; this device's alone where it cannot be reached, which is said.
Outcome<Log> log_of(const Settings& settings, const RecordView& view, Workspace& workspace);
void print_log(const Settings& settings, const Log& log, const Policies& policies);
Json log_json(const Log& log, const Policies& policies);

// The values that people wrote without knowing of each other.
void print_conflicts(const Settings& settings, const RecordView& view, Workspace& workspace);

}  // namespace songsong::client
