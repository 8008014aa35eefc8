#include "client/attachments.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include "client/conversation.h"
#include "shared/json/record_json.h"
#include "shared/replica/record_cache.h"
#include "shared/system/files.h"

namespace songsong::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Shard kShard = 0;
constexpr const char* kSizePrefix = "attachment.size.";
constexpr const char* kBytesPrefix = "attachment.bytes.";
constexpr std::size_t kMostWaiting = 10'000;

// A part is what about so much time of the link carries, so that little is lost where something in front of the server
// hands on whole parts only.
constexpr std::size_t kLeastPart = 8 * 1024;
constexpr std::size_t kFirstPart = 32 * 1024;
constexpr std::size_t kMostPart = 256 * 1024;
constexpr auto kPartTakes = std::chrono::seconds(4);

std::string size_setting(const AttachmentHash& hash) { return kSizePrefix + to_text(hash); }
std::string bytes_setting(const AttachmentHash& hash) { return kBytesPrefix + to_text(hash); }

struct Waiting {
  AttachmentHash hash;
  std::uint64_t size = 0;
  RecordId record = {};  // not valid: it is to be looked for
  bool begun = false;    // part of it may be at the server

  std::string text() const {
    std::string text = std::to_string(size);
    if (record.valid()) text += " " + to_text(record) + (begun ? " begun" : "");
    return text;
  }
};

Waiting waiting_of(const AttachmentHash& hash, const std::string& text) {
  Waiting waiting{.hash = hash};
  std::istringstream words(text);
  std::string record, begun;
  words >> waiting.size >> record >> begun;
  if (const Outcome<Name> name = parse_name(record)) waiting.record = *name;
  waiting.begun = begun == "begun";
  return waiting;
}

Outcome<std::vector<Waiting>> all_waiting(Workspace& workspace) {
  std::vector<Waiting> all;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    for (const auto& [name, value] : reader.settings(kSizePrefix, "", kMostWaiting)) {
      const Outcome<AttachmentHash> hash = AttachmentHash::from_hex(name.substr(std::string(kSizePrefix).size()), name);
      if (hash) all.push_back(waiting_of(*hash, value));
    }
  });
  if (!read) return read.fault();
  return all;
}

