// SIGSTOP and SIGCONT: a program that stands still with its connections open, as a phone that dozes or a server whose
// machine hangs. The other side gives up in time, says so, and loses nothing.
#include <signal.h>

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "client/http.h"
#include "tests/faults/held.h"
#include "tests/faults/kill.h"
#include "tests/link/link.h"
#include "tests/support/must.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr std::size_t kRows = 2000;
constexpr std::int64_t kBitsPerSecond = 400'000;  // so that a synchronisation takes a second or two
constexpr int kPatience = 2;                      // of the phone, in seconds; three tries
constexpr int kPieceSeconds = 2;                  // what a piece may take on the link
constexpr int kMostSeconds = 30;

link::LinkOptions slow_link_to(const Village& village) {
  link::LinkOptions options;
  options.server = [address = village.address()] { return address; };
  options.bits_per_second_up = options.bits_per_second_down = kBitsPerSecond;
  return options;
}

// Waits until the phone has a receipt for some of its changes, not yet for all.
void wait_until_in_the_middle(const Village& village, const std::string& phone) {
  const Seconds until = now() + Seconds(kMostSeconds);
  for (;;) {
    const Held held = held_by_phone(village.path(phone));
    if (held.received > 0 && held.received < held.saved) return;
    REQUIRE(now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void import_list(const Village& village, const std::string& phone, std::size_t rows) {
  village.write("list.csv", list_of(rows, "Trẻ của " + phone));
  REQUIRE(village.phone(phone, {"import", "school_list", village.path("list.csv")}).exit == 0);
}

double metric(const Village& village, const std::string& name) {
  client::HttpClient http(std::nullopt);
  const std::string body = must(http.get(village.address() + "/metrics")).body;
  const std::size_t at = body.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return std::stod(body.substr(at + name.size() + 2));
}

}  // namespace

TEST_CASE("a server that stands still: the phone gives up in words, and sends the rest when it goes on", "[release]") {
  Village village;
  const link::Link slow(slow_link_to(village));
  village.join("an", {"S1"}, "teacher", slow.address());
  import_list(village, "an", kRows);
  const pid_t sync = village.begin_phone("an", {"sync", "--patience", std::to_string(kPatience)});
  wait_until_in_the_middle(village, "an");
  REQUIRE(kill(village.server_process(), SIGSTOP) == 0);
  int exit = 0;
  const Seconds took = time_of([&] { exit = end(sync); });
  const std::string said = village.read("an.out.err");
  const Held held = held_by_phone(village.path("an"));
  const Run total = village.phone("an", {"total", "S1", "--local", "--json"});
  REQUIRE(kill(village.server_process(), SIGCONT) == 0);
  CHECK(exit == 3);
  CHECK(took.count() >= kPatience);
  // A piece that was cut into pieces still has to reach the link each time.
  CHECK(took.count() < 3 * (kPatience + kPieceSeconds) + (kSanitized ? 20 : 5));
  INFO(said);
  CHECK(said.find("The server cannot be reached.") != std::string::npos);
  CHECK(said.find("everything is kept") != std::string::npos);
  CHECK(held.received < held.saved);
  CHECK(total.json()["measures"]["needs_declared"] == kRows);
  const Run rest = village.phone("an", {"sync", "--json"});
  CHECK(rest.exit == 0);
  CHECK(rest.json()["pending"] == 0);
  CHECK(village.phone("an", {"total", "S1", "--json"}).json()["measures"]["pupils_in_need"] == kRows);
  CHECK(village.server("verify").exit == 0);
  tell("SIGSTOP of the server in the middle of a synchronisation",
       "the phone gives up after " + text(took.count()) + " s, " + std::to_string(held.saved - held.received) +
           " changes unsent; sent after SIGCONT",
       "3 tries of " + std::to_string(kPatience) + " s each");
}

TEST_CASE("a phone that stands still: the server ends its connection, serves the others, and hears the rest later",
          "[release]") {
  Village village;
  village.stop();
  village.write("server/server.conf",
                "idle_timeout_seconds = 1\nheader_deadline_seconds = 1\nread_timeout_seconds = 1\n");
  village.start();
  const link::Link slow(slow_link_to(village));
  village.join("an", {"S1"}, "teacher", slow.address());
  village.join("binh", {"S2"});
  import_list(village, "an", kRows);
  const pid_t sync = village.begin_phone("an", {"sync"});
  wait_until_in_the_middle(village, "an");
  REQUIRE(kill(sync, SIGSTOP) == 0);
  Seconds slowest{0};
  for (int i = 0; i < 5; ++i) {
    village.pupil("binh", "Em " + std::to_string(i), "S2");
    slowest = std::max(slowest, time_of([&] { CHECK(village.phone("binh", {"sync"}).exit == 0); }));
  }
  // Its own connection is the one that asks for the metrics.
  const Seconds until = now() + Seconds(kMostSeconds);
  double open = metric(village, "songsong_connections");
  for (; open > 1 && now() < until; open = metric(village, "songsong_connections"))
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(open == 1);
  REQUIRE(kill(sync, SIGCONT) == 0);
  const int exit = end(sync);
  CHECK((exit == 0 || exit == 3));
  const Run rest = village.phone("an", {"sync", "--json"});
  CHECK(rest.exit == 0);
  CHECK(rest.json()["pending"] == 0);
  CHECK(village.phone("an", {"total", "D1", "--json"}).json()["measures"]["pupils_in_need"] == kRows);
  CHECK(village.server("verify").exit == 0);
  tell("SIGSTOP of a phone in the middle of a synchronisation",
       "others are served in " + text(1000 * slowest.count(), 0) + " ms at most; continued, it ends with " +
           std::to_string(exit),
       "nothing lost");
}

}  // namespace songsong::testing
