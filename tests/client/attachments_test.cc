// Photos from a phone to an office, with the programs themselves, over links that are cut.
#include <signal.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/link/link.h"
#include "tests/support/files_below.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

namespace fs = std::filesystem;

std::string handover_to(const Village& village, const std::string& phone, const std::string& pupil) {
  const Run device = village.phone(phone, {"add", "device", "device_type=tablet", "school=S1"});
  const Run made =
      village.phone(phone, {"add", "handover", "pupil=" + pupil, "device=" + device.line(), "date=2026-11-20"});
  INFO(made.err);
  REQUIRE(made.exit == 0);
  return made.line();
}

// A handover in the first school, recorded on the phone.
std::string handover(const Village& village, const std::string& phone, const std::string& child) {
  return handover_to(village, phone, village.pupil(phone, child));
}

// The photo's id.
std::string photo(const Village& village, const std::string& phone, const std::string& of, const std::string& bytes) {
  village.write("taken.jpg", bytes);
  const Run made = village.phone(
      phone, {"add", "photo", "handover=" + of, "picture=@" + village.path("taken.jpg"), "shows=handover"});
  INFO(made.err);
  REQUIRE(made.exit == 0);
  fs::remove(village.path("taken.jpg"));  // the phone has it
  return made.line();
}

std::string fetched(const Village& village, const std::string& phone, const std::string& record) {
  const Run got = village.phone(phone, {"fetch", record, village.path("got.jpg")});
  INFO(got.err);
  return got.exit == 0 ? village.read("got.jpg") : std::to_string(got.exit);
}

}  // namespace

