#include "client/sync_commands.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "client/attachment_commands.h"
#include "client/device.h"
#include "client/outbox.h"
#include "client/personal_commands.h"
#include "client/pin.h"
#include "client/sealing.h"
#include "client/spaces.h"
#include "shared/sync/bundle.h"
#include "shared/sync/join.h"
#include "shared/sync/wire.h"
#include "shared/system/entropy.h"

namespace songsong::client {
namespace {

constexpr int kMostBackOff = 8;  // times the time between two syncs, while there is no network

// What one sync did. Photos go when all else has gone.
struct Synced {
  SyncTally tally;
  AttachmentsSent files = {};
};

Json synced_json(const Synced& synced, bool checked) {
  const SyncTally& tally = synced.tally;
  Json json{{"sent", tally.sent},
            {"received", tally.received},
            {"pending", tally.pending},
            {"quarantined", tally.quarantined},
            {"erased", tally.erased},
            {"bytes_up", tally.bytes_up},
            {"bytes_down", tally.bytes_down},
            {"round_trips", tally.round_trips},
            {"files_sent", synced.files.sent},
            {"files_waiting", synced.files.waiting}};
  if (checked) {
    json["same"] = tally.same;
    json["mended"] = tally.mended;
  }
  return json;
}

std::string check_text(const Settings& settings, const SyncTally& tally) {
  if (!tally.same)
    return settings.say("Chưa so hết được với máy chủ; hãy thử lại: songsong sync --check",
                        "Not all could be compared with the server; try again: songsong sync --check");
  if (tally.mended == 0)
    return settings.say("Đã so với máy chủ: khớp hoàn toàn.", "Compared with the server: all is the same.");
  return settings.say("Đã so với máy chủ: đã sửa ", "Compared with the server: mended ") +
         std::to_string(tally.mended) + settings.say(" hồ sơ; nay khớp hoàn toàn.", " records; now all is the same.");
}

// With --json all of it is one object, at the end (print_synced).
void print_tally(const Settings& settings, const SyncTally& tally, bool checked = false) {
  if (settings.json) return;
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  print_line(settings.say("Đã gửi ", "Sent ") + number(tally.sent) +
             settings.say(" thay đổi, nhận ", " changes, received ") + number(tally.received) +
             settings.say(" hồ sơ, còn chưa gửi ", " records, not sent yet ") + number(tally.pending) + "  (" +
             number((tally.bytes_up + tally.bytes_down + 1023) / 1024) + " kB, " + number(tally.round_trips) +
             settings.say(" lượt)", " round trips)"));
  if (tally.quarantined > 0) {
    print_line(number(tally.quarantined) +
               settings.say(" thay đổi chưa được nhận, chờ nơi khác quyết định; xem: songsong status",
                            " changes wait for somebody else's decision; see: songsong status"));
  }
  if (tally.erased > 0) {
    print_line(settings.say("Đã xoá dữ liệu cá nhân theo yêu cầu: ", "Personal data erased as ordered: ") +
               number(tally.erased) + settings.say(" hồ sơ ghi trên máy này.", " records saved on this device."));
  }
  if (checked) print_line(check_text(settings, tally));
}

void print_synced(const Settings& settings, const Synced& synced, bool checked = false) {
  if (settings.json) return print_json(synced_json(synced, checked));
  print_files(settings, synced.files);
}

HttpPatience patience_of(const SyncOptions& options) {
  HttpPatience patience;
  patience.stall_seconds = options.patience_seconds;
  patience.connect_seconds = std::min(patience.connect_seconds, patience.stall_seconds);
  return patience;
}

// Receipts for bundles that were handed on lie as files, to be given back.
Outcome<Done> give_back_receipts(const Settings& settings, Workspace& workspace) {
  const Outcome<CarriedFiles> receipts = carried_receipts(workspace.replica());
  if (!receipts) return receipts.fault();
  for (const auto& [name, bytes] : *receipts) {
    const std::string folder = workspace.folder() + "/receipts";
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const std::string path = folder + "/" + name.substr(0, 12) + ".receipt";
    const Outcome<Done> written = write_file(path, bytes);
    if (!written) return written;
    const Outcome<Done> dropped = drop_receipts(workspace.replica(), name);
    if (!dropped) return dropped;
    if (!settings.json) remark(settings.say("Giấy nhận để trả lại: ", "Receipts to give back: ") + path);
  }
  return Done{};
}

// Ends early on a signal; true then.
bool wait(int signals, int milliseconds) {
  pollfd descriptor{.fd = signals, .events = POLLIN, .revents = 0};
  return poll(&descriptor, 1, milliseconds) > 0;
}

// A sealed folder takes a ticket when it is open.
Outcome<Done> give_ticket(const Settings& settings, const Ticket& ticket, bool same_server) {
  const Outcome<StoreLies> lies = store_lies(settings.folder);
  if (!lies) return lies.fault();
  if (*lies != StoreLies::kSealed) return Workspace::set_up(settings.folder, ticket, same_server);
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<Done> taken = (*workspace)->take_ticket(ticket, same_server);
  if (taken) keep_outbox(settings, **workspace);
  return taken;
}

// Of a folder that is locked: what it has to send goes, and nothing can come in.
Exit send_locked(const Settings& settings, const SyncOptions& options) {
  const Outcome<std::uint64_t> sent = send_outbox(settings.folder, patience_of(options));
  send_for_others(settings, patience_of(options));
  if (!sent) return sent.fault();
  const Outcome<OutboxCount> left = count_outbox(settings.folder);
  const std::uint64_t files = left ? left->files : 0;
  if (settings.json) {
    // How much is still to be sent only the opened folder knows.
    print_json(Json{{"sent", *sent},
                    {"received", 0},
                    {"pending", Json()},
                    {"quarantined", 0},
                    {"files_waiting", files},
                    {"locked", true}});
    return kDone;
  }
  print_line(settings.say("Đã chuyển tới máy chủ ", "Handed over ") + std::to_string(*sent) +
             settings.say(" thay đổi. Dữ liệu đang khoá: mở bằng PIN để nhận về (songsong unlock).",
                          " changes. The folder is locked: open it with its PIN to receive (songsong unlock)."));
  if (files > 0)
    print_line(std::to_string(files) + settings.say(" ảnh còn chờ, chỉ gửi được khi mở khoá.",
                                                    " photos wait, and are sent only when it is opened."));
  return kDone;
}

// Of a folder that is locked what waits is sent, and nothing comes in.
Outcome<Synced> sync_once(const Settings& settings, const std::optional<SealKey>& key, const SyncOptions& options) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_again(settings, key);
  if (workspace) {
    const Outcome<SyncTally> tally = converse(settings, **workspace, options);
    if (!tally) return tally.fault();
    const Outcome<AttachmentsSent> files = send_files(settings, **workspace, patience_of(options));
    if (!files) return files.fault();
    return Synced{.tally = *tally, .files = *files};
  }
  if (workspace.fault().code != "pin_needed") return workspace.fault();
  const Outcome<std::uint64_t> sent = send_outbox(settings.folder, patience_of(options));
  if (!sent) return sent.fault();
  Synced synced;
  synced.tally.sent = *sent;
  return synced;
}

}  // namespace

