// Commands on records: add, set, remove, list, search, and on drafts of them.
#pragma once

#include <string>
#include <vector>

#include "client/command.h"

namespace songsong::client {

Exit add_record(const Settings& settings, const std::string& kind, const std::vector<std::string>& assignments);
Exit set_record(const Settings& settings, const std::string& record, const std::vector<std::string>& assignments);
// Tries it once more, with what is typed now in place of what was typed then.
Exit go_on_with_draft(const Settings& settings, int number, const std::vector<std::string>& assignments);
Exit drop_draft(const Settings& settings, int number);
Exit list_drafts(const Settings& settings);
Exit remove_record(const Settings& settings, const std::string& record, bool with_dependents);
Exit list_records(const Settings& settings, const std::string& kind, const std::vector<std::string>& where);
// Live records whose unit is this record's, through a reference to it: what belongs to it. Decisions about it, and its
// erasure, do not.
Outcome<std::vector<RecordView>> dependents_of(RecordId record, Workspace& workspace);
Exit search_records(const Settings& settings, const std::string& text);

}  // namespace songsong::client
