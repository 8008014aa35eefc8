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
constexpr const char* kBytesPrefix = "attachment.bytes.";
constexpr const char* kNewPrefix = "attachment.new.";
constexpr const char* kForPrefix = "attachment.for.";
constexpr std::size_t kMostWaiting = 10'000;

// A part is what about so much time of the link carries, so that little is lost where something in front of the server
// hands on whole parts only.
constexpr std::size_t kLeastPart = 8 * 1024;
constexpr std::size_t kFirstPart = 32 * 1024;
constexpr std::size_t kMostPart = 256 * 1024;
constexpr auto kPartTakes = std::chrono::seconds(4);

std::string bytes_setting(const AttachmentHash& hash) { return kBytesPrefix + to_text(hash); }
std::string new_setting(const AttachmentHash& hash) { return kNewPrefix + to_text(hash); }

struct Waiting {
  AttachmentHash hash;
  std::uint64_t size = 0;
  RecordId record = {};
  bool begun = false;  // part of it may be at the server

  std::string setting() const { return kForPrefix + to_text(hash) + "." + to_text(record); }
  std::string text() const { return std::to_string(size) + (begun ? " begun" : ""); }
};

std::optional<AttachmentHash> hash_at(const std::string& name, const char* prefix) {
  const std::size_t from = std::string_view(prefix).size();
  const Outcome<AttachmentHash> hash = AttachmentHash::from_hex(name.substr(from, 2 * AttachmentHash::kSize), name);
  return hash ? std::optional(*hash) : std::nullopt;
}

Outcome<Done> write(Workspace& workspace, const StoreBatch& batch) {
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> { return batch; };
  const Outcome<StoreSequence> written = workspace.store().write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

Outcome<Done> note(Workspace& workspace, const Waiting& waiting) {
  StoreBatch batch;
  batch.settings[waiting.setting()] = waiting.text();
  return write(workspace, batch);
}

std::vector<Waiting> read_waiting(StoreReader& reader) {
  std::vector<Waiting> all;
  for (const auto& [name, value] : reader.settings(kForPrefix, "", kMostWaiting)) {
    const std::optional<AttachmentHash> hash = hash_at(name, kForPrefix);
    const std::size_t at = std::string_view(kForPrefix).size() + 2 * AttachmentHash::kSize + 1;
    const Outcome<Name> record = parse_name(at < name.size() ? name.substr(at) : "");
    if (!hash || !record) continue;
    Waiting waiting{.hash = *hash, .size = 0, .record = *record, .begun = value.ends_with(" begun")};
    std::istringstream(value) >> waiting.size;
    all.push_back(waiting);
  }
  return all;
}

// The program was ended between a save and the noting of its record: every record that names the file.
Outcome<Done> find_records(Workspace& workspace) {
  StoreBatch batch;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    for (const auto& [name, size] : reader.settings(kNewPrefix, "", kMostWaiting)) {
      const std::optional<AttachmentHash> hash = hash_at(name, kNewPrefix);
      batch.settings[name] = "";
      for (const KindPolicy& kind : workspace.policies().table().kind()) {
        if (!hash || !has_attachments(kind)) continue;
        each_live_record(reader, workspace.policies(), &kind, [&](const Shown& shown) {
          if (!attachments_of(*shown.state, kind).contains(*hash)) return;
          batch.settings[Waiting{.hash = *hash, .size = 0, .record = shown.id(), .begun = false}.setting()] = size;
        });
      }
    }
  });
  if (!read) return read.fault();
  return batch.settings.empty() ? Outcome<Done>(Done{}) : write(workspace, batch);
}

Outcome<std::vector<Waiting>> all_waiting(Workspace& workspace) {
  const Outcome<Done> found = find_records(workspace);
  if (!found) return found.fault();
  std::vector<Waiting> all;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) { all = read_waiting(reader); });
  if (!read) return read.fault();
  return all;
}

// Nobody waits for it any more; the file goes with the last record that did. `destroyed`: it is to be found on this
// device no more.
Outcome<Done> let_go(Workspace& workspace, const Waiting& waiting, bool destroyed) {
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[waiting.setting()] = "";
    const std::vector<Waiting> all = read_waiting(reader);
    const bool last = std::none_of(all.begin(), all.end(), [&](const Waiting& each) {
      return each.hash == waiting.hash && each.record != waiting.record;
    });
    if (!last) return batch;
    batch.settings[bytes_setting(waiting.hash)] = "";
    batch.values_destroyed = destroyed;
    return batch;
  };
  const Outcome<StoreSequence> written = workspace.store().write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
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

  // True when the server has it whole; false where it does not take it now. What this device recorded while it was
  // another replica, with another ticket, it sends as that.
  Outcome<bool> run(const std::string& bytes, const std::function<void(std::uint64_t)>& progress) {
    const Outcome<std::vector<ReplicaId>> replicas = workspace_.own_replicas();
    if (!replicas) return replicas.fault();
    for (const ReplicaId replica : *replicas) {
      replica_ = replica;
      const Outcome<bool> taken = run_as(bytes, progress);
      if (!taken || *taken) return taken;
    }
    return false;
  }

 private:
  Outcome<bool> run_as(const std::string& bytes, const std::function<void(std::uint64_t)>& progress) {
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

  Outcome<HttpAnswer> put(const std::string& bytes, std::size_t from, std::size_t length) {
    const Outcome<std::string> proof = workspace_.authorization("PUT " + target_, replica_);
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
  ReplicaId replica_ = 0;  // as which it asks
  std::size_t part_ = kFirstPart;
};

// Its bytes; empty where it was let go.
Outcome<std::string> made_ready(Workspace& workspace, const Waiting& waiting) {
  std::string bytes;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    if (is_needed(waiting, reader, workspace.policies())) bytes = reader.setting(bytes_setting(waiting.hash));
  });
  if (!read) return read.fault();
  if (!bytes.empty()) return bytes;
  const Outcome<Done> done = let_go(workspace, waiting, true);
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
    if (bytes->empty()) return Fault{.code = "file_empty", .where = path, .what = "The file is empty."};
    const AttachmentHash hash = attachment_hash(*bytes);
    taken.assignments.push_back(field->name() + "=" + to_text(hash));
    taken.hashes.push_back(hash);
    taken.marks[new_setting(hash)] = std::to_string(bytes->size());
    taken.marks[bytes_setting(hash)] = *bytes;
  }
  return taken;
}

Outcome<Done> note_record(Workspace& workspace, const TakenFiles& files, RecordId record) {
  if (files.hashes.empty()) return Done{};
  StoreBatch batch;
  for (const AttachmentHash& hash : files.hashes) {
    const std::string& bytes = files.marks.at(bytes_setting(hash));
    const Waiting waiting{.hash = hash, .size = bytes.size(), .record = record, .begun = false};
    batch.settings[bytes_setting(hash)] = bytes;
    batch.settings[waiting.setting()] = waiting.text();
    batch.settings[new_setting(hash)] = "";
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
  const Outcome<std::vector<Waiting>> all = all_waiting(workspace);
  if (!all) return all.fault();
  if (all->empty()) return done;
  const Outcome<ServerAddress> server = workspace.server();
  if (!server) return server.fault();
  HttpClient http(server->authority, patience);
  std::uint64_t total = 0, gone = 0;
  for (const Waiting& each : *all) total += each.size;
  for (const Waiting& each : *all) {
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
      const Outcome<Done> forgotten = let_go(workspace, each, false);
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
