// Commands on somebody's personal data: what is held of them, and that it is held no longer.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

// All that is held of a person, to be given to the parent who asks: the record, those that are the same person, what
// belongs to them, and every change with its time, as far as the server or this device can say.
Exit copy_person(const Settings& settings, const std::string& record);
// Their personal values are to be destroyed everywhere; `reason` as the schema names it. For administrators.
Exit erase_person(const Settings& settings, const std::string& record, const std::string& reason);

// Drafts about somebody who was erased go as well. How many.
Outcome<std::size_t> drop_erased_drafts(Workspace& workspace);

}  // namespace songsong::client
