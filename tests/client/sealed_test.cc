// A folder under a PIN, with the programs themselves: what lies on the device, who can open it, what is sent while it
// is locked, and two teachers who share a device.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/files_below.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPin = "194753";

// A device that people share: each has a space, and a PIN where it is said.
class Tablet {
 public:
  explicit Tablet(Village& village) : village_(village) {}

  // With what it is asked for in the environment, as a program gives it.
  Run run(const std::string& space, std::vector<std::string> words, const std::string& pin = {},
          const std::string& new_pin = {}) const {
    words.insert(words.begin(), SONGSONG_PROGRAM);
    words.insert(words.end(), {"--dir", village_.path("tablet"), "--space", space});
    std::vector<std::string> environment{"SONGSONG_LANG=en", "XDG_RUNTIME_DIR=" + memory_};
    if (!pin.empty()) environment.push_back("SONGSONG_PIN=" + pin);
    if (!new_pin.empty()) environment.push_back("SONGSONG_NEW_PIN=" + new_pin);
    return testing::run(words, environment);
  }
  // Enrols somebody at the first school.
  void join(const std::string& space) const {
    const Run ticket = village_.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", village_.address()});
    REQUIRE(run(space, {"init", "--ticket", ticket.line()}).exit == 0);
  }
  std::string pupil(const std::string& space, const std::string& name, const std::string& pin = {}) const {
    const Run added =
        run(space, {"add", "pupil", "full_name=" + name, "school=S1", "school_level=primary", "household=poor"}, pin);
    INFO(added.err);
    REQUIRE(added.exit == 0);
    return added.line();
  }
  std::string folder(const std::string& space) const { return village_.path("tablet/spaces/" + space); }
  // A folder in memory for keys at hand.
  void use_memory(const std::string& folder) { memory_ = folder; }

 private:
  Village& village_;
  std::string memory_ = "/nowhere";
};

}  // namespace

TEST_CASE("what a sealed folder holds cannot be read on the device, and is all there under its PIN") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  const std::string hoa = tablet.pupil("lan", "Vi Thị Hoa");
  CHECK(tablet.run("lan", {"add", "pupil", "full_name=Vi Thị Nháp", "school=S1", "school_level=none"}).exit == 1);
  CHECK(holds(tablet.folder("lan"), "Vi Thị Hoa"));
  CHECK(holds(tablet.folder("lan"), "Vi Thị Nháp"));

  CHECK(tablet.run("lan", {"pin", "--json"}).error()["code"] == "pin_not_given");
  CHECK(tablet.run("lan", {"pin", "--json"}, {}, "123456").error()["code"] == "pin_weak");
  CHECK(holds(tablet.folder("lan"), "Vi Thị Hoa"));
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  for (const char* text : {"Vi Thị Hoa", "vi thi hoa", "Vi Thị Nháp", "primary", "SQLite", "song1-"})
    CHECK_FALSE(holds(tablet.folder("lan"), text));

  for (const std::vector<std::string>& command : {std::vector<std::string>{"list", "pupil"},
                                                  {"show", hoa},
                                                  {"search", "hoa"},
                                                  {"draft"},
                                                  {"status"},
                                                  {"set", hoa, "grade=3"},
                                                  {"verify"},
                                                  {"bundle", village.path("b")},
                                                  {"total", "S1", "--local"}}) {
    CAPTURE(command.front());
    std::vector<std::string> words = command;
    words.push_back("--json");
    const Run locked = tablet.run("lan", words);
    CHECK(locked.exit == 1);
    CHECK(locked.error()["code"] == "pin_needed");
    CHECK(locked.out.empty());
    CHECK(tablet.run("lan", words, "194754").error()["code"] == "pin_wrong");
  }
  CHECK(tablet.run("lan", {"list", "pupil"}, kPin).out.find("Vi Thị Hoa") != std::string::npos);
  CHECK(tablet.run("lan", {"draft"}, kPin).out.find("Vi Thị Nháp") != std::string::npos);
  CHECK(tablet.run("lan", {"draft", "1", "school_level=primary", "household=poor"}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"set", hoa, "grade=3"}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"sync"}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"verify"}, kPin).exit == 0);
  CHECK_FALSE(holds(tablet.folder("lan"), "Vi Thị"));

  // Another PIN: nothing is sealed anew, and the old one is none any more.
  REQUIRE(tablet.run("lan", {"pin"}, kPin, "con trâu là đầu").exit == 0);
  CHECK(tablet.run("lan", {"show", hoa, "--json"}, kPin).error()["code"] == "pin_wrong");
  CHECK(tablet.run("lan", {"show", hoa}, "con trâu là đầu").exit == 0);
}