Exit set_up(const Settings& settings, const std::string& text, bool same_server) {
  const Outcome<Ticket> ticket = parse_ticket(text);
  if (!ticket) return ticket.fault();
  const Outcome<Done> done = give_ticket(settings, *ticket, same_server);
  if (!done) return done.fault();
  if (settings.json) {
    print_json(Json{{"replica", ticket->replica},
                    {"role", role_name(ticket->role)},
                    {"units", ticket->units},
                    {"server", ticket->url}});
    return kDone;
  }
  std::string units;
  for (const std::string& unit : ticket->units) units += (units.empty() ? "" : ", ") + unit;
  print_line(settings.say("Đã thiết lập: máy ", "Set up: replica ") + std::to_string(ticket->replica) + ", " +
             role_name(ticket->role) + " [" + units + "], " + ticket->url);
  return kDone;
}

Outcome<SyncTally> converse(const Settings& settings, Workspace& workspace, const SyncOptions& wanted) {
  ConversationOptions options;
  options.primer = &workspace.primer();
  options.check = wanted.check;
  options.busy_tries = wanted.busy_tries;
  options.patience = patience_of(wanted);
  options.progress = [&settings](const SyncTally& tally) {
    progress(settings, settings.say("Đang đồng bộ… gửi ", "Synchronising… sent ") + std::to_string(tally.sent) +
                           settings.say(", nhận ", ", received ") + std::to_string(tally.received) +
                           settings.say(", còn khoảng ", ", left about ") +
                           std::to_string(tally.pending + tally.remaining));
  };
  options.told_to_wait = [&settings](std::chrono::milliseconds pause) {
    progress(settings, settings.say("Máy chủ đang bận, chờ ", "The server is busy, waiting ") +
                           std::to_string(pause.count() / 1000) + " s");
  };
  Outcome<SyncTally> tally = converse(workspace.replica(), options);
  end_progress(settings);
  if (!tally) return tally;
  keep_outbox(settings, workspace);
  const Outcome<Done> given = give_back_receipts(settings, workspace);
  if (!given) return given.fault();
  const Outcome<std::size_t> dropped = drop_erased_drafts(workspace);
  if (!dropped) return dropped.fault();
  if (*dropped > 0)
    remark(std::to_string(*dropped) + settings.say(" bản nháp về người đã xoá dữ liệu được bỏ đi.",
                                                   " drafts about people whose data was erased are dropped."));
  return tally;
}

