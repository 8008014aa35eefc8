// The queue of photos and signatures that wait on this device for a signal.
//
// They lie in the store, saved with the change that names them and sealed with the rest, until the server has them
// whole; then they are the server's to keep, and can be fetched. Settings:
//
//   attachment.bytes.SHA256          the file, once for all records that name it
//   attachment.new.SHA256            "SIZE", from the save on until its record is known
//   attachment.for.SHA256.RECORD     "SIZE", and " begun" when part of it may be at the server
//
// One thread. Faults of the store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/workspace.h"
#include "shared/core/attachment.h"

namespace songsong::client {

// Assignments with "field=@PATH" of files read, and their names in the place of the paths.
struct TakenFiles {
  std::vector<std::string> assignments;
  std::vector<AttachmentHash> hashes;
  std::map<std::string, std::string> marks;  // to be saved with the change
};
// Faults "file_unreadable", "attachment_too_large".
Outcome<TakenFiles> take_files(const KindPolicy& kind, const std::vector<std::string>& assignments);
// Of which record they are, once that is saved; or where it names them already, and they are given anew.
Outcome<Done> note_record(Workspace& workspace, const TakenFiles& files, RecordId record);

struct AttachmentsWaiting {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};
Outcome<AttachmentsWaiting> attachments_waiting(Workspace& workspace);

// A file that waits, for one of the records that name it.
struct WaitingFile {
  AttachmentHash hash;
  std::uint64_t size = 0;
  RecordId record = {};
  bool begun = false;  // part of it may be at the server

  std::string setting() const;
  std::string text() const;
};

Outcome<std::vector<WaitingFile>> all_waiting(Workspace& workspace);
Outcome<Done> note(Workspace& workspace, const WaitingFile& waiting);
// Nobody waits for it any more; the file goes with the last record that did. `destroyed`: it is to be found on this
// device no more.
Outcome<Done> let_go(Workspace& workspace, const WaitingFile& waiting, bool destroyed);
// Its bytes; empty where nobody needs it any more, and it was let go.
Outcome<std::string> made_ready(Workspace& workspace, const WaitingFile& waiting);
// The file, as long as this device has it; else empty.
Outcome<std::string> held_file(Workspace& workspace, const AttachmentHash& hash);

}  // namespace songsong::client
