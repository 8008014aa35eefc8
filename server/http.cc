#include "server/http.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <istream>
#include <nlohmann/json.hpp>

#include "server/log.h"
#include "server/metrics.h"
#include "server/page.h"
#include "server/stream_hub.h"
#include "server/totals.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPRequestHandler;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerRequestImpl;
using Poco::Net::HTTPServerResponse;
using Clock = std::chrono::steady_clock;

constexpr Shard kShard = 0;
constexpr const char* kProblemType = "application/problem+json";
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// What a handler says.
struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string etag;
  Served served;
  ReplicaId replica = 0;
  bool detached = false;  // the connection belongs to somebody else now
};

// RFC 9457.
Reply problem(int status, const char* code, const std::string& title) {
  Reply reply{
      .status = status, .type = kProblemType, .body = {}, .etag = {}, .served = {}, .replica = 0, .detached = false};
  reply.body =
      nlohmann::ordered_json{{"type", "about:blank"}, {"title", title}, {"status", status}, {"code", code}}.dump();
  return reply;
}

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

// The body, or nothing when it is too large or does not come in time.
std::optional<std::string> read_body(HTTPServerRequest& request, const Limits& limits, int& status) {
  const auto announced = request.getContentLength64();
  if (announced > static_cast<Poco::Int64>(limits.max_body_bytes)) {
    status = 413;
    return std::nullopt;
  }
  const auto deadline = Clock::now() + std::chrono::seconds(limits.request_deadline_seconds);
  std::string body;
  char buffer[16 * 1024];
  std::istream& stream = request.stream();
  while (stream) {
    stream.read(buffer, sizeof(buffer));
    body.append(buffer, static_cast<std::size_t>(stream.gcount()));
    if (body.size() > limits.max_body_bytes) {
      status = 413;
      return std::nullopt;
    }
    if (Clock::now() > deadline) {
      status = 408;
      return std::nullopt;
    }
  }
  if (announced != Poco::Net::HTTPMessage::UNKNOWN_CONTENT_LENGTH &&
      static_cast<Poco::Int64>(body.size()) < announced) {
    status = 400;
    return std::nullopt;
  }
  return body;
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

}  // namespace

class HttpService::Service {
 public:
  Service(Office& office, const Limits& limits)
      : office_(office),
        limits_(limits),
        hub_(
            limits,
            [this](const std::string& unit) {
              return totals_of(office_.store(), office_.policies(), unit, wall_clock_ms());
            },
            [this] { return last_sequence(); }),
        pool_("http", 2, limits.threads, 60) {}

  ~Service() { stop(); }

