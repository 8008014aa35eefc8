#include "client/outbox.h"

#include <filesystem>
#include <sstream>

#include "client/attachments.h"
#include "client/device.h"
#include "shared/core/crypto.h"
#include "shared/sync/bundle.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/courier.h"
#include "shared/sync/wire.h"

namespace songsong::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostBytes = 2 * wire::kMaxBundleBytes;  // it is written in letters
constexpr int kMostLockMs = 5'000;
constexpr std::size_t kMostSentBytes = 200;

std::string outbox_path(const std::string& folder) { return folder + "/outbox"; }
std::string sent_path(const std::string& folder) { return folder + "/outbox.sent"; }
std::string receipts_path(const std::string& folder) { return folder + "/outbox.receipts"; }
std::string files_path(const std::string& folder) { return folder + "/outbox.files"; }
std::string lock_path(const std::string& folder) { return folder + "/outbox.lock"; }

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

Outcome<Done> remove(const std::string& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return Fault{.code = "file_unwritable", .where = path, .what = "The file cannot be taken away."};
  return Done{};
}

struct Waiting {
  std::string name;  // of this very outbox
  ServerAddress server;
  std::uint64_t changes = 0;
  std::vector<std::string> frames;
  std::size_t answered = 0;  // of the frames

  bool all_answered() const { return answered >= frames.size(); }
};

