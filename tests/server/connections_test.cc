// Clients that are slow, idle, half gone or too many: others go on being served, and what is theirs is bounded.
#include "server/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include <catch2/catch_test_macros.hpp>

#include "server/http.h"
#include "server/office.h"
#include "shared/sync/wire.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

using testing::must;
using Clock = std::chrono::steady_clock;

// A client that sends what it is told and no more.
class Client {
 public:
  explicit Client(const std::string& address) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(const std::string& bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  void send_no_more() { shutdown(socket_, SHUT_WR); }
  // What comes until the server ends, a header is whole or the time is up.
  std::string hear(int milliseconds) {
    std::string heard;
    const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
    while (heard.find("\r\n\r\n") == std::string::npos) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) <= 0) break;
      char part[4096];
      const ssize_t got = recv(socket_, part, sizeof(part), 0);
      if (got <= 0) {
        ended_ = true;
        break;
      }
      heard.append(part, static_cast<std::size_t>(got));
    }
    return heard;
  }
  bool ended() const { return ended_; }

 private:
  int socket_;
  bool ended_ = false;
};

struct Place {
  explicit Place(const Limits& limits_wanted) : limits(limits_wanted) {
    must(Office::create(folder.file("server")));
    office = must(Office::open(folder.file("server")));
    service = must(HttpService::start(*office, limits, "127.0.0.1:0"));
  }
  bool serves() const {
    Client client(service->address());
    return client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") && client.hear(5000).starts_with("HTTP/1.1 200");
  }
  std::string address() const { return service->address(); }

  TemporaryFolder folder;
  Limits limits;
  std::unique_ptr<Office> office;
  std::unique_ptr<HttpService> service;
};

Limits small() {
  Limits limits;
  limits.max_connections = 8;
  limits.idle_timeout_seconds = 60;
  limits.header_deadline_seconds = 60;
  return limits;
}

std::string sync_head(std::size_t length) {
  return std::string("POST ") + wire::kSyncPath + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + wire::kContentType +
         "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("idle connections make room: the one that has waited longest goes, newcomers are served") {
  const Place place(small());
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 40; ++i) {
    idle.push_back(std::make_unique<Client>(place.address()));
    if (i % 4 == 0) CHECK(place.serves());
  }
  CHECK(place.serves());
  std::size_t ended = 0;
  for (const auto& client : idle) {
    client->hear(20);
    ended += client->ended() ? 1 : 0;
  }
  CHECK(ended >= 32);
  CHECK(idle.front()->ended());
  CHECK_FALSE(idle.back()->ended());
}

TEST_CASE("clients that dribble their header hold nobody up, and are ended at the deadline") {
  Limits limits = small();
  limits.idle_timeout_seconds = 1;
  limits.header_deadline_seconds = 1;
  const Place place(limits);
  std::vector<std::unique_ptr<Client>> dribblers;
  for (int i = 0; i < 7; ++i) {
    dribblers.push_back(std::make_unique<Client>(place.address()));
    dribblers.back()->send("GET /healthz HTTP/1.1\r\nX-Slow: ");
  }
  CHECK(place.serves());
  const auto began = Clock::now();
  std::size_t ended = 0;
  while (ended < dribblers.size() && Clock::now() - began < std::chrono::seconds(10)) {
    ended = 0;
    for (const auto& client : dribblers) {
      client->send("a");
      client->hear(20);
      ended += client->ended() ? 1 : 0;
    }
  }
  CHECK(ended == dribblers.size());
  CHECK(place.serves());
}

