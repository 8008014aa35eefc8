// The server's face on the network, and networks that are not its own.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include "client/conversation.h"
#include "client/http.h"
#include "client/workspace.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/sqlite_store.h"

#include "tests/link/link.h"
#include "tests/support/must.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

// Answers every request with the same bytes: a captive portal.
class Portal {
 public:
  explicit Portal(std::string answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(here);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&here), length) == 0);
    REQUIRE(listen(listener_, 16) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &length) == 0);
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Portal() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void run() {
    while (!stopping_) {
      pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      const int one = accept(listener_, nullptr, nullptr);
      char buffer[65536];
      (void)recv(one, buffer, sizeof(buffer), 0);
      (void)send(one, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      shutdown(one, SHUT_WR);
      (void)recv(one, buffer, sizeof(buffer), 0);
      close(one);
    }
  }

  std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Sends these bytes and gives what comes back until the server closes, or `enough` has come.
std::string talk(const std::string& address, const std::string& bytes, const std::string& enough = "\n\n\n\n") {
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  REQUIRE(connect(one, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  (void)send(one, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string got;
  char buffer[65536];
  for (;;) {
    pollfd waiting{.fd = one, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 5000) <= 0) break;
    const ssize_t count = recv(one, buffer, sizeof(buffer), 0);
    if (count <= 0) break;
    got.append(buffer, static_cast<std::size_t>(count));
    if (got.find(enough) != std::string::npos) break;
  }
  close(one);
  return got;
}

}  // namespace

TEST_CASE("a captive portal, and whatever else is not the server, is not taken for it") {
  Village village;
  const std::string page = "<html><body>Đăng nhập Wi-Fi</body></html>";
  const std::string ok =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + std::to_string(page.size()) +
      "\r\nConnection: close\r\n\r\n" + page;
  const std::string redirect =
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  const std::string disguised =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-songsong\r\nContent-Length: " + std::to_string(page.size()) +
      "\r\nConnection: close\r\n\r\n" + page;
  for (const std::string& answer : {ok, redirect, disguised}) {
    const Portal portal(answer);
    const std::string ticket =
        village.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", portal.address()}).line();
    const std::string name = "phone-" + std::to_string(answer.size());
    REQUIRE(village.phone(name, {"init", "--ticket", ticket}).exit == 0);
    village.pupil(name, "Vi Thị Hoa");
    const Run synced = village.phone(name, {"sync", "--json"});
    CHECK(synced.exit == 3);
    CHECK(synced.out.empty());
    CHECK(synced.error()["code"] == "not_our_server");
    CHECK_FALSE(synced.error()["do"].get<std::string>().empty());
    CHECK(village.phone(name, {"total", "S1"}).exit == 3);
    CHECK(village.phone(name, {"status", "--json"}).json()["pending"] == 1);
  }
}

TEST_CASE("a server that is busy is asked again after the time that it names, and not taken for somebody else's") {
  constexpr int kBusyAnswers = 2, kNamedSeconds = 1;
  Village village;
  const std::string body = "{\"status\":503,\"code\":\"busy\"}";
  const Portal busy("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: " +
                    std::to_string(kNamedSeconds) + "\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\nConnection: close\r\n\r\n" + body);
  std::atomic<int> connections{0};
  std::atomic<int> busy_answers{kBusyAnswers};
  link::LinkOptions options;
  options.server = [&] { return ++connections <= busy_answers ? busy.address() : village.address(); };
  const link::Link link(options);
  village.join("an", {"S1"}, "teacher", link.address());
  village.pupil("an", "Vi Thị Hoa");
  const auto began = std::chrono::steady_clock::now();
  const Run synced = village.phone("an", {"sync", "--json"});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  INFO(synced.err);
  CHECK(synced.exit == 0);
  CHECK(synced.json()["pending"] == 0);
  CHECK(took.count() >= kBusyAnswers * kNamedSeconds);
  CHECK(connections > kBusyAnswers);
  // One that stays busy is said to be so in the end.
  busy_answers = 1'000;
  village.pupil("an", "Lò Văn Dũng");
  const std::unique_ptr<client::Workspace> workspace = must(client::Workspace::open(village.path("an")));
  client::ConversationOptions patient;
  patient.primer = &workspace->primer();
  patient.busy_tries = 1;
  int waits = 0;
  patient.told_to_wait = [&waits](std::chrono::milliseconds) { ++waits; };
  const Outcome<SyncTally> tally = client::converse(workspace->replica(), patient);
  REQUIRE_FALSE(tally);
  CHECK(tally.fault().code == "busy");
  CHECK(waits == 1);
  CHECK(must(workspace->replica().pending()) == 1);
}

TEST_CASE("totals, health, metrics and the page are there; what is not is said to be so") {
  Village village;
  client::HttpClient http(std::nullopt);
  const auto get = [&](const std::string& path) { return must(http.get(village.address() + path)); };
  const client::HttpAnswer totals = get("/v1/totals?unit=D1");
  CHECK(totals.status == 200);
  CHECK(totals.content_type == "application/json");
  CHECK(Json::parse(totals.body)["unit"] == "D1");
  CHECK(Json::parse(get("/v1/totals").body)["unit"] == "P");
  CHECK(get("/v1/totals?unit=nowhere").status == 404);
  CHECK(Json::parse(get("/v1/totals?unit=nowhere").body)["code"] == "unknown_unit");
  CHECK(Json::parse(get("/v1/units?unit=D1").body)["children"].size() == 2);
  CHECK(Json::parse(get("/v1/measures").body)["measures"].size() >= 8);
  CHECK(get("/healthz").status == 200);
  CHECK(get("/readyz").status == 200);
  CHECK(get("/metrics").body.find("songsong_requests_total{path=\"/v1/totals\",status=\"404\"} 2") !=
        std::string::npos);
  CHECK(get("/").body.find("<title>SongSong</title>") != std::string::npos);
  CHECK(get("/v1/nothing").status == 404);
  CHECK(must(http.post(village.address() + "/v1/totals", "text/plain", "x")).status == 405);
  CHECK(get("/v1/sync").status == 405);
  CHECK(must(http.post(village.address() + "/v1/sync", "text/plain", "x")).status == 415);
  CHECK(must(http.post(village.address() + "/v1/sync", "application/x-songsong", "x")).status == 400);
}

TEST_CASE("bodies that are too large or are cut short are refused, and others go on being served") {
  Village village;
  const std::string head =
      "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-songsong\r\nConnection: close\r\n";
  CHECK(talk(village.address(), head + "Content-Length: 99999999999\r\n\r\nx").starts_with("HTTP/1.1 413"));
  CHECK(talk(village.address(), head + "Content-Length: 4194305\r\n\r\nx").starts_with("HTTP/1.1 413"));
  CHECK(talk(village.address(), "garbage\r\n\r\n").find("200 OK") == std::string::npos);
  village.join("an", {"S1"});
  village.pupil("an", "Vi Thị Hoa");
  CHECK(village.phone("an", {"sync"}).exit == 0);
}

TEST_CASE("a stream tells totals when they change, and goes on from the last event that was seen") {
  Village village;
  village.join("an", {"S1"});
  CHECK(village.phone("an", {"sync"}).exit == 0);
  const std::string request = "GET /v1/totals/stream?unit=D1 HTTP/1.1\r\nHost: x\r\n";
  std::string seen;
  std::thread watching([&] { seen = talk(village.address(), request + "\r\n", "\"needs_declared\":1"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const std::string pupil = village.pupil("an", "Vi Thị Hoa");
  village.phone("an", {"add", "need", "pupil=" + pupil, "lacks=device"});
  CHECK(village.phone("an", {"sync"}).exit == 0);
  watching.join();
  CHECK(seen.find("event: totals") != std::string::npos);
  CHECK(seen.find("\"needs_declared\":0") != std::string::npos);
  CHECK(seen.find("\"needs_declared\":1") != std::string::npos);
  const std::size_t at = seen.rfind("id: ") + 4;
  const std::string id = seen.substr(at, seen.find('\n', at) - at);
  const std::string again = talk(village.address(), request + "Last-Event-ID: " + id + "\r\n\r\n", "event: totals");
  CHECK(again.find("event: totals") == std::string::npos);
  const std::string older = talk(village.address(), request + "Last-Event-ID: 1\r\n\r\n", "event: totals");
  CHECK(older.find("event: totals") != std::string::npos);
}

TEST_CASE("the server ends gracefully, and leaves a store that verifies") {
  Village village;
  village.join("an", {"S1"});
  village.pupil("an", "Vi Thị Hoa");
  CHECK(village.phone("an", {"sync"}).exit == 0);
  village.stop();  // checks that it ends with 0
  CHECK(village.server("verify").exit == 0);
  CHECK(village.read("server.out.err").find("Hoa") == std::string::npos);
}

TEST_CASE("a receipt that was altered is named by verify") {
  Village village;
  village.join("an", {"S1"});
  village.pupil("an", "Vi Thị Hoa");
  REQUIRE(village.phone("an", {"sync"}).exit == 0);
  {
    const std::unique_ptr<SqliteStore> store = must(SqliteStore::open(village.path("an/replica.db")));
    const Store::Writing alter = [](StoreReader& reader) -> Outcome<StoreBatch> {
      const auto receipts = reader.settings("receipt.", "", 10);
      REQUIRE(receipts.size() == 1);
      std::string bytes = receipts.front().second;
      bytes[bytes.size() - 70] = static_cast<char>(bytes[bytes.size() - 70] ^ 1);  // within the chain hash
      StoreBatch batch;
      batch.settings[receipts.front().first] = bytes;
      return batch;
    };
    must(store->write(0, {&alter, 1}));
  }
  const Run verified = village.phone("an", {"verify", "--json"});
  CHECK(verified.exit == 1);
  CHECK(verified.error()["code"] == "difference");
  CHECK(verified.error()["where"].get<std::string>().find("receipt") != std::string::npos);
}

}  // namespace songsong::testing