TEST_CASE("a photo waits for a signal in a queue of its own, and the office gets it") {
  Village village;
  village.join("minh", {"S1"});
  village.join("office", {"P"}, "reviewer");
  const std::string bytes = made_up_photo(90'000, 1);
  const std::string record = photo(village, "minh", handover(village, "minh", "Vi Thị Hoa"), bytes);
  const Json before = village.phone("minh", {"status", "--json"}).json();
  CHECK(before["files_waiting"] == 1);
  CHECK(before["files_waiting_bytes"] == 90'000);
  CHECK(fetched(village, "minh", record) == bytes);  // no network is needed

  const Run sync = village.phone("minh", {"sync", "--json"});
  INFO(sync.err);
  CHECK(sync.json()["files_sent"] == 1);
  CHECK(sync.json()["files_waiting"] == 0);
  CHECK(village.phone("minh", {"status", "--json"}).json()["files_waiting"] == 0);
  CHECK_FALSE(holds(village.path("minh"), bytes.substr(50'000, 400)));  // the server keeps it now
  REQUIRE(village.phone("office", {"sync"}).exit == 0);
  CHECK(fetched(village, "office", record) == bytes);
  CHECK(fetched(village, "minh", record) == bytes);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("what is no file, is too large or is no picture's field is told, and nothing is lost") {
  Village village;
  village.join("minh", {"S1"});
  const std::string of = handover(village, "minh", "Vi Thị Hoa");
  const auto code = [&](const std::string& picture) {
    return village.phone("minh", {"add", "photo", "handover=" + of, "picture=" + picture, "--json"}).error()["code"];
  };
  CHECK(code("@" + village.path("nowhere.jpg")) == "file_unreadable");
  village.write("large.jpg", std::string(2'200'000, 'x'));
  CHECK(code("@" + village.path("large.jpg")) == "attachment_too_large");
  village.write("empty.jpg", "");
  CHECK(code("@" + village.path("empty.jpg")) == "file_empty");
  CHECK(code("abc") == "bytes_malformed");
  CHECK(code("abcd") == "attachment_name_malformed");
  // A text that begins with an @ is a text.
  CHECK(village.phone("minh", {"set", of, "note=@minh"}).exit == 0);
  CHECK(village.phone("minh", {"status", "--json"}).json()["files_waiting"] == 0);
}

TEST_CASE("over a link that is cut again and again photos arrive whole, and little is sent twice") {
  Village village;
  link::LinkOptions options;
  options.server = [&] { return village.address().substr(std::string("http://").size()); };
  options.bits_per_second_up = 800'000;
  options.bits_per_second_down = 800'000;
  options.round_trip_ms = 40;
  options.cut_every_ms = 450;
  const link::Link link(options);
  village.join("minh", {"S1"}, "teacher", link.address());
  std::vector<std::pair<std::string, std::string>> all;
  std::size_t bytes = 0;
  const std::string of = handover(village, "minh", "Vi Thị Hoa");
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::string taken = made_up_photo(80'000 + 7'000 * i, 10 + i);
    bytes += taken.size();
    all.emplace_back(photo(village, "minh", of, taken), taken);
  }
  Json last;
  for (int i = 0; i < 30; ++i) {
    last = village.phone("minh", {"sync", "--json", "--patience", "5"}).json();
    if (last.is_object() && last["files_waiting"] == 0 && last["pending"] == 0) break;
  }
  CHECK(last["files_waiting"] == 0);
  const link::LinkCounts counts = link.counts();
  INFO("cut " << counts.cut << " times, " << counts.bytes_up << " bytes up for " << bytes);
  CHECK(counts.cut > 3);
  // With each cut goes what was on its way then.
  CHECK(counts.bytes_up < bytes + (counts.cut + 1) * 32 * 1024);
  for (const auto& [record, taken] : all) CHECK(fetched(village, "minh", record) == taken);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a phone that is killed while it sends a photo goes on where it was") {
  Village village;
  link::LinkOptions options;
  options.server = [&] { return village.address().substr(std::string("http://").size()); };
  options.bits_per_second_up = 400'000;
  const link::Link link(options);
  village.join("minh", {"S1"}, "teacher", link.address());
  const std::string of = handover(village, "minh", "Vi Thị Hoa");
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  const std::string bytes = made_up_photo(400'000, 20);
  const std::string record = photo(village, "minh", of, bytes);
  const std::uint64_t before = link.counts().bytes_up;
  const pid_t sending = village.begin_phone("minh", {"sync"});
  for (int i = 0; i < 1'000 && link.counts().bytes_up < before + 200'000; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(sending, SIGKILL);
  CHECK(end(sending) == 128 + SIGKILL);
  const Run again = village.phone("minh", {"sync", "--json"});
  INFO(again.err);
  CHECK(again.json()["files_sent"] == 1);
  CHECK(link.counts().bytes_up < before + 400'000 + 150'000);
  CHECK(fetched(village, "minh", record) == bytes);
}

TEST_CASE("photos hold up no change, and wait where the server takes none") {
  Village village;
  village.join("minh", {"S1"});
  const std::string of = handover(village, "minh", "Vi Thị Hoa");
  photo(village, "minh", of, made_up_photo(5'000, 30));
  village.stop();
  village.write("server/server.conf", "least_free_mib = 900000000\n");  // as on a disk that is nearly full
  village.start();
  const Run sync = village.phone("minh", {"sync", "--json"});
  CHECK(sync.exit == 0);
  CHECK(sync.json()["pending"] == 0);
  CHECK(sync.json()["files_waiting"] == 1);
  village.stop();
  village.write("server/server.conf", "");
  village.start();
  CHECK(village.phone("minh", {"sync", "--json"}).json()["files_sent"] == 1);
}

TEST_CASE("a child's photos go with the child, those that still wait on a phone too") {
  Village village;
  village.join("minh", {"S1"});
  village.join("admin", {"P"}, "administrator");
  const std::string pupil = village.pupil("minh", "Vi Thị Hoa");
  const std::string of = handover_to(village, "minh", pupil);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  const std::string sent = made_up_photo(20'000, 40), waits = made_up_photo(20'000, 41);
  const std::string record = photo(village, "minh", of, sent);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  photo(village, "minh", of, waits);
  CHECK(holds(village.path("server"), sent.substr(9'000, 400)));
  CHECK(holds(village.path("minh"), waits.substr(9'000, 400)));
  REQUIRE(village.server("erase", {pupil, "--reason", "consent_withdrawn"}).exit == 0);
  CHECK_FALSE(holds(village.path("server"), sent.substr(9'000, 400)));
  const Run sync = village.phone("minh", {"sync", "--json"});
  INFO(sync.err << sync.out);
  CHECK(sync.json()["files_sent"] == 0);
  // What was recorded about an erased child since is erased as it arrives, and told so with the next sync.
  village.phone("minh", {"sync"});
  CHECK_FALSE(holds(village.path("minh"), waits.substr(9'000, 400)));
  CHECK_FALSE(holds(village.path("server"), waits.substr(9'000, 400)));
  CHECK(fetched(village, "minh", record) == "1");
  CHECK(village.phone("minh", {"status", "--json"}).json()["files_waiting"] == 0);
  CHECK(village.server("verify").exit == 0);
  CHECK(village.phone("minh", {"verify"}).exit == 0);
}

TEST_CASE("a photo that waits while its pupil goes to another school is sent by the phone that took it") {
  Village village;
  village.join("minh", {"S1"});
  village.join("lan", {"S2"});
  const std::string pupil = village.pupil("minh", "Vi Thị Hoa");
  const std::string of = handover_to(village, "minh", pupil);
  village.stop();
  village.write("server/server.conf", "least_free_mib = 900000000\n");  // takes no photo for now
  village.start();
  const std::string bytes = made_up_photo(9'000, 60);
  const std::string record = photo(village, "minh", of, bytes);
  REQUIRE(village.phone("minh", {"let-go", pupil, "--to", "S2"}).exit == 0);
  REQUIRE(village.phone("minh", {"sync"}).exit == 6);
  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  REQUIRE(village.phone("lan", {"receive", village.phone("lan", {"cases", "--json"}).json()["id"]}).exit == 0);
  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  CHECK(village.phone("minh", {"list", "photo"}).out.empty());
  village.stop();
  village.write("server/server.conf", "");
  village.start();
  CHECK(village.phone("minh", {"sync", "--json"}).json()["files_sent"] == 1);
  REQUIRE(village.phone("lan", {"sync"}).exit == 0);
  CHECK(fetched(village, "lan", record) == bytes);
}

TEST_CASE("one photo of two handovers is each one's, and goes with its own child") {
  Village village;
  village.join("minh", {"S1"});
  const std::string bytes = made_up_photo(9'000, 70);
  const std::string one = photo(village, "minh", handover(village, "minh", "Vi Thị Hoa"), bytes);
  const std::string pupil = village.pupil("minh", "Lò Văn Páo");
  const std::string of = handover_to(village, "minh", pupil);
  const std::string other = photo(village, "minh", of, bytes);
  CHECK(village.phone("minh", {"status", "--json"}).json()["files_waiting"] == 2);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  CHECK(fetched(village, "minh", one) == bytes);
  CHECK(fetched(village, "minh", other) == bytes);
  REQUIRE(village.server("erase", {pupil, "--reason", "ordered"}).exit == 0);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  CHECK(fetched(village, "minh", one) == bytes);
  CHECK(fetched(village, "minh", other) == "1");
}

TEST_CASE("a photo that the server has lost is given again") {
  Village village;
  village.join("minh", {"S1"});
  const std::string bytes = made_up_photo(9'000, 71);
  const std::string record = photo(village, "minh", handover(village, "minh", "Vi Thị Hoa"), bytes);
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  fs::remove_all(village.path("server/attachments"));
  CHECK(fetched(village, "minh", record) == "1");
  village.write("taken.jpg", bytes);
  CHECK(village.phone("minh", {"set", record, "picture=@" + village.path("taken.jpg")}).exit == 0);
  CHECK(village.phone("minh", {"sync", "--json"}).json()["files_sent"] == 1);
  CHECK(fetched(village, "minh", record) == bytes);
}

TEST_CASE("a photo that waits is sent by a device that has another ticket by now") {
  Village village;
  village.join("minh", {"S1"});
  const std::string bytes = made_up_photo(9'000, 72);
  const std::string record = photo(village, "minh", handover(village, "minh", "Vi Thị Hoa"), bytes);
  village.stop();
  village.write("server/server.conf", "least_free_mib = 900000000\n");
  village.start();
  REQUIRE(village.phone("minh", {"sync"}).exit == 0);
  village.join("minh", {"S2"});
  village.stop();
  village.write("server/server.conf", "");
  village.start();
  CHECK(village.phone("minh", {"sync", "--json"}).json()["files_sent"] == 1);
  village.join("office", {"P"}, "reviewer");
  REQUIRE(village.phone("office", {"sync"}).exit == 0);
  CHECK(fetched(village, "office", record) == bytes);
}

TEST_CASE("a photo that waits in a sealed folder is sealed") {
  Village village;
  village.join("minh", {"S1"});
  const std::string bytes = made_up_photo(30'000, 50);
  const std::string record = photo(village, "minh", handover(village, "minh", "Vi Thị Hoa"), bytes);
  CHECK(holds(village.path("minh"), bytes.substr(9'000, 400)));
  const std::vector<std::string> pin{"SONGSONG_LANG=en", "SONGSONG_NEW_PIN=194753", "SONGSONG_PIN=194753"};
  const auto sealed = [&](std::vector<std::string> words) {
    words.insert(words.begin(), SONGSONG_PROGRAM);
    words.insert(words.end(), {"--dir", village.path("minh")});
    return run(words, pin);
  };
  REQUIRE(sealed({"pin"}).exit == 0);
  CHECK_FALSE(holds(village.path("minh"), bytes.substr(9'000, 400)));
  // Locked, it says what waits besides.
  const Json locked = village.phone("minh", {"sync", "--json"}).json();
  CHECK(locked["locked"] == true);
  CHECK(locked["files_waiting"] == 1);
  const Run sync = sealed({"sync", "--json"});
  INFO(sync.err);
  CHECK(sync.json()["files_sent"] == 1);
  REQUIRE(sealed({"fetch", record, village.path("got.jpg")}).exit == 0);
  CHECK(village.read("got.jpg") == bytes);
}

}  // namespace songsong::testing