std::string name_of(const std::string& text) {
  constexpr HashDomain kDomain("songsong outbox1");
  const Hash256 hash = hash256(kDomain, text);
  return to_base64url({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// "NAME COUNT"; none of another outbox's.
std::size_t answered_of(const std::string& folder, const std::string& name) {
  const Outcome<std::string> text = read_file(sent_path(folder), kMostSentBytes);
  if (!text) return 0;
  std::istringstream words(*text);
  std::string of;
  std::size_t count = 0;
  words >> of >> count;
  return words && of == name ? count : 0;
}

Outcome<Waiting> read_outbox(const std::string& folder) {
  const std::string path = outbox_path(folder);
  Outcome<std::string> text = read_file(path, kMostBytes);
  if (!text) return text.fault();
  const Fault damaged{.code = "file_damaged", .where = path, .what = "The outbox cannot be read back."};
  const Json json = Json::parse(*text, nullptr, false);
  const bool whole = json.is_object() && json.contains("server") && json["server"].is_string() &&
                     json.contains("changes") && json["changes"].is_number_unsigned() && json.contains("bundle") &&
                     json["bundle"].is_string();
  if (!whole) return damaged;
  const Outcome<std::string> bundle = from_base64url(json["bundle"].get<std::string>());
  if (!bundle) return damaged;
  Outcome<std::vector<std::string>> frames = unpack_bundle(*bundle);
  if (!frames) return damaged;
  Waiting waiting{.name = name_of(*text),
                  .server = {.url = json["server"].get<std::string>()},
                  .changes = json["changes"].get<std::uint64_t>(),
                  .frames = std::move(*frames)};
  if (const auto authority = json.find("authority"); authority != json.end()) {
    const Outcome<Fingerprint> print = authority->is_string()
                                           ? Fingerprint::from_hex(authority->get<std::string>(), path)
                                           : Outcome<Fingerprint>(damaged);
    if (!print) return damaged;
    waiting.server.authority = *print;
  }
  waiting.answered = answered_of(folder, waiting.name);
  return waiting;
}

// Beside those that came before. Of an outbox that its owner has made anew meanwhile only the receipts are kept.
Outcome<Done> note_answer(const std::string& folder, const Waiting& waiting, CarriedAnswer answer) {
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(lock_path(folder), kMostLockMs);
  if (!lock) return lock.fault();
  std::vector<CarriedAnswer> all;
  if (const Outcome<std::string> before = read_file(receipts_path(folder), wire::kMaxBundleBytes)) {
    if (Outcome<std::vector<CarriedAnswer>> answers = unpack_receipts(*before)) all = std::move(*answers);
  }
  all.push_back(std::move(answer));
  const Outcome<Done> written = write_file(receipts_path(folder), pack_receipts(all), ReadableBy::kOwner);
  if (!written) return written;
  const std::string sent = waiting.name + " " + std::to_string(waiting.answered) + "\n";
  return write_file(sent_path(folder), sent, ReadableBy::kOwner);
}

// Answered by the server that it was sealed to, or by one that knows the sender at all.
Outcome<CarriedAnswer> hand_over(HttpClient& http, const std::string& url, const std::string& frame) {
  const Outcome<HttpAnswer> answer = http.post(url, wire::kContentType, frame);
  if (!answer) return answer.fault();
  if (answer->status == 429 || answer->status >= 500)
    return Fault{.code = "busy", .where = url, .what = "The server is busy."};
  Outcome<CarriedAnswer> carried = answer_to(frame, answer->body);
  if (!carried) return carried;
  const std::string refusal = refusal_without_tag(answer->body);
  if (answer->status == 200 && refusal.empty()) return carried;
  return Fault{
      .code = "refused", .where = refusal.empty() ? "request_malformed" : refusal, .what = "It was not taken."};
}

Outcome<Done> write_how_many_files(Workspace& workspace) {
  const Outcome<AttachmentsWaiting> files = attachments_waiting(workspace);
  if (!files) return files.fault();
  if (files->count == 0) return remove(files_path(workspace.folder()));
  return write_file(files_path(workspace.folder()), std::to_string(files->count) + "\n", ReadableBy::kOwner);
}

std::uint64_t how_many_files(const std::string& folder) {
  std::uint64_t count = 0;
  if (const Outcome<std::string> text = read_file(files_path(folder), kMostSentBytes))
    std::istringstream(*text) >> count;
  return count;
}

Outcome<Done> write_what_waits(Workspace& workspace) {
  const std::string& folder = workspace.folder();
  const Outcome<Done> files = write_how_many_files(workspace);
  if (!files) return files;
  const Outcome<Bundle> bundle = make_bundle(workspace.replica(), read_clock());
  if (!bundle && bundle.fault().code != "nothing_to_send" && bundle.fault().code != "no_server") return bundle.fault();
  const Outcome<Done> anew = remove(sent_path(folder));
  if (!anew) return anew;
  if (!bundle) return remove(outbox_path(folder));
  const Outcome<ServerAddress> server = workspace.server();
  if (!server) return server.fault();
  Json json{{"server", server->url}, {"changes", bundle->changes}, {"bundle", to_base64url(bundle->bytes)}};
  if (server->authority) json["authority"] = to_text(*server->authority);
  return write_file(outbox_path(folder), json.dump() + "\n", ReadableBy::kOwner);
}

}  // namespace

Outcome<Done> write_outbox(Workspace& workspace) {
  if (!workspace.key()) return Done{};
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(lock_path(workspace.folder()), kMostLockMs);
  if (!lock) return lock.fault();
  return write_what_waits(workspace);
}

void keep_outbox(const Settings& settings, Workspace& workspace) {
  const Outcome<Done> written = write_outbox(workspace);
  if (!written) remark(told(settings, written.fault()));
}

// What cannot be taken in says nothing that the next sync does not say again.
Outcome<Done> bring_outbox_up(Workspace& workspace) {
  const std::string& folder = workspace.folder();
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(lock_path(folder), kMostLockMs);
  if (!lock) return lock.fault();
  const std::string path = receipts_path(folder);
  if (exists(path)) {
    const Outcome<std::string> bytes = read_file(path, wire::kMaxBundleBytes);
    const Outcome<AcceptedFile> accepted =
        bytes ? accept_file(workspace.replica(), *bytes, read_clock()) : Outcome<AcceptedFile>(bytes.fault());
    if (!accepted && accepted.fault().code.starts_with("storage_")) return accepted.fault();
    const Outcome<Done> gone = remove(path);
    if (!gone) return gone;
  }
  const Outcome<std::uint64_t> pending = workspace.replica().pending();
  if (!pending) return pending.fault();
  const Outcome<Waiting> waiting = exists(outbox_path(folder)) ? read_outbox(folder) : Outcome<Waiting>(Waiting{});
  const bool as_it_is = waiting && waiting->changes == *pending && waiting->answered == 0;
  return as_it_is ? Outcome<Done>(Done{}) : write_what_waits(workspace);
}

Outcome<std::uint64_t> send_outbox(const std::string& folder, const HttpPatience& patience) {
  if (!exists(outbox_path(folder))) return std::uint64_t{0};
  Outcome<Waiting> waiting = read_outbox(folder);
  if (!waiting) return waiting.fault();
  if (waiting->all_answered()) return std::uint64_t{0};
  HttpClient http(waiting->server.authority, patience);
  const std::string url = waiting->server.url + wire::kSyncPath;
  while (!waiting->all_answered()) {
    Outcome<CarriedAnswer> answer = hand_over(http, url, waiting->frames[waiting->answered]);
    if (!answer) return answer.fault();
    ++waiting->answered;
    const Outcome<Done> noted = note_answer(folder, *waiting, std::move(*answer));
    if (!noted) return noted.fault();
  }
  return waiting->changes;
}

Outcome<OutboxCount> count_outbox(const std::string& folder) {
  OutboxCount count{.waiting = 0, .handed_over = 0, .files = how_many_files(folder)};
  if (!exists(outbox_path(folder))) return count;
  const Outcome<Waiting> waiting = read_outbox(folder);
  if (!waiting) return waiting.fault();
  (waiting->all_answered() ? count.handed_over : count.waiting) = waiting->changes;
  return count;
}

}  // namespace songsong::client
