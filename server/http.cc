#include "server/http.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <thread>
#include <vector>

#include "server/connections.h"
#include "server/log.h"
#include "server/routes.h"
#include "server/tls.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPRequestHandler;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;
using Clock = std::chrono::steady_clock;

constexpr int kStackBytes = 512 * 1024;  // of a connection's thread
constexpr std::int64_t kRetryAfterSeconds = 5;
constexpr int kSpareSeconds = 60;  // a thread without a connection is kept
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// A connection whose deadlines are kept from its first moment.
class WatchedConnection : public Poco::Net::HTTPServerConnection {
 public:
  WatchedConnection(const Poco::Net::StreamSocket& socket, Poco::Net::HTTPServerParams::Ptr params,
                    Poco::Net::HTTPRequestHandlerFactory::Ptr factory, Connections& connections)
      : HTTPServerConnection(socket, std::move(params), std::move(factory)), connections_(connections) {}
  void run() override {
    const Connections::Connection connection(connections_, socket());
    forget_tls_errors();
    HTTPServerConnection::run();
  }

 private:
  Connections& connections_;
};

}  // namespace

class HttpService::Service {
 public:
  Service(Office& office, const Limits& limits)
      : office_(office),
        limits_(limits),
        connections_(limits),
        routes_(office, limits, connections_, metrics_),
        pool_("http", 2, limits.max_connections, kSpareSeconds, kStackBytes) {}

  ~Service() { stop(); }

  Outcome<Done> listen(const std::string& where) {
    const Outcome<Done> listening = listen(where, limits_.tls != 0);
    const Outcome<Done> all = listening && !limits_.tls_listen.empty() ? listen(limits_.tls_listen, true) : listening;
    // Not before the list of them is whole: whoever comes looks at it.
    if (all) {
      for (const auto& each : servers_) each->start();
    }
    return all;
  }

  const std::vector<std::string>& addresses() const { return addresses_; }
  void committed() { routes_.committed(); }

  void stop() {
    if (servers_.empty()) return;
    for (const auto& each : servers_) each->stop();
    connections_.close_idle();
    const auto deadline = Clock::now() + std::chrono::seconds(limits_.stop_seconds);
    const auto busy = [](const auto& each) { return each->currentThreads() > 0; };
    while (std::any_of(servers_.begin(), servers_.end(), busy) && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    connections_.close_all();
    pool_.joinAll();
    servers_.clear();
  }

  void handle(HTTPServerRequest& request, HTTPServerResponse& response) {
    const auto began = Clock::now();
    Reply reply;
    std::string path = "other";
    try {
      reply = is_known(request.getVersion())
                  ? routes_.route(request, Poco::URI(request.getURI()), path)
                  : problem(400, "bad_request", "The request is not one of HTTP/1.0 or HTTP/1.1.");
    } catch (const Poco::SyntaxException&) {
      reply = problem(400, "bad_request", "The address cannot be read.");
    } catch (const std::exception&) {
      reply = problem(500, "internal", "The server could not answer; what was admitted stays.");
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    metrics_.request(path, reply.status, seconds);
    log_request(RequestLine{.method = request.getMethod(),
                            .path = path,
                            .status = reply.status,
                            .milliseconds = seconds * 1000,
                            .bytes = reply.body.size(),
                            .replica = reply.replica,
                            .account = reply.account,
                            .device = reply.device,
                            .new_device = reply.new_device,
                            .refusal = reply.refusal});
    if (reply.detached) return;
    if (Connections::Connection* const here = Connections::Connection::here()) here->request_is_read();
    send(request, response, reply);
  }

 private:
  class Handler : public HTTPRequestHandler {
   public:
    explicit Handler(Service& service) : service_(service) {}
    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
      Connections::Connection* const here = Connections::Connection::here();
      if (here != nullptr) here->request_begins();
      service_.handle(request, response);
      if (here != nullptr) here->request_ends();
    }

   private:
    Service& service_;
  };

  class Handlers : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    explicit Handlers(Service& service) : service_(service) {}
    // Before anything is answered, "100 Continue" included.
    HTTPRequestHandler* createRequestHandler(const HTTPServerRequest& request) override {
      if (!is_known(request.getVersion())) {
        // It was copied into the answer, which would then be none of HTTP.
        request.response().setVersion(HTTPServerRequest::HTTP_1_1);
        request.response().setStatus(HTTPServerResponse::HTTP_BAD_REQUEST);
        request.response().setKeepAlive(false);
      }
      return new Handler(service_);
    }

   private:
    Service& service_;
  };

  class WatchedConnections : public Poco::Net::TCPServerConnectionFactory {
   public:
    WatchedConnections(Service& service, Poco::Net::HTTPServerParams::Ptr params)
        : service_(service), params_(std::move(params)), handlers_(new Handlers(service)) {}
    Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
      return new WatchedConnection(socket, params_, handlers_, service_.connections_);
    }

