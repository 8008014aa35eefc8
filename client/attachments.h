// Attachments on this device (shared/core/attachment.h): photos and signatures that wait for a signal in a queue of
// their own. Changes go first, and wait for none of them.
//
// One thread. Faults of the store and of HttpClient.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/attachment_queue.h"
#include "client/http.h"
#include "client/workspace.h"
#include "shared/core/attachment.h"

namespace songsong::client {

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
