#include "server/routes.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <string_view>

#include "server/page.h"
#include "server/totals.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;

constexpr Shard kShard = 0;
constexpr const char* kRecordPath = "/v1/records/{id}";
constexpr const char* kAttachmentPath = "/v1/records/{id}/attachments/{sha256}";
constexpr const char* kRevokePath = "/v1/devices/{id}/revoke";
constexpr const char* kReplacePath = "/v1/devices/{id}/replace";
constexpr std::string_view kDevicesUnder = "/v1/devices/";
constexpr std::string_view kBetween = "/attachments/";
constexpr std::string_view kSessionPath = "/v1/session";
constexpr std::string_view kRecordsUnder = "/v1/records/";

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

Reply page(std::string_view html) {
  Reply reply;
  reply.type = "text/html; charset=utf-8";
  reply.body = std::string(html);
  return reply;
}

Reply wrong_method(const std::string& allowed) {
  Reply reply = problem(405, "method_not_allowed", "Only this is taken here: " + allowed);
  reply.allow = allowed;
  return reply;
}

Reply too_much() { return problem(503, "busy", "Too much is being sent at once; try again."); }

Reply conversed(Answered answered, Metrics& metrics) {
  metrics.served(answered.served, wall_clock_ms());
  Reply reply;
  reply.status = answered.status;
  reply.type = wire::kContentType;
  reply.body = std::move(answered.frame);
  reply.replica = answered.served.replica;
  reply.refusal = answered.served.refusal;
  reply.served = std::move(answered.served);
  return reply;
}

// Of all that there are: the methods that each takes.
const std::map<std::string, std::string, std::less<>>& methods() {
  static const std::map<std::string, std::string, std::less<>> all{{"/", "GET, HEAD"},
                                                                   {wire::kSyncPath, "POST"},
                                                                   {wire::kEnrolPath, "POST"},
                                                                   {"/v1/totals", "GET, HEAD"},
                                                                   {"/v1/totals/stream", "GET, HEAD"},
                                                                   {"/v1/units", "GET, HEAD"},
                                                                   {"/v1/measures", "GET, HEAD"},
                                                                   {"/v1/openapi.json", "GET, HEAD"},
                                                                   {"/v1/session", "GET, HEAD, POST, DELETE"},
                                                                   {"/v1/session/password", "POST"},
                                                                   {"/v1/records", "GET, HEAD"},
                                                                   {kRecordPath, "GET, HEAD"},
                                                                   {kAttachmentPath, "GET, HEAD, PUT"},
                                                                   {"/v1/cases", "GET, HEAD"},
                                                                   {"/v1/health", "GET, HEAD"},
                                                                   {"/v1/devices", "GET, HEAD"},
                                                                   {kRevokePath, "POST"},
                                                                   {kReplacePath, "POST"},
                                                                   {"/devices", "GET, HEAD"},
                                                                   {"/healthz", "GET, HEAD"},
                                                                   {"/readyz", "GET, HEAD"},
                                                                   {"/metrics", "GET, HEAD"}};
  return all;
}

// As the file of the interface has it, so that it is one path to whoever counts.
std::string described(const std::string& asked) {
  const auto id_in = [&](std::string_view before, std::string_view after) {
    if (!asked.starts_with(before) || !asked.ends_with(after) || asked.size() <= before.size() + after.size())
      return std::string();
    const std::string id = asked.substr(before.size(), asked.size() - before.size() - after.size());
    return id.find('/') == std::string::npos ? id : std::string();
  };
  if (!id_in(kRecordsUnder, "").empty()) return kRecordPath;
  const std::size_t between = asked.find(kBetween);
  if (between != std::string::npos && !id_in(kRecordsUnder, asked.substr(between)).empty() &&
      asked.find('/', between + kBetween.size()) == std::string::npos)
    return kAttachmentPath;
  if (!id_in(kDevicesUnder, "/revoke").empty()) return kRevokePath;
  if (!id_in(kDevicesUnder, "/replace").empty()) return kReplacePath;
  return asked;
}

bool takes(const std::string& allowed, const std::string& method) {
  return (", " + allowed + ",").find(", " + method + ",") != std::string::npos;
}

}  // namespace

