// Attachments on this device (shared/core/attachment.h): photos and signatures that wait for a signal in a queue of
// their own. Changes go first, and wait for none of them.
//
// They lie in the store, saved with the change that names them and sealed with the rest, until the server has them
// whole; then they are the server's to keep, and can be fetched. Settings:
//
//   attachment.bytes.SHA256          the file, once for all records that name it
//   attachment.new.SHA256            "SIZE", from the save on until its record is known
//   attachment.for.SHA256.RECORD     "SIZE", and " begun" when part of it may be at the server
//
// One thread. Faults of the store and of HttpClient.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client/http.h"
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

struct AttachmentsSent {
  std::uint64_t sent = 0;
  std::uint64_t waiting = 0;
  std::optional<Fault> hindered;  // why it ended early
};
// All that the server takes now; what it does not know yet waits. `progress` hears how many bytes of how many have
// gone. What no record names any more is let go.
Outcome<AttachmentsSent> send_attachments(Workspace& workspace, const HttpPatience& patience,
                                          const std::function<void(std::uint64_t, std::uint64_t)>& progress);

// The file that the record names, from this device or the server; the newest where it names several. Goes on where an
// earlier try was cut off. Faults "unknown_attachment", "attachment_mismatch".
Outcome<std::string> fetch_attachment(Workspace& workspace, const RecordView& view, const HttpPatience& patience);

}  // namespace songsong::client
