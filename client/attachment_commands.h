// Commands on photos and signatures: to fetch one, and what `sync` says of those that wait.
#pragma once

#include <string>

#include "client/attachments.h"
#include "client/command.h"

namespace songsong::client {

// The file that a record names, into `path`.
Exit fetch_file(const Settings& settings, const std::string& record, const std::string& path);

// After a conversation, with what a person is shown of it.
Outcome<AttachmentsSent> send_files(const Settings& settings, Workspace& workspace, const HttpPatience& patience);
// What became of them, and of those that wait; nothing where there were none.
void print_files(const Settings& settings, const AttachmentsSent& files);

// "3 (412 kB)".
std::string count_text(const AttachmentsWaiting& waiting);

}  // namespace songsong::client