TEST_CASE("a locked folder sends what was recorded in it, and takes the receipts when it is opened") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"sync", "--json"}).json()["sent"] == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  tablet.pupil("lan", "Vi Thị Ba", kPin);

  village.stop();
  CHECK(tablet.run("lan", {"sync"}).exit == 3);  // no network: it stays where it is
  village.start();
  const Run sent = tablet.run("lan", {"sync", "--json"});
  CHECK(sent.json()["sent"] == 2);
  CHECK(sent.json()["locked"] == true);
  CHECK(tablet.run("lan", {"sync", "--json"}).json()["sent"] == 0);  // no signal is spent on it twice
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 0);
  CHECK(tablet.run("lan", {"sync", "--json"}, kPin).json()["sent"] == 0);
  CHECK(tablet.run("lan", {"verify"}, kPin).exit == 0);
  CHECK(village.server("verify").exit == 0);
  village.join("an", {"S1"});
  village.phone("an", {"sync"});
  CHECK(village.phone("an", {"list", "pupil"}).out.find("Vi Thị Ba") != std::string::npos);
}

TEST_CASE("of two teachers who share a device, whoever has a signal sends for both, and neither reads the other") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  tablet.join("minh");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  REQUIRE(tablet.run("minh", {"pin"}, {}, "857201").exit == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  tablet.pupil("minh", "Lò Văn Minh", "857201");
  CHECK(tablet.run("lan", {"list", "pupil", "--json"}, "857201").error()["code"] == "pin_wrong");

  const Run spaces = tablet.run("minh", {"spaces", "--json"});
  CHECK(spaces.out.find(R"("sealed":true,"waiting":1,"handed_over":0)") != std::string::npos);
  const Run sent = tablet.run("minh", {"sync"}, "857201");
  CHECK(sent.exit == 0);
  CHECK(sent.err.find("Sent for lan: 1 changes") != std::string::npos);
  CHECK(tablet.run("minh", {"sync"}, "857201").err.empty());
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 0);
  CHECK(tablet.run("lan", {"verify"}, kPin).exit == 0);

  // A neighbour's damaged outbox is said, and keeps nobody from sending.
  tablet.pupil("minh", "Lò Văn Hai", "857201");
  village.write("tablet/spaces/lan/outbox", "{\"server\":");
  const Run beside = tablet.run("minh", {"sync", "--json"}, "857201");
  CHECK(beside.exit == 0);
  CHECK(beside.json()["sent"] == 1);
  CHECK(beside.err.find("Could not send for lan") != std::string::npos);
}