TEST_CASE("a body that comes too slowly is given up, and so is one that ends early") {
  Limits limits = small();
  limits.read_timeout_seconds = 1;
  limits.least_bytes_per_second = 1000;
  const Place place(limits);
  Client slow(place.address());
  REQUIRE(slow.send(sync_head(5000)));
  std::string heard;
  for (int i = 0; i < 50 && heard.empty() && !slow.ended(); ++i) {
    slow.send("abc");
    heard = slow.hear(200);
  }
  CHECK(heard.starts_with("HTTP/1.1 408"));
  Client silent(place.address());
  REQUIRE(silent.send(sync_head(5000) + "abc"));
  CHECK(silent.hear(5000).starts_with("HTTP/1.1 408"));
  Client half(place.address());
  REQUIRE(half.send(sync_head(5000) + "abc"));
  half.send_no_more();
  CHECK(half.hear(5000).starts_with("HTTP/1.1 400"));
  CHECK(place.serves());
}

TEST_CASE("a request of no known version of HTTP gets an answer of HTTP that says so") {
  const Place place(small());
  for (const char* const version : {"HTTP/9.9", "a 200 OK", "HTTP/1.1x"}) {
    Client client(place.address());
    REQUIRE(client.send(std::string("GET /healthz ") + version + "\r\nHost: x\r\n\r\n"));
    CHECK(client.hear(5000).starts_with("HTTP/1.1 400"));
    client.hear(5000);
    CHECK(client.ended());
  }
  Client expecting(place.address());
  REQUIRE(expecting.send("POST/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
  CHECK(expecting.hear(5000).starts_with("HTTP/1.1 400"));
  CHECK(place.serves());
}

TEST_CASE("bodies that together are more than the memory for messages are told to come again") {
  Limits limits = small();
  limits.max_messages_mib = 0;
  const Place place(limits);
  Client client(place.address());
  REQUIRE(client.send(sync_head(3) + "abc"));
  CHECK(client.hear(5000).starts_with("HTTP/1.1 503"));
  CHECK(place.serves());
}

TEST_CASE("a request that is being served is never ended to make room") {
  const Place place(small());
  Client sending(place.address());
  REQUIRE(sending.send(sync_head(6) + "abc"));
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 30; ++i) idle.push_back(std::make_unique<Client>(place.address()));
  CHECK(place.serves());
  REQUIRE(sending.send("def"));
  CHECK(sending.hear(5000).starts_with("HTTP/1.1 400"));  // no message, but it was heard to its end
}

TEST_CASE("a request whose header has come in part stays while others wait that have sent nothing") {
  const Place place(small());
  Client again(place.address());  // its connection has served one before
  REQUIRE(again.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  REQUIRE(again.hear(5000).starts_with("HTTP/1.1 200"));
  Client first(place.address());
  for (Client* const client : {&again, &first}) REQUIRE(client->send("GET /healthz HTTP/1.1\r\nHost: "));
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 30; ++i) idle.push_back(std::make_unique<Client>(place.address()));
  CHECK(place.serves());
  for (Client* const client : {&again, &first}) {
    REQUIRE(client->send("x\r\n\r\n"));
    CHECK(client->hear(5000).find("HTTP/1.1 200") != std::string::npos);
  }
}

TEST_CASE("more newcomers than places, each with its whole request: all are answered") {
  const Place place(small());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(place.address()));
    REQUIRE(clients.back()->send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  }
  int served = 0;
  for (const auto& client : clients) served += client->hear(10'000).starts_with("HTTP/1.1 200") ? 1 : 0;
  CHECK(served == 100);
}

TEST_CASE("where all places are held by headers that do not end, a newcomer is served nonetheless") {
  const Place place(small());
  std::vector<std::unique_ptr<Client>> dribblers;
  for (int i = 0; i < 8; ++i) {
    dribblers.push_back(std::make_unique<Client>(place.address()));
    dribblers.back()->send("GET /healthz HTTP/1.1\r\nX-Slow: ");
  }
  CHECK(place.serves());
}

TEST_CASE("stopping ends idle connections at once, and does not wait for them") {
  Place place(small());
  Client idle(place.address());
  CHECK(place.serves());
  const auto began = Clock::now();
  place.service->stop();
  CHECK(Clock::now() - began < std::chrono::seconds(5));
  idle.hear(1000);
  CHECK(idle.ended());
}

}  // namespace songsong::server