Exit synchronise(const Settings& settings, const SyncOptions& options) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace && workspace.fault().code == "pin_needed" && !options.check) return send_locked(settings, options);
  if (!workspace) {
    const SentForOthers others = send_for_others(settings, patience_of(options));
    // A device that people share, and that is nobody's own.
    const bool nobodys = workspace.fault().code == "no_replica" && others.spaces > 0;
    if (!nobodys) return workspace.fault();
    return others.hindered ? Exit(*others.hindered) : Exit(kDone);
  }
  const Outcome<SyncTally> tally = converse(settings, **workspace, options);
  send_for_others(settings, patience_of(options));
  if (!tally) return tally.fault();
  print_tally(settings, *tally, options.check);
  std::fflush(stdout);
  const Outcome<AttachmentsSent> files = send_files(settings, **workspace, patience_of(options));
  if (!files) return files.fault();
  print_synced(settings, Synced{.tally = *tally, .files = *files}, options.check);
  if (options.check && !tally->same) return kRefused;
  return tally->quarantined > 0 ? kSetAside : kDone;
}

Exit watch(const Settings& settings, int every_seconds, SyncOptions options) {
  // The PIN is asked for once, before signals wait.
  std::optional<SealKey> key;
  if (const Outcome<std::unique_ptr<Workspace>> first = open_workspace(settings)) {
    key = (*first)->key();
  } else if (first.fault().code != "pin_needed") {
    return first.fault();
  }
  // A busy server is left alone by the pause between two syncs, which a signal ends.
  options.busy_tries = 0;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  const int signals = signalfd(-1, &ends, SFD_CLOEXEC);
  int back_off = 1;
  for (;;) {
    const Outcome<Synced> synced = sync_once(settings, key, options);
    send_for_others(settings, patience_of(options));
    if (synced) {
      back_off = 1;
      const SyncTally& tally = synced->tally;
      if (tally.sent + tally.received + tally.quarantined + synced->files.sent > 0) {
        print_tally(settings, tally);
        print_synced(settings, *synced);
      }
      std::fflush(stdout);
    } else if (exit_code_for(synced.fault()) == 3) {
      back_off = std::min(back_off * 2, kMostBackOff);
      remark(message_for(synced.fault(), settings.language).what);
    } else {
      return synced.fault();
    }
    // A quarter more or less, so that a school's phones do not all come at once.
    std::uint8_t drawn[1] = {};
    draw_entropy(drawn);
    const int pause = every_seconds * 1000 * back_off;
    if (wait(signals, pause - pause / 8 + pause / 4 * drawn[0] / 255)) break;
  }
  close(signals);
  return kDone;
}

Exit write_bundle(const Settings& settings, const std::string& path) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<Bundle> bundle = make_bundle((*workspace)->replica(), read_clock());
  if (!bundle) return bundle.fault();
  const Outcome<Done> written = write_file(path, bundle->bytes);
  if (!written) return written.fault();
  if (settings.json) {
    print_json(Json{{"file", path}, {"changes", bundle->changes}, {"bytes", bundle->bytes.size()}});
  } else {
    print_line(std::to_string(bundle->changes) + settings.say(" thay đổi nằm trong ", " changes are in ") + path);
    const Outcome<AttachmentsWaiting> files = attachments_waiting(**workspace);
    if (files && files->count > 0)
      remark(std::to_string(files->count) + settings.say(" ảnh không nằm trong gói, chờ khi có sóng.",
                                                         " photos are not in it, and wait for a signal."));
  }
  return kDone;
}

Exit accept_from(const Settings& settings, const std::string& path) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<std::string> bytes = read_file(path, wire::kMaxBundleBytes);
  if (!bytes) return bytes.fault();
  const Outcome<AcceptedFile> accepted = accept_file((*workspace)->replica(), *bytes, read_clock());
  if (!accepted) {
    Fault fault = accepted.fault();
    if (fault.code != "refused") fault.where = path;
    return fault;
  }
  keep_outbox(settings, **workspace);
  const bool carried = accepted->what == Accepted::kBundle;
  if (settings.json) {
    print_json(Json{{"accepted", carried ? "bundle" : "receipt"},
                    {"sent", accepted->sent},
                    {"quarantined", accepted->quarantined}});
  } else if (carried) {
    print_line(settings.say("Đã nhận gói của máy khác; sẽ chuyển tiếp khi đồng bộ.",
                            "Another device's bundle is kept, and handed on at the next sync."));
  } else {
    print_line(std::to_string(accepted->sent) +
               settings.say(" thay đổi đã tới máy chủ.", " changes have reached the server."));
  }
  return accepted->quarantined > 0 ? kSetAside : kDone;
}

}  // namespace songsong::client