TEST_CASE("a folder is open for a while, and locking it deletes nothing") {
  Village village;
  Tablet tablet(village);
  std::string memory = "/dev/shm/songsong-XXXXXX";
  REQUIRE(mkdtemp(memory.data()) != nullptr);
  tablet.use_memory(memory);
  tablet.join("lan");
  CHECK(tablet.run("lan", {"unlock", "--json"}, kPin).error()["code"] == "pin_unset");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  CHECK(tablet.run("lan", {"unlock", "--json"}, "194754").error()["code"] == "pin_wrong");
  CHECK(tablet.run("lan", {"list", "pupil"}).exit == 1);
  REQUIRE(tablet.run("lan", {"unlock", "--minutes", "5"}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"list", "pupil"}).out.find("Vi Thị Hoa") != std::string::npos);
  tablet.pupil("lan", "Vi Thị Ba");

  const fs::directory_entry key = *fs::directory_iterator(memory + "/songsong");
  CHECK(fs::status(key).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  SECTION("locked by hand") { CHECK(tablet.run("lan", {"lock"}).exit == 0); }
  SECTION("the time is over") {
    std::ifstream file(key.path());
    std::string session, until, bytes;
    file >> session >> until >> bytes;
    std::ofstream(key.path()) << session << " 1 " << bytes << "\n";
  }
  SECTION("the device was switched off since") {
    std::ifstream file(key.path());
    std::string session, until, bytes;
    file >> session >> until >> bytes;
    std::ofstream(key.path()) << "7 " << until << " " << bytes << "\n";
  }
  CHECK(tablet.run("lan", {"list", "pupil"}).exit == 1);
  CHECK_FALSE(fs::exists(key.path()));
  const Run list = tablet.run("lan", {"list", "pupil"}, kPin);
  CHECK(list.out.find("Vi Thị Hoa") != std::string::npos);
  CHECK(list.out.find("Vi Thị Ba") != std::string::npos);
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 2);
  fs::remove_all(memory);
}

TEST_CASE("a key is not left at hand on a disk, and a space has a simple name") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"unlock", "--json"}, kPin).error()["code"] == "no_memory_folder");
  for (const char* name : {"../lan", "lan/..", "l n", "."}) CHECK(tablet.run(name, {"status"}).exit == 2);
}

TEST_CASE("a sealed folder takes a new ticket") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  const std::string ticket =
      village.server("ticket", {"--unit", "S2", "--role", "teacher", "--url", village.address()}).line();
  CHECK(tablet.run("lan", {"init", "--ticket", ticket, "--json"}).error()["code"] == "pin_needed");
  REQUIRE(tablet.run("lan", {"init", "--ticket", ticket}, kPin).exit == 0);
  CHECK_FALSE(fs::exists(tablet.folder("lan") + "/replica.db"));
  const Run status = tablet.run("lan", {"status", "--json"}, kPin);
  CHECK(status.json()["units"] == Json::array({"S2"}));
  CHECK(status.json()["pending"] == 1);
  CHECK(tablet.run("lan", {"sync"}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 0);
}

TEST_CASE("of two who seal one folder at once one does, and its PIN opens it") {
  Village village;
  const Tablet tablet(village);
  for (int round = 0; round < 5; ++round) {
    const std::string space = "lan" + std::to_string(round);
    tablet.join(space);
    tablet.pupil(space, "Vi Thị Hoa");
    const pid_t other = begin({SONGSONG_PROGRAM, "pin", "--dir", village.path("tablet"), "--space", space},
                              village.path("pin.out"), {"SONGSONG_LANG=en", "SONGSONG_NEW_PIN=286453"});
    const Run own = tablet.run(space, {"pin"}, {}, kPin);
    const int others = end(other);
    CAPTURE(own.err, others);
    CHECK((own.exit == 0) != (others == 0));
    const Run list = tablet.run(space, {"list", "pupil"}, own.exit == 0 ? kPin : "286453");
    CHECK(list.out.find("Vi Thị Hoa") != std::string::npos);
    CHECK_FALSE(holds(tablet.folder(space), "Vi Thị Hoa"));
  }
}

TEST_CASE("what a server that is not the own one answers for is not taken for sent") {
  Village village, other;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  const std::string outbox = village.read("tablet/spaces/lan/outbox");
  Json elsewhere = Json::parse(outbox);
  elsewhere["server"] = other.address();
  village.write("tablet/spaces/lan/outbox", elsewhere.dump());
  const Run refused = tablet.run("lan", {"sync", "--json"});
  CHECK(refused.exit == 4);
  village.write("tablet/spaces/lan/outbox", outbox);
  CHECK(tablet.run("lan", {"sync", "--json"}).json()["sent"] == 1);
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 0);
}