Routes::Routes(Office& office, const Limits& limits, const Connections& connections, Metrics& metrics)
    : office_(office),
      limits_(limits),
      connections_(connections),
      metrics_(metrics),
      room_(limits.max_messages_mib * 1024 * 1024),
      places_(limits.max_at_once),
      looks_(office.folder()),
      visitors_(office.host(), limits),
      totals_(office, limits, visitors_),
      records_(office, looks_),
      sessions_(office.host().user_accounts(), visitors_, limits, room_),
      devices_(office, limits, metrics, room_),
      attachments_(office, limits, looks_, room_) {}

Reply Routes::route(HTTPServerRequest& request, const Poco::URI& uri, std::string& path) {
  const std::string asked = described(uri.getPath());
  const auto found = methods().find(asked);
  if (found == methods().end()) return problem(404, "not_found", "There is nothing at this address.");
  path = asked;
  if (!takes(found->second, request.getMethod())) return wrong_method(found->second);
  if (asked == wire::kSyncPath || asked == wire::kEnrolPath) return converse(request);
  if (asked == "/v1/measures") return json_reply(measures_json(office_.policies()));
  if (asked == "/v1/openapi.json") return json_reply(std::string(openapi_json()));
  if (asked == "/healthz") return json_reply("{\"status\":\"ok\"}");
  if (asked == "/readyz") return ready();
  if (asked == "/metrics") return metrics();
  if (asked == "/") return page(page_html());
  if (asked == "/devices") return page(devices_html());
  // Signing in, and a photo, are bodies that may come slowly: they take no place from who asks for something.
  if (asked.starts_with(kSessionPath) || asked == kAttachmentPath) return visit(request, uri, asked);
  return in_turn([&] { return visit(request, uri, asked); });
}

// What depends on who asks.
Reply Routes::visit(HTTPServerRequest& request, const Poco::URI& uri, const std::string& path) {
  const Outcome<Visitor> visitor = visitors_.visitor_of(request);
  if (!visitor) return storage_problem(visitor.fault());
  Reply reply = [&] {
    if (path == "/v1/session") return sessions_.session(request, *visitor);
    if (path == "/v1/session/password") return sessions_.password(request, *visitor);
    if (path == "/v1/records") return records_.records(uri, *visitor);
    if (path == kRecordPath) return records_.record(uri.getPath().substr(kRecordsUnder.size()), uri, *visitor);
    if (path == kAttachmentPath) return attachments_.attachment(request, uri.getPath(), *visitor);
    if (path == "/v1/cases") return records_.cases(uri, *visitor);
    if (path == "/v1/health") return devices_.health(*visitor);
    if (path == "/v1/devices") return devices_.devices(uri, *visitor);
    if (path == kRevokePath || path == kReplacePath) return alter_device(request, uri, path, *visitor);
    if (path == "/v1/units") return totals_.unit(uri, *visitor);
    if (path == "/v1/totals/stream") return totals_.stream(request, uri, *visitor);
    return totals_.totals(request, uri, *visitor);
  }();
  if (visitor->account) reply.account = visitor->account->number;
  if (visitor->replica != 0) reply.replica = visitor->replica;
  return reply;
}

Reply Routes::alter_device(HTTPServerRequest& request, const Poco::URI& uri, const std::string& path,
                           const Visitor& visitor) {
  const std::string asked = uri.getPath();
  const std::string id = asked.substr(kDevicesUnder.size(), asked.rfind('/') - kDevicesUnder.size());
  return devices_.alter(request, id, path == kRevokePath ? "revoke" : "replace", visitor);
}

std::vector<std::string> Routes::paths() {
  std::vector<std::string> all;
  for (const auto& [path, allowed] : methods()) all.push_back(path);
  return all;
}

