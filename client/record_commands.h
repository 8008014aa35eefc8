// Commands on records: add, set, remove, show, list, search.
#pragma once

#include <string>
#include <vector>

#include "client/command.h"

namespace songsong::client {

Exit add_record(const Settings& settings, const std::string& kind, const std::vector<std::string>& assignments);
Exit set_record(const Settings& settings, const std::string& record, const std::vector<std::string>& assignments);
Exit remove_record(const Settings& settings, const std::string& record, bool with_dependents);
Exit show_record(const Settings& settings, const std::string& record, bool history);
Exit list_records(const Settings& settings, const std::string& kind, const std::vector<std::string>& where);
Exit search_records(const Settings& settings, const std::string& text);

}  // namespace songsong::client