Outcome<Done> write(Workspace& workspace, const StoreBatch& batch) {
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> { return batch; };
  const Outcome<StoreSequence> written = workspace.store().write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

Outcome<Done> note(Workspace& workspace, const Waiting& waiting) {
  StoreBatch batch;
  batch.settings[size_setting(waiting.hash)] = waiting.text();
  return write(workspace, batch);
}

// `destroyed`: it is to be found on this device no more.
Outcome<Done> let_go(Workspace& workspace, const AttachmentHash& hash, bool destroyed) {
  StoreBatch batch;
  batch.settings[size_setting(hash)] = "";
  batch.settings[bytes_setting(hash)] = "";
  batch.values_destroyed = destroyed;
  return write(workspace, batch);
}

// The record that names it, among those that are held here; not valid where none does.
RecordId record_naming(const AttachmentHash& hash, StoreReader& reader, const Policies& policies) {
  RecordId found;
  for (const KindPolicy& kind : policies.table().kind()) {
    if (!has_attachments(kind)) continue;
    each_live_record(reader, policies, &kind, [&](const Shown& shown) {
      if (attachments_of(*shown.state, kind).contains(hash)) found = shown.id();
    });
  }
  return found;
}

// Whether somebody still needs it at the server: the record names it; or it lives elsewhere by now, and what was saved
// here of it has not been erased.
bool is_needed(const Waiting& waiting, StoreReader& reader, const Policies& policies) {
  const RecordId wanted[] = {waiting.record};
  RecordCache cache(policies, reader);
  cache.load(wanted);
  const Shown* const shown = cache.records().find(waiting.record);
  if (shown != nullptr && shown->kind != nullptr && shown->state->opened)
    return attachments_of(*shown->state, *shown->kind).contains(waiting.hash);
  const auto& values = cache.personal(waiting.record).all();
  return std::any_of(values.begin(), values.end(), [&](const auto& each) {
    return each.second.bytes() != nullptr && *each.second.bytes() == waiting.hash.view();
  });
}

// One file on its way.
class Upload {
 public:
  Upload(Workspace& workspace, HttpClient& http, const ServerAddress& server, const Waiting& waiting)
      : workspace_(workspace),
        http_(http),
        waiting_(waiting),
        target_("/v1/records/" + to_text(waiting.record) + "/attachments/" + to_text(waiting.hash)),
        url_(server.url + target_) {}

  // True when the server has it whole; false where it does not take it now.
  Outcome<bool> run(const std::string& bytes, const std::function<void(std::uint64_t)>& progress) {
    std::size_t held = 0;
    bool asks = waiting_.begun;  // how much is there
    int lost = 0;
    bool anew = false;
    for (;;) {
      const std::size_t part = asks ? 0 : std::min(part_, bytes.size() - held);
      const auto began = Clock::now();
      const Outcome<HttpAnswer> answer = put(bytes, held, part);
      if (!answer) {
        const Outcome<Done> noted = begun();
        if (!noted) return noted.fault();
        if (++lost >= kTries || answer.fault().code != "network") return answer.fault();
        part_ = std::max(kLeastPart, part_ / 2);
        asks = true;
        continue;
      }
      const Json json = Json::parse(answer->body, nullptr, false);
      if (answer->status == 503 || answer->status == 429)
        return Fault{.code = "busy", .where = url_, .what = "The server is busy."};
      if (!json.is_object())
        return Fault{.code = "not_our_server", .where = url_, .what = "The answer is none of a SongSong server."};
      if (answer->status == 422 && !anew) {
        // What somebody left there was no part of it.
        anew = true;
        held = 0;
        continue;
      }
      const auto told = json.find("held");
      if ((answer->status != 200 && answer->status != 409) || told == json.end() || !told->is_number_unsigned())
        return false;
      if (json.value("whole", false)) return true;
      const auto now_held = told->get<std::size_t>();
      if (now_held > bytes.size()) return false;
      // Neither side can be sent round in circles: each answer goes on, or the file waits for another day.
      if (!asks && now_held <= held && ++lost >= kTries) return false;
      if (now_held > held) lost = 0;
      held = now_held;
      if (!asks) pace(Clock::now() - began);
      asks = false;
      progress(held);
    }
  }

 private:
  Outcome<HttpAnswer> put(const std::string& bytes, std::size_t from, std::size_t length) {
    const Outcome<std::string> proof = workspace_.authorization(target_);
    if (!proof) return proof.fault();
    const std::string range = length == 0 ? "*" : std::to_string(from) + "-" + std::to_string(from + length - 1);
    return http_.put(url_, *proof, "bytes " + range + "/" + std::to_string(bytes.size()), bytes.substr(from, length));
  }

  Outcome<Done> begun() {
    if (waiting_.begun) return Done{};
    waiting_.begun = true;
    return note(workspace_, waiting_);
  }

  void pace(Clock::duration took) {
    if (took < kPartTakes / 2) part_ = std::min(kMostPart, part_ * 2);
    if (took > kPartTakes * 2) part_ = std::max(kLeastPart, part_ / 2);
  }

  Workspace& workspace_;
  HttpClient& http_;
  Waiting waiting_;
  const std::string target_, url_;
  std::size_t part_ = kFirstPart;
};

// Its record found, and its bytes; empty where it was let go.
Outcome<std::string> made_ready(Workspace& workspace, Waiting& waiting) {
  std::string bytes;
  bool needed = false;
  const bool unknown = !waiting.record.valid();
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    if (unknown) waiting.record = record_naming(waiting.hash, reader, workspace.policies());
    needed = waiting.record.valid() && is_needed(waiting, reader, workspace.policies());
    if (needed) bytes = reader.setting(bytes_setting(waiting.hash));
  });
  if (!read) return read.fault();
  const Outcome<Done> done = bytes.empty() ? let_go(workspace, waiting.hash, true)
                             : unknown     ? note(workspace, waiting)
                                           : Outcome<Done>(Done{});
  if (!done) return done.fault();
  return bytes;
}

}  // namespace

Outcome<TakenFiles> take_files(const KindPolicy& kind, const std::vector<std::string>& assignments) {
  TakenFiles taken;
  for (const std::string& assignment : assignments) {
    const std::size_t at = assignment.find("=@");
    const FieldPolicy* field = nullptr;
    for (const FieldPolicy& each : kind.field()) {
      if (at != std::string::npos && each.name() == assignment.substr(0, at)) field = &each;
    }
    if (field == nullptr || field->type() != policy::ATTACHMENT) {
      taken.assignments.push_back(assignment);
      continue;
    }
    const std::string path = assignment.substr(at + 2);
    const Outcome<std::string> bytes = read_file(path, kMaxAttachmentBytes);
    if (!bytes && bytes.fault().code == "file_too_large")
      return Fault{.code = "attachment_too_large", .where = path, .what = "The file is larger than 2 MB."};
    if (!bytes) return bytes.fault();
    if (bytes->empty()) return Fault{.code = "file_unreadable", .where = path, .what = "The file is empty."};
    const AttachmentHash hash = attachment_hash(*bytes);
    taken.assignments.push_back(field->name() + "=" + to_text(hash));
    taken.hashes.push_back(hash);
    taken.marks[size_setting(hash)] = Waiting{.hash = hash, .size = bytes->size()}.text();
    taken.marks[bytes_setting(hash)] = *bytes;
  }
  return taken;
}