TEST_CASE("an outbox that is damaged, or gone, is made again when the folder is opened") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  const auto is_sent = [&] {
    CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 1);
    CHECK(tablet.run("lan", {"sync", "--json"}).json()["sent"] == 1);
  };
  SECTION("damaged") {
    village.write("tablet/spaces/lan/outbox", "{");
    CHECK(tablet.run("lan", {"sync", "--json"}).exit == 1);
    is_sent();
  }
  SECTION("gone") {
    fs::remove(tablet.folder("lan") + "/outbox");
    is_sent();
  }
  SECTION("sent, and the receipts are somebody else's") {
    CHECK(tablet.run("lan", {"sync", "--json"}).json()["sent"] == 1);
    village.write("tablet/spaces/lan/outbox.receipts", "SNGR");
    is_sent();
  }
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).json()["pending"] == 0);
}

TEST_CASE("a draft that cannot be read locks nobody out") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  tablet.pupil("lan", "Vi Thị Hoa");
  fs::create_directories(tablet.folder("lan") + "/drafts");
  village.write("tablet/spaces/lan/drafts/3.json", "garbage");
  village.write("tablet/spaces/lan/drafts/4.json.unfinished", "Vi Thị Nháp");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  CHECK(tablet.run("lan", {"list", "pupil"}, kPin).out.find("Vi Thị Hoa") != std::string::npos);
  CHECK_FALSE(holds(tablet.folder("lan"), "garbage"));
  CHECK_FALSE(holds(tablet.folder("lan"), "Vi Thị Nháp"));
  CHECK(tablet.run("lan", {"draft", "3", "--drop"}, kPin).exit == 0);
}

TEST_CASE("on a device that is nobody's own, one command sends for all; a colleague's trouble keeps nobody back") {
  Village village;
  const Tablet tablet(village);
  for (const char* name : {"lan", "minh"}) {
    tablet.join(name);
    REQUIRE(tablet.run(name, {"pin"}, {}, kPin).exit == 0);
    tablet.pupil(name, "Vi Thị Hoa", kPin);
  }
  village.write("tablet/spaces/lan/outbox", "{");
  const Run device = village.phone("tablet", {"sync"});
  CHECK(device.exit == 1);  // of what went wrong, for whoever runs it by the clock
  CHECK(device.err.find("Sent for minh: 1 changes") != std::string::npos);
  CHECK(device.err.find("Could not send for lan") != std::string::npos);
  CHECK(tablet.run("lan", {"sync", "--check", "--json"}).error()["code"] == "pin_needed");
}

TEST_CASE("a program that watches sends what a locked folder has, and goes on") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  tablet.pupil("lan", "Vi Thị Hoa", kPin);
  const pid_t watching = village.begin_phone("tablet/spaces/lan", {"sync", "--watch", "--every", "1"});
  const auto sent = [&] { return Json::parse(tablet.run("lan", {"spaces", "--json"}).line())["waiting"] == 0; };
  for (int tries = 0; !sent() && tries < 100; ++tries) usleep(50'000);
  CHECK(sent());
  int exit = 0;
  CHECK_FALSE(is_over(watching, exit));
  kill(watching, SIGTERM);
  CHECK(end(watching) == 0);
}

TEST_CASE("a sealed store that is gone, or was cut short, is not set up anew over what may be put back") {
  Village village;
  const Tablet tablet(village);
  tablet.join("lan");
  REQUIRE(tablet.run("lan", {"pin"}, {}, kPin).exit == 0);
  const std::string store = tablet.folder("lan") + "/replica.sealed";
  const std::string kept = village.read("tablet/spaces/lan/pin");
  SECTION("gone") { fs::remove(store); }
  SECTION("cut short") { fs::resize_file(store, 0); }
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status"}, {"init", "--ticket", "song1-x"}, {"pin"}})
    CHECK(tablet.run("lan", command, kPin, "857201").exit != 0);
  CHECK(tablet.run("lan", {"status", "--json"}, kPin).error()["code"] == "storage_damaged");
  CHECK((!fs::exists(store) || fs::file_size(store) == 0));
  CHECK_FALSE(fs::exists(tablet.folder("lan") + "/replica.db"));
}

}  // namespace songsong::testing