  Outcome<Done> listen(const std::string& where) {
    const std::size_t colon = where.rfind(':');
    std::uint16_t port = 0;
    const std::string text = colon == std::string::npos ? "" : where.substr(colon + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
      return Fault{.code = "listen_failed", .where = where, .what = "An address is written HOST:PORT."};
    host_ = where.substr(0, colon);
    try {
      Poco::Net::ServerSocket socket;
      socket.bind(Poco::Net::SocketAddress(host_, port), true);
      socket.listen(limits_.max_queued);
      auto* const params = new Poco::Net::HTTPServerParams();  // Poco counts its references
      params->setMaxThreads(limits_.threads);
      params->setMaxQueued(limits_.max_queued);
      params->setTimeout(Poco::Timespan(limits_.read_timeout_seconds, 0));
      params->setKeepAlive(true);
      params->setKeepAliveTimeout(Poco::Timespan(limits_.idle_timeout_seconds, 0));
      params->setSoftwareVersion("SongSong");
      port_ = socket.address().port();
      server_ = std::make_unique<Poco::Net::HTTPServer>(new Factory(*this), pool_, socket, params);
      server_->start();
    } catch (const Poco::Exception& failure) {
      return Fault{.code = "listen_failed",
                   .where = where,
                   .what = "The address cannot be listened on: " + failure.displayText()};
    }
    return Done{};
  }

  std::string address() const { return "http://" + host_ + ":" + std::to_string(port_); }
  void committed() { hub_.notify(); }

  void stop() {
    if (server_ == nullptr) return;
    server_->stop();
    const auto deadline = Clock::now() + std::chrono::seconds(limits_.stop_seconds);
    while (server_->currentThreads() > 0 && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    server_->stopAll(true);
    server_.reset();
    pool_.joinAll();
  }

  void handle(HTTPServerRequest& request, HTTPServerResponse& response) {
    const auto began = Clock::now();
    Reply reply;
    std::string path = "other";
    try {
      const Poco::URI uri(request.getURI());
      reply = route(request, uri, path);
    } catch (const Poco::SyntaxException&) {
      reply = problem(400, "bad_request", "The address cannot be read.");
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    metrics_.request(path, reply.status, seconds);
    log_request(RequestLine{.method = request.getMethod(),
                            .path = path,
                            .status = reply.status,
                            .milliseconds = seconds * 1000,
                            .bytes = reply.body.size(),
                            .replica = reply.replica,
                            .refusal = reply.served.refusal});
    if (!reply.detached) send(request, response, reply);
  }

 private:
  class Handler : public HTTPRequestHandler {
   public:
    explicit Handler(Service& service) : service_(service) {}
    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
      service_.handle(request, response);
    }

   private:
    Service& service_;
  };

  class Factory : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(Service& service) : service_(service) {}
    HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override { return new Handler(service_); }

   private:
    Service& service_;
  };

  // `path` becomes the one that is counted, so that strangers' paths make no new metrics.
  Reply route(HTTPServerRequest& request, const Poco::URI& uri, std::string& path) {
    const std::string& asked = uri.getPath();
    const bool get = request.getMethod() == "GET" || request.getMethod() == "HEAD";
    if (asked == wire::kSyncPath || asked == wire::kEnrolPath) {
      path = asked;
      return request.getMethod() == "POST" ? converse(request)
                                           : problem(405, "method_not_allowed", "Only POST is taken here.");
    }
    static const std::array<std::string, 8> kPaths{
        "/", "/v1/totals", "/v1/totals/stream", "/v1/units", "/v1/measures", "/healthz", "/readyz", "/metrics"};
    if (std::find(kPaths.begin(), kPaths.end(), asked) == kPaths.end())
      return problem(404, "not_found", "There is nothing at this address.");
    path = asked;
    if (!get) return problem(405, "method_not_allowed", "Only GET is taken here.");
    if (asked == "/v1/totals") return totals(request, uri);
    if (asked == "/v1/totals/stream") return stream(request, uri);
    if (asked == "/v1/units") return unit(uri);
    if (asked == "/v1/measures") return json(measures_json(office_.policies()));
    if (asked == "/healthz") return json("{\"status\":\"ok\"}");
    if (asked == "/readyz") return ready();
    if (asked == "/metrics") return metrics();
    return page();
  }

  Reply converse(HTTPServerRequest& request) {
    if (!request.getContentType().starts_with(wire::kContentType))
      return problem(415, "wrong_content_type", "A message of SongSong is expected.");
    int status = 0;
    const std::optional<std::string> body = read_body(request, limits_, status);
    if (!body)
      return problem(status, status == 413 ? "too_large" : "body_incomplete",
                     "The body is too large, or did not come whole.");
    Answered answered = office_.host().answer(*body);
    metrics_.served(answered.served);
    Reply reply;
    reply.status = answered.status;
    reply.type = wire::kContentType;
    reply.body = std::move(answered.frame);
    reply.replica = answered.served.replica;
    reply.served = std::move(answered.served);
    return reply;
  }

  Reply totals(HTTPServerRequest& request, const Poco::URI& uri) {
    Outcome<std::optional<TotalsNow>> now =
        totals_of(office_.store(), office_.policies(), query_value(uri, "unit"), wall_clock_ms());
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

  Reply unit(const Poco::URI& uri) {
    Outcome<std::optional<std::string>> found =
        unit_json(office_.store(), office_.policies(), query_value(uri, "unit"));
    if (!found) return storage_problem(found.fault());
    if (!found->has_value()) return problem(404, "unknown_unit", "The tree of units has no such code.");
    return json(std::move(**found));
  }

  Reply stream(HTTPServerRequest& request, const Poco::URI& uri) {
    const std::string code = query_value(uri, "unit");
    const Outcome<std::optional<TotalsNow>> now = totals_of(office_.store(), office_.policies(), code, wall_clock_ms());
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
    hub_.add(std::move(socket), code, seen);
    Reply reply;
    reply.detached = true;
    return reply;
  }

  Reply ready() {
    const StoreSequence sequence = last_sequence();
    std::error_code error;
    const auto space = std::filesystem::space(office_.folder(), error);
    const bool room = !error && space.available >= limits_.least_free_mib * 1024 * 1024;
    Outcome<Done> read = office_.store().read(kShard, [](StoreReader&) {});
    if (!read) return storage_problem(read.fault());
    if (!room) return problem(503, "disk_nearly_full", "The disk is nearly full.");
    return json("{\"status\":\"ready\",\"sequence\":" + std::to_string(sequence) + "}");
  }

  Reply metrics() {
    Metrics::Gauges gauges;
    const CommitQueue::Counts counts = office_.queue().counts();
    gauges["songsong_commits"] = {"Transactions since the start.", static_cast<double>(counts.commits)};
    gauges["songsong_writings"] = {"Writings that shared them.", static_cast<double>(counts.writings)};
    gauges["songsong_streams"] = {"Readers of live totals.", static_cast<double>(hub_.readers())};
    gauges["songsong_connections"] = {"Open connections.", static_cast<double>(server_->currentConnections())};
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

  static Reply page() {
    Reply reply;
    reply.type = "text/html; charset=utf-8";
    reply.body = std::string(page_html());
    return reply;
  }

  StoreSequence last_sequence() {
    StoreSequence sequence = 0;
    (void)office_.store().read(kShard, [&](StoreReader& reader) { sequence = reader.last_sequence(); }).ok();
    return sequence;
  }

  static void send(HTTPServerRequest& request, HTTPServerResponse& response, const Reply& reply) {
    response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
    response.setContentType(reply.type);
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (reply.type.starts_with("text/html")) response.set("Content-Security-Policy", kPolicy);
    if (!reply.etag.empty()) response.set("ETag", reply.etag);
    if (reply.status == 503) response.set("Retry-After", "5");
    // What is left of a body that was refused would be taken for the next request.
    if (request.getMethod() != "GET" && reply.status != 200) response.setKeepAlive(false);
    try {
      if (request.getMethod() == "HEAD" || reply.status == 304) {
        response.setContentLength64(static_cast<Poco::Int64>(reply.status == 304 ? 0 : reply.body.size()));
        response.send();
      } else {
        response.sendBuffer(reply.body.data(), reply.body.size());
      }
    } catch (const Poco::Exception&) {
      return;  // the client is gone; what was committed stays, and it will ask again
    }
  }

  Office& office_;
  const Limits& limits_;
  Metrics metrics_;
  StreamHub hub_;
  Poco::ThreadPool pool_;
  std::string host_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Poco::Net::HTTPServer> server_;
};

Outcome<std::unique_ptr<HttpService>> HttpService::start(Office& office, const Limits& limits,
                                                         const std::string& listen) {
  auto service = std::make_unique<Service>(office, limits);
  const Outcome<Done> listening = service->listen(listen);
  if (!listening) return listening.fault();
  return std::unique_ptr<HttpService>(new HttpService(std::move(service)));
}

HttpService::HttpService(std::unique_ptr<Service> service) : service_(std::move(service)) {}
HttpService::~HttpService() = default;
std::string HttpService::address() const { return service_->address(); }
void HttpService::committed() { service_->committed(); }
void HttpService::stop() { service_->stop(); }

}  // namespace songsong::server