   private:
    Service& service_;
    Poco::Net::HTTPServerParams::Ptr params_;
    Poco::Net::HTTPRequestHandlerFactory::Ptr handlers_;
  };

  // Asked before each newcomer is queued for a thread.
  class Doorman : public Poco::Net::TCPServerConnectionFilter {
   public:
    explicit Doorman(Service& service) : service_(service) {}
    bool accept(const Poco::Net::StreamSocket&) override {
      std::uint64_t refused = 0;
      for (const auto& each : service_.servers_) refused += static_cast<std::uint64_t>(each->refusedConnections());
      service_.connections_.accepted(refused);
      return true;
    }

   private:
    Service& service_;
  };

  Outcome<Done> listen(const std::string& where, bool by_tls) {
    const std::size_t colon = where.rfind(':');
    std::uint16_t port = 0;
    const std::string text = colon == std::string::npos ? "" : where.substr(colon + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
      return Fault{.code = "listen_failed", .where = where, .what = "An address is written HOST:PORT."};
    const std::string host = where.substr(0, colon);
    if (by_tls && tls_ == nullptr) {
      Outcome<std::unique_ptr<Tls>> tls = Tls::chosen(limits_, office_.store(), host);
      if (!tls) return tls.fault();
      tls_ = std::move(*tls);
    }
    try {
      Poco::Net::ServerSocket socket = by_tls ? tls_->socket() : Poco::Net::ServerSocket();
      // Not beside another: a second server on one port would get a part of the questions.
      socket.bind(Poco::Net::SocketAddress(host, port), true, false);
      socket.listen(limits_.max_queued);
      Poco::Net::HTTPServerParams::Ptr params(new Poco::Net::HTTPServerParams());
      params->setMaxThreads(limits_.max_connections);
      params->setMaxQueued(limits_.max_queued);
      params->setTimeout(Poco::Timespan(limits_.read_timeout_seconds, 0));
      params->setKeepAlive(true);
      params->setKeepAliveTimeout(Poco::Timespan(limits_.idle_timeout_seconds, 0));
      params->setSoftwareVersion("SongSong");
      addresses_.push_back((by_tls ? "https://" : "http://") + host + ":" + std::to_string(socket.address().port()));
      servers_.push_back(
          std::make_unique<Poco::Net::TCPServer>(new WatchedConnections(*this, params), pool_, socket, params));
      servers_.back()->setConnectionFilter(new Doorman(*this));
    } catch (const Poco::Exception& failure) {
      return Fault{.code = "listen_failed",
                   .where = where,
                   .what = "The address cannot be listened on: " + failure.displayText()};
    }
    return Done{};
  }

  static bool is_known(const std::string& version) {
    return version == HTTPServerRequest::HTTP_1_0 || version == HTTPServerRequest::HTTP_1_1;
  }

  static void send(HTTPServerRequest& request, HTTPServerResponse& response, const Reply& reply) {
    response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
    response.setContentType(reply.type);
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (reply.type.starts_with("text/html")) response.set("Content-Security-Policy", kPolicy);
    if (!reply.etag.empty()) response.set("ETag", reply.etag);
    if (!reply.content_range.empty()) response.set("Content-Range", reply.content_range);
    if (!reply.allow.empty()) response.set("Allow", reply.allow);
    if (!reply.cookie.empty()) response.set("Set-Cookie", reply.cookie);
    if (reply.status == 401) response.set("WWW-Authenticate", "SongSong realm=\"office\"");
    if (reply.status == 503 || reply.retry_after_s > 0)
      response.set("Retry-After", std::to_string(std::max<std::int64_t>(reply.retry_after_s, kRetryAfterSeconds)));
    // What is left of a body that nobody read would be taken for the next request.
    const bool has_body = request.has("Transfer-Encoding") || request.get("Content-Length", "0") != "0";
    const bool read = reply.body_read || (request.getMethod() == "POST" && reply.status == 200);
    if ((has_body && !read) || (request.getMethod() != "GET" && reply.status != 200 && !reply.body_read))
      response.setKeepAlive(false);
    try {
      if (request.getMethod() == "HEAD" || reply.status == 304) {
        response.setContentLength64(static_cast<Poco::Int64>(reply.status == 304 ? 0 : reply.body.size()));
        response.send().flush();
      } else {
        // Whole, before the request ends: what Poco keeps until the response is destroyed goes with a connection that
        // is then ended to make room.
        response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
        response.setChunkedTransferEncoding(false);
        std::ostream& out = response.send();
        out.write(reply.body.data(), static_cast<std::streamsize>(reply.body.size()));
        out.flush();
      }
    } catch (const Poco::Exception&) {
      return;  // the client is gone; what was committed stays, and it will ask again
    }
  }

  Office& office_;
  const Limits& limits_;
  std::unique_ptr<Tls> tls_;  // every connection borrows it
  Metrics metrics_;
  Connections connections_;
  Routes routes_;
  Poco::ThreadPool pool_;
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<Poco::Net::TCPServer>> servers_;
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
std::string HttpService::address() const { return service_->addresses().front(); }
const std::vector<std::string>& HttpService::addresses() const { return service_->addresses(); }
void HttpService::committed() { service_->committed(); }
void HttpService::stop() { service_->stop(); }

}  // namespace songsong::server
