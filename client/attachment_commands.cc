#include "client/attachment_commands.h"

#include "client/outbox.h"
#include "client/pin.h"

namespace songsong::client {
namespace {

std::string kilobytes(std::uint64_t bytes) { return std::to_string((bytes + 999) / 1000); }

}  // namespace

Exit fetch_file(const Settings& settings, const std::string& record, const std::string& path) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(record, **workspace);
  if (!view) return view.fault();
  const Outcome<std::string> bytes = fetch_attachment(**workspace, *view, HttpPatience());
  if (!bytes) return bytes.fault();
  const Outcome<Done> written = write_file(path, *bytes, ReadableBy::kOwner);
  if (!written) return written.fault();
  if (settings.json) {
    print_json(Json{{"file", path}, {"bytes", bytes->size()}, {"sha256", to_text(attachment_hash(*bytes))}});
  } else {
    print_line(path + "  (" + kilobytes(bytes->size()) + " kB)");
  }
  return kDone;
}

Outcome<AttachmentsSent> send_files(const Settings& settings, Workspace& workspace, const HttpPatience& patience) {
  const Outcome<AttachmentsSent> sent =
      send_attachments(workspace, patience, [&](std::uint64_t gone, std::uint64_t total) {
        progress(settings,
                 settings.say("Đang gửi ảnh… ", "Sending photos… ") + kilobytes(gone) + "/" + kilobytes(total) + " kB");
      });
  end_progress(settings);
  if (sent && sent->sent > 0) keep_outbox(settings, workspace);
  return sent;
}

void print_files(const Settings& settings, const AttachmentsSent& files) {
  if (files.sent + files.waiting == 0) return;
  print_line(settings.say("Ảnh, chữ ký: đã gửi ", "Photos: ") + std::to_string(files.sent) +
             settings.say(", còn chờ ", " sent, ") + std::to_string(files.waiting) + settings.say("", " waiting"));
  if (files.hindered) remark("  " + message_for(*files.hindered, settings.language).what);
}

std::string count_text(const AttachmentsWaiting& waiting) {
  return std::to_string(waiting.count) + " (" + kilobytes(waiting.bytes) + " kB)";
}

}  // namespace songsong::client
