#include "server/routes.h"

#include <Poco/Net/HTTPServerRequestImpl.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "server/page.h"
#include "server/totals.h"
#include "shared/core/civil_time.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerRequestImpl;

constexpr Shard kShard = 0;
constexpr const char* kProblemType = "application/problem+json";

Reply json(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

Reply storage_problem(const Fault& fault) { return problem(503, fault.code.c_str(), "The store cannot be read now."); }

std::string query_value(const Poco::URI& uri, const std::string& name) {
  for (const auto& [key, value] : uri.getQueryParameters()) {
    if (key == name) return value;
  }
  return {};
}

// The day whose tree is asked for; nothing for the present one.
Outcome<std::optional<std::int64_t>> day_asked(const Poco::URI& uri) {
  return parse_date_if_any(query_value(uri, "on"));
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

Reply page() {
  Reply reply;
  reply.type = "text/html; charset=utf-8";
  reply.body = std::string(page_html());
  return reply;
}

Reply wrong_method(const char* allowed) {
  Reply reply = problem(405, "method_not_allowed", std::string("Only this is taken here: ") + allowed);
  reply.allow = allowed;
  return reply;
}

Reply too_much() { return problem(503, "busy", "Too much is being sent at once; try again."); }

Reply conversed(Answered answered, Metrics& metrics) {
  metrics.served(answered.served);
  Reply reply;
  reply.status = answered.status;
  reply.type = wire::kContentType;
  reply.body = std::move(answered.frame);
  reply.replica = answered.served.replica;
  reply.served = std::move(answered.served);
  return reply;
}

}  // namespace

Reply problem(int status, const char* code, const std::string& title) {
  Reply reply{.status = status,
              .type = kProblemType,
              .body = {},
              .etag = {},
              .served = {},
              .replica = 0,
              .allow = {},
              .detached = false,
              .share = {}};
  reply.body =
      nlohmann::ordered_json{{"type", "about:blank"}, {"title", title}, {"status", status}, {"code", code}}.dump();
  return reply;
}

Routes::Routes(Office& office, const Limits& limits, const Connections& connections, Metrics& metrics)
    : office_(office),
      limits_(limits),
      connections_(connections),
      metrics_(metrics),
      room_(limits.max_messages_mib * 1024 * 1024),
      places_(limits.max_at_once),
      hub_(
          limits, [this](const std::string& unit) { return totals_of(office_.host(), unit, wall_clock_ms()); },
          [this] { return last_sequence(); }) {}

Reply Routes::route(HTTPServerRequest& request, const Poco::URI& uri, std::string& path) {
  const std::string& asked = uri.getPath();
  const bool get = request.getMethod() == "GET" || request.getMethod() == "HEAD";
  if (asked == wire::kSyncPath || asked == wire::kEnrolPath) {
    path = asked;
    return request.getMethod() == "POST" ? converse(request) : wrong_method("POST");
  }
  if (std::find(paths().begin(), paths().end(), asked) == paths().end())
    return problem(404, "not_found", "There is nothing at this address.");
  path = asked;
  if (!get) return wrong_method("GET, HEAD");
  if (asked == "/v1/totals") return in_turn([&] { return totals(request, uri); });
  if (asked == "/v1/totals/stream") return in_turn([&] { return stream(request, uri); });
  if (asked == "/v1/units") return in_turn([&] { return unit(uri); });
  if (asked == "/v1/measures") return json(measures_json(office_.policies()));
  if (asked == "/v1/openapi.json") return json(std::string(openapi_json()));
  if (asked == "/healthz") return json("{\"status\":\"ok\"}");
  if (asked == "/readyz") return ready();
  if (asked == "/metrics") return metrics();
  return page();
}

const std::vector<std::string>& Routes::paths() {
  static const std::vector<std::string> all{
      "/",         wire::kSyncPath, wire::kEnrolPath,   "/v1/totals", "/v1/totals/stream",
      "/v1/units", "/v1/measures",  "/v1/openapi.json", "/healthz",   "/readyz",
      "/metrics"};
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
  // What was admitted stays; whoever asks again gets the same answer.
  reply.share = MessageRoom::Share(room_);
  return reply.share.grow(reply.body.size()) ? std::move(reply) : too_much();
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

Reply Routes::totals(HTTPServerRequest& request, const Poco::URI& uri) {
  const Outcome<std::optional<std::int64_t>> on = day_asked(uri);
  if (!on) return problem(400, on.fault().code.c_str(), "on is a day, such as 2025-06-30.");
  Outcome<std::optional<TotalsNow>> now = totals_of(office_.host(), query_value(uri, "unit"), wall_clock_ms(), *on);
  if (!now) return storage_problem(now.fault());
  if (!now->has_value()) return problem(404, "unknown_unit", "The tree of units has no such code.");
  const std::string etag =
      "W/\"" + std::to_string(office_.host().epoch()) + "-" + std::to_string((*now)->sequence) + "\"";
  if (request.get("If-None-Match", "") == etag) {
    Reply reply;
    reply.status = 304;
    reply.etag = etag;
    return reply;
  }
  Reply reply = json(std::move((*now)->json));
  reply.etag = etag;
  return reply;
}

Reply Routes::unit(const Poco::URI& uri) {
  const Outcome<std::optional<std::int64_t>> on = day_asked(uri);
  if (!on) return problem(400, on.fault().code.c_str(), "on is a day, such as 2025-06-30.");
  Outcome<std::optional<std::string>> found = unit_json(office_.host(), query_value(uri, "unit"), wall_clock_ms(), *on);
  if (!found) return storage_problem(found.fault());
  if (!found->has_value()) return problem(404, "unknown_unit", "The tree of units has no such code.");
  return json(std::move(**found));
}

Reply Routes::stream(HTTPServerRequest& request, const Poco::URI& uri) {
  const std::string code = query_value(uri, "unit");
  const Outcome<std::optional<TotalsNow>> now = totals_of(office_.host(), code, wall_clock_ms());
  if (!now) return storage_problem(now.fault());
  if (!now->has_value()) return problem(404, "unknown_unit", "The tree of units has no such code.");
  if (hub_.full()) return problem(503, "too_many_streams", "Too many are watching; try again later.");
  StoreSequence seen = 0;
  const std::string last = request.get("Last-Event-ID", "");
  std::from_chars(last.data(), last.data() + last.size(), seen);
  // An id of another life of the store says nothing.
  if (seen > (*now)->sequence) seen = 0;
  Poco::Net::StreamSocket socket = static_cast<HTTPServerRequestImpl&>(request).detachSocket();
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
      "Connection: close\r\n\r\nretry: 2000\n\n";
  socket.sendBytes(head.data(), static_cast<int>(head.size()));
  if (Connections::Connection* const here = Connections::Connection::here()) here->leaves();
  hub_.add(std::move(socket), code, seen);
  Reply reply;
  reply.detached = true;
  return reply;
}

Reply Routes::ready() {
  const StoreSequence sequence = last_sequence();
  std::error_code error;
  const auto space = std::filesystem::space(office_.folder(), error);
  const bool room = !error && space.available >= limits_.least_free_mib * 1024 * 1024;
  Outcome<Done> read = office_.store().read(kShard, [](StoreReader&) {});
  if (!read) return storage_problem(read.fault());
  if (!room) return problem(503, "disk_nearly_full", "The disk is nearly full.");
  return json("{\"status\":\"ready\",\"sequence\":" + std::to_string(sequence) + "}");
}

Reply Routes::metrics() {
  Metrics::Gauges gauges;
  const CommitQueue::Counts counts = office_.queue().counts();
  gauges["songsong_commits"] = {"Transactions since the start.", static_cast<double>(counts.commits)};
  gauges["songsong_writings"] = {"Writings that shared them.", static_cast<double>(counts.writings)};
  gauges["songsong_streams"] = {"Readers of live totals.", static_cast<double>(hub_.readers())};
  gauges["songsong_connections"] = {"Open connections.", static_cast<double>(connections_.count())};
  gauges["songsong_connections_overdue"] = {"Connections that passed a deadline.",
                                            static_cast<double>(connections_.overdue())};
  gauges["songsong_connections_replaced"] = {"Idle connections that made room for others.",
                                             static_cast<double>(connections_.replaced())};
  gauges["songsong_messages_bytes"] = {"Bodies in memory.", static_cast<double>(room_.taken())};
  gauges["songsong_store_sequence"] = {"Changes admitted in all.", static_cast<double>(last_sequence())};
  gauges["songsong_memory_bytes"] = {"Resident memory.", static_cast<double>(resident_bytes())};
  std::error_code error;
  const auto space = std::filesystem::space(office_.folder(), error);
  if (!error)
    gauges["songsong_disk_free_bytes"] = {"Left on the disk of the store.", static_cast<double>(space.available)};
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

StoreSequence Routes::last_sequence() {
  StoreSequence sequence = 0;
  (void)office_.store().read(kShard, [&](StoreReader& reader) { sequence = reader.last_sequence(); }).ok();
  return sequence;
}

}  // namespace songsong::server
