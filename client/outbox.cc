#include "client/outbox.h"

#include <algorithm>
#include <filesystem>

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
constexpr std::size_t kMostNameLetters = 40;
constexpr std::size_t kMostSpaces = 64;
constexpr const char* kSpaces = "spaces";

std::string outbox_path(const std::string& folder) { return folder + "/outbox"; }
std::string receipts_path(const std::string& folder) { return folder + "/outbox.receipts"; }
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
  std::string text;  // the whole file
  std::string server;
  std::uint64_t changes = 0;
  std::vector<std::string> frames;
};

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
  return Waiting{.text = std::move(*text),
                 .server = json["server"].get<std::string>(),
                 .changes = json["changes"].get<std::uint64_t>(),
                 .frames = std::move(*frames)};
}

// The owner may have saved more since it was read: what holds that stays.
Outcome<Done> put_receipts(const std::string& folder, const Waiting& sent, const std::string& receipts) {
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(lock_path(folder));
  if (!lock) return lock.fault();
  const Outcome<Done> written = write_file(receipts_path(folder), receipts, ReadableBy::kOwner);
  if (!written) return written;
  const Outcome<std::string> now = read_file(outbox_path(folder), kMostBytes);
  return now && *now == sent.text ? remove(outbox_path(folder)) : Outcome<Done>(Done{});
}

}  // namespace

Outcome<Done> write_outbox(Workspace& workspace) {
  if (!workspace.key()) return Done{};
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(lock_path(workspace.folder()));
  if (!lock) return lock.fault();
  const Outcome<Bundle> bundle = make_bundle(workspace.replica(), read_clock());
  if (!bundle) {
    if (bundle.fault().code != "nothing_to_send" && bundle.fault().code != "no_server") return bundle.fault();
    return remove(outbox_path(workspace.folder()));
  }
  const Outcome<std::string> server = workspace.server_url();
  if (!server) return server.fault();
  const Json json{{"server", *server}, {"changes", bundle->changes}, {"bundle", to_base64url(bundle->bytes)}};
  return write_file(outbox_path(workspace.folder()), json.dump() + "\n", ReadableBy::kOwner);
}

void keep_outbox(const Settings& settings, Workspace& workspace) {
  const Outcome<Done> written = write_outbox(workspace);
  if (!written) remark(message_for(written.fault(), settings.language).what + "  (" + written.fault().where + ")");
}

// What cannot be taken in says nothing that the next sync does not say again.
Outcome<Done> take_outbox_receipts(Workspace& workspace) {
  const std::string path = receipts_path(workspace.folder());
  if (!exists(path)) return Done{};
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(lock_path(workspace.folder()));
  if (!lock) return lock.fault();
  const Outcome<std::string> bytes = read_file(path, wire::kMaxBundleBytes);
  if (bytes) {
    const Outcome<AcceptedFile> accepted = accept_file(workspace.replica(), *bytes, read_clock());
    if (!accepted && accepted.fault().code.starts_with("storage_")) return accepted.fault();
  }
  return remove(path);
}

Outcome<std::uint64_t> send_outbox(const std::string& folder, const HttpPatience& patience) {
  if (!exists(outbox_path(folder))) return std::uint64_t{0};
  const Outcome<Waiting> waiting = read_outbox(folder);
  if (!waiting) return waiting.fault();
  HttpClient http(patience);
  std::vector<CarriedAnswer> answers;
  for (const std::string& frame : waiting->frames) {
    const std::string url = waiting->server + wire::kSyncPath;
    const Outcome<HttpAnswer> answer = http.post(url, wire::kContentType, frame);
    if (!answer) return answer.fault();
    Outcome<CarriedAnswer> carried = answer_to(frame, answer->body);
    if (!carried) return carried.fault();
    answers.push_back(std::move(*carried));
  }
  const Outcome<Done> put = put_receipts(folder, *waiting, pack_receipts(answers));
  if (!put) return put.fault();
  return waiting->changes;
}

std::uint64_t waiting_in_outbox(const std::string& folder) {
  if (!exists(outbox_path(folder))) return 0;
  const Outcome<Waiting> waiting = read_outbox(folder);
  return waiting ? waiting->changes : 0;
}

Outcome<std::string> space_folder(const std::string& folder, const std::string& name) {
  const auto simple = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > kMostNameLetters || !std::all_of(name.begin(), name.end(), simple))
    return Fault{.code = "usage", .where = "--space " + name.substr(0, kMostNameLetters), .what = "a-z, 0-9, - or _."};
  return folder + "/" + kSpaces + "/" + name;
}

std::vector<Space> spaces_beside(const std::string& folder) {
  std::error_code error;
  fs::path device = fs::weakly_canonical(folder, error);
  if (device.parent_path().filename() == kSpaces) device = device.parent_path().parent_path();
  std::vector<Space> spaces{Space{.name = {}, .folder = device.string()}};
  for (const fs::directory_entry& each : fs::directory_iterator(device / kSpaces, error)) {
    if (spaces.size() == kMostSpaces) break;
    if (each.is_directory(error))
      spaces.push_back(Space{.name = each.path().filename().string(), .folder = each.path().string()});
  }
  std::sort(spaces.begin(), spaces.end(), [](const Space& one, const Space& other) { return one.name < other.name; });
  return spaces;
}

Exit list_spaces(const Settings& settings) {
  for (const Space& space : spaces_beside(settings.folder)) {
    const Outcome<StoreLies> lies = Workspace::lies(space.folder);
    if (!lies) return lies.fault();
    if (*lies == StoreLies::kNowhere) continue;
    const bool sealed = *lies == StoreLies::kSealed;
    const std::uint64_t waiting = waiting_in_outbox(space.folder);
    if (settings.json) {
      print_json(Json{{"space", space.name}, {"dir", space.folder}, {"sealed", sealed}, {"waiting", waiting}});
      continue;
    }
    print_line((space.name.empty() ? settings.say("(máy này)", "(this device)") : space.name) + "  " +
               (sealed ? std::to_string(waiting) + settings.say(" thay đổi chưa gửi", " changes not sent yet")
                       : settings.say("chưa niêm phong", "not sealed")));
  }
  return kDone;
}

}  // namespace songsong::client