Reply Routes::converse(HTTPServerRequest& request) {
  if (!request.getContentType().starts_with(wire::kContentType))
    return problem(415, "wrong_content_type", "A message of SongSong is expected.");
  const Body body = read_body(request, limits_, room_);
  if (body.status == 503) return too_much();
  if (body.status != 200)
    return problem(body.status, body.status == 413 ? "too_large" : "body_incomplete",
                   "The body is too large, or did not come whole.");
  Reply reply = in_turn([&] { return conversed(office_.host().answer(body.bytes), metrics_); });
  if (const Outcome<Done> noted = note_look(reply.served); !noted) return storage_problem(noted.fault());
  // What was admitted stays; whoever asks again gets the same answer.
  reply.share = MessageRoom::Share(room_);
  return reply.share.grow(reply.body.size()) ? std::move(reply) : too_much();
}

// What an auditor's device is sent is looked at where nobody sees it.
Outcome<Done> Routes::note_look(const Served& served) const {
  if (!served.by_auditor || (served.looked_at.empty() && !served.history.valid())) return Done{};
  Look look{.account = served.account,
            .replica = served.replica,
            .what = served.history.valid() ? "history" : "sync",
            .records = served.looked_at};
  if (served.history.valid()) look.records.push_back(served.history);
  return looks_.note(look, wall_clock_ms());
}

Reply Routes::in_turn(const std::function<Reply()>& work) {
  if (!places_.try_acquire_for(std::chrono::seconds(limits_.turn_seconds)))
    return problem(503, "busy", "Too many are being served; try again.");
  struct Place {
    std::counting_semaphore<>& places;
    ~Place() { places.release(); }
  } place{places_};
  return work();
}

Reply Routes::ready() {
  const StoreSequence sequence = office_.last_sequence();
  const std::optional<std::uint64_t> free = office_.free_bytes();
  const bool room = free && *free >= limits_.least_free_mib * 1024 * 1024;
  Outcome<Done> read = office_.store().read(kShard, [](StoreReader&) {});
  if (!read) return storage_problem(read.fault());
  if (!room) return problem(503, "disk_nearly_full", "The disk is nearly full.");
  return json_reply("{\"status\":\"ready\",\"sequence\":" + std::to_string(sequence) + "}");
}

Reply Routes::metrics() {
  Metrics::Gauges gauges;
  const CommitQueue::Counts counts = office_.queue().counts();
  gauges["songsong_commits"] = {"Transactions since the start.", static_cast<double>(counts.commits)};
  gauges["songsong_writings"] = {"Writings that shared them.", static_cast<double>(counts.writings)};
  gauges["songsong_streams"] = {"Readers of live totals.", static_cast<double>(totals_.readers())};
  gauges["songsong_connections"] = {"Open connections.", static_cast<double>(connections_.count())};
  gauges["songsong_connections_overdue"] = {"Connections that passed a deadline.",
                                            static_cast<double>(connections_.overdue())};
  gauges["songsong_connections_replaced"] = {"Idle connections that made room for others.",
                                             static_cast<double>(connections_.replaced())};
  gauges["songsong_messages_bytes"] = {"Bodies in memory.", static_cast<double>(room_.taken())};
  gauges["songsong_store_sequence"] = {"Changes admitted in all.", static_cast<double>(office_.last_sequence())};
  gauges["songsong_memory_bytes"] = {"Resident memory.", static_cast<double>(resident_bytes())};
  if (const std::optional<std::uint64_t> free = office_.free_bytes())
    gauges["songsong_disk_free_bytes"] = {"Left on the disk of the store.", static_cast<double>(*free)};
  if (const Outcome<std::vector<Member>> members = office_.host().members()) {
    double heard = 0, waiting = 0, revoked = 0;
    const std::int64_t day_ago = wall_clock_ms() - 24LL * 3600 * 1000;
    for (const Member& member : *members) {
      heard += member.contact_ms > day_ago ? 1 : 0;
      waiting += member.waiting;
      revoked += member.revoked_ms != 0 ? 1 : 0;
    }
    gauges["songsong_replicas"] = {"Replicas that tickets were issued for.", static_cast<double>(members->size())};
    gauges["songsong_replicas_heard_today"] = {"Replicas heard from within a day.", heard};
    gauges["songsong_replicas_revoked"] = {"Replicas revoked.", revoked};
    gauges["songsong_changes_declared"] = {"Changes that replicas had not sent at their last contact.", waiting};
  }
  Reply reply;
  reply.type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = metrics_.text(gauges);
  return reply;
}

}  // namespace songsong::server
