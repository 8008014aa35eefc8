#include "client/attachments.h"

#include <algorithm>
#include <chrono>

#include "client/conversation.h"
#include "shared/json/record_json.h"

namespace songsong::client {
namespace {

using Clock = std::chrono::steady_clock;

// A part is what about so much time of the link carries, so that little is lost where something in front of the server
// hands on whole parts only.
constexpr std::size_t kLeastPart = 8 * 1024;
constexpr std::size_t kFirstPart = 32 * 1024;
constexpr std::size_t kMostPart = 256 * 1024;
constexpr auto kPartTakes = std::chrono::seconds(4);

// One file on its way.
class Upload {
 public:
  Upload(Workspace& workspace, HttpClient& http, const ServerAddress& server, const WaitingFile& waiting)
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
  WaitingFile waiting_;
  const std::string target_, url_;
  ReplicaId replica_ = 0;  // as which it asks
  std::size_t part_ = kFirstPart;
};

}  // namespace

Outcome<AttachmentsSent> send_attachments(Workspace& workspace, const HttpPatience& patience,
                                          const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  AttachmentsSent done;
  const Outcome<std::vector<WaitingFile>> all = all_waiting(workspace);
  if (!all) return all.fault();
  if (all->empty()) return done;
  const Outcome<ServerAddress> server = workspace.server();
  if (!server) return server.fault();
  HttpClient http(server->authority, patience);
  std::uint64_t total = 0, gone = 0;
  for (const WaitingFile& each : *all) total += each.size;
  for (const WaitingFile& each : *all) {
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
  const Outcome<std::string> held = held_file(workspace, *hash);
  if (!held || !held->empty()) return held;
  std::string bytes;
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