Outcome<Done> note_record(Workspace& workspace, const std::vector<AttachmentHash>& hashes, RecordId record) {
  if (hashes.empty()) return Done{};
  const Outcome<std::vector<Waiting>> all = all_waiting(workspace);
  if (!all) return all.fault();
  StoreBatch batch;
  for (Waiting waiting : *all) {
    if (std::find(hashes.begin(), hashes.end(), waiting.hash) == hashes.end()) continue;
    waiting.record = record;
    batch.settings[size_setting(waiting.hash)] = waiting.text();
  }
  return write(workspace, batch);
}

Outcome<AttachmentsWaiting> attachments_waiting(Workspace& workspace) {
  const Outcome<std::vector<Waiting>> all = all_waiting(workspace);
  if (!all) return all.fault();
  AttachmentsWaiting count;
  for (const Waiting& each : *all) {
    ++count.count;
    count.bytes += each.size;
  }
  return count;
}

Outcome<AttachmentsSent> send_attachments(Workspace& workspace, const HttpPatience& patience,
                                          const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  AttachmentsSent done;
  Outcome<std::vector<Waiting>> all = all_waiting(workspace);
  if (!all) return all.fault();
  if (all->empty()) return done;
  const Outcome<ServerAddress> server = workspace.server();
  if (!server) return server.fault();
  HttpClient http(server->authority, patience);
  std::uint64_t total = 0, gone = 0;
  for (const Waiting& each : *all) total += each.size;
  for (Waiting& each : *all) {
    const Outcome<std::string> bytes = made_ready(workspace, each);
    if (!bytes) return bytes.fault();
    if (bytes->empty()) continue;
    if (done.hindered) {
      ++done.waiting;
      continue;
    }
    const Outcome<bool> taken =
        Upload(workspace, http, *server, each).run(*bytes, [&](std::uint64_t held) { progress(gone + held, total); });
    if (!taken && taken.fault().code.starts_with("storage_")) return taken.fault();
    gone += each.size;
    if (taken && *taken) {
      const Outcome<Done> forgotten = let_go(workspace, each.hash, false);
      if (!forgotten) return forgotten.fault();
      ++done.sent;
    } else {
      ++done.waiting;
    }
    if (!taken) done.hindered = taken.fault();
  }
  return done;
}

Outcome<std::string> fetch_attachment(Workspace& workspace, const RecordView& view, const HttpPatience& patience) {
  const KindPolicy* const kind = workspace.policies().kind(view.state.kind);
  const Fault unknown{
      .code = "unknown_attachment", .where = to_text(view.state.id), .what = "The record names no file."};
  if (kind == nullptr) return unknown;
  const Shown shown = show(view.state, kind);
  std::optional<AttachmentHash> hash;
  for (const FieldPolicy& field : kind->field()) {
    const Value* const value = field.type() == policy::ATTACHMENT ? shown.find(field.number()) : nullptr;
    if (value == nullptr || value->bytes() == nullptr || hash) continue;
    if (const Outcome<AttachmentHash> named = AttachmentHash::from_bytes(*value->bytes(), "attachment")) hash = *named;
  }
  if (!hash) return unknown;
  std::string bytes;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) { bytes = reader.setting(bytes_setting(*hash)); });
  if (!read) return read.fault();
  if (!bytes.empty()) return bytes;
  const Outcome<ServerAddress> server = workspace.server();
  if (!server) return server.fault();
  const std::string target = "/v1/records/" + to_text(view.state.id) + "/attachments/" + to_text(*hash);
  const Outcome<std::string> proof = workspace.authorization(target);
  if (!proof) return proof.fault();
  HttpClient http(server->authority, patience);
  for (int lost = 0;;) {
    const Outcome<HttpAnswer> answer = http.get(server->url + target, *proof, bytes.size());
    if (!answer && (answer.fault().code != "network" || ++lost >= kTries)) return answer.fault();
    if (answer && answer->status == 503) return Fault{.code = "busy", .where = server->url, .what = "It is busy."};
    if (answer && answer->status != 200 && answer->status != 206) return unknown;
    if (answer && answer->status == 200) bytes.clear();  // all of it, whatever was asked
    if (!http.came().empty()) lost = 0;
    bytes += http.came();
    if (bytes.size() > kMaxAttachmentBytes) return unknown;
    if (!answer) continue;
    if (attachment_hash(bytes) == *hash) return bytes;
    return Fault{.code = "attachment_mismatch", .where = server->url, .what = "Another file came."};
  }
}

}  // namespace songsong::client
