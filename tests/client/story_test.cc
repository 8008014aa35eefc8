// A school year on the command line: docs/INTERFACES.md, driven as other programs drive it.
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/village/village.h"

namespace songsong::testing {

TEST_CASE("a teacher records offline, synchronises, and the district sees it") {
  Village village;
  village.join("an", {"S1"});
  village.join("district", {"D1"}, "reviewer");
  village.stop();
  const std::string pupil = village.pupil("an", "Vi Thị Hoa");
  const Run need = village.phone("an", {"add", "need", "pupil=" + pupil, "lacks=device"});
  CHECK(need.exit == 0);
  CHECK(need.line().find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.-") == std::string::npos);
  const Run alone = village.phone("an", {"sync", "--json"});
  CHECK(alone.exit == 3);
  CHECK(alone.out.empty());
  CHECK(alone.error()["code"] == "network");
  village.start();
  const Run synced = village.phone("an", {"sync", "--json"});
  REQUIRE(synced.exit == 0);
  const Json tally = synced.json();
  CHECK(tally["sent"] == 2);
  CHECK(tally["pending"] == 0);
  CHECK(tally["quarantined"] == 0);
  CHECK(tally["round_trips"] == 1);
  CHECK(village.phone("district", {"sync", "--json"}).json()["received"] >= 2);
  const Run shown = village.phone("district", {"show", pupil, "--json"});
  CHECK(shown.json()["fields"]["full_name"] == "Vi Thị Hoa");
  CHECK(shown.json()["unit"] == "S1");
  CHECK(shown.json()["sent"] == true);
  const Json here = village.phone("district", {"total", "D1", "--local", "--json"}).json();
  const Json there = village.phone("district", {"total", "D1", "--json"}).json();
  CHECK(here["measures"] == there["measures"]);
  CHECK(here["by"] == there["by"]);
  CHECK(there["measures"]["pupils_in_need"] == 1);
  CHECK(there["by"]["school_level"]["primary"]["needs_declared"] == 1);
  CHECK(village.phone("an", {"verify"}).exit == 0);
  CHECK(village.phone("district", {"verify", "--json"}).json()["ok"] == true);
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("input that is refused names what, where and what to do, and exits with 1; a wrong command with 2") {
  Village village;
  village.join("an", {"S1"});
  const auto refused = [&](std::vector<std::string> words) {
    words.emplace_back("--json");
    const Run ran = village.phone("an", words);
    CHECK(ran.out.empty());
    const Json error = ran.error();
    REQUIRE(error.is_object());
    CHECK_FALSE(error["message"].get<std::string>().empty());
    return std::pair(ran.exit, error["code"].get<std::string>());
  };
  using Refusal = std::pair<int, std::string>;
  CHECK(refused({"add", "pupl", "full_name=x"}) == Refusal(1, "unknown_kind"));
  CHECK(refused({"add", "pupil", "ful_name=x"}) == Refusal(1, "unknown_field"));
  CHECK(refused({"add", "pupil", "full_name=x", "household=rich"}) == Refusal(1, "unknown_value"));
  CHECK(refused({"add", "pupil", "full_name=x"}) == Refusal(1, "required"));
  CHECK(refused({"add", "pupil", "birth_date=31/02/2013"}).first == 1);
  CHECK(refused({"add", "pupil", "full_name"}) == Refusal(2, "usage"));
  CHECK(refused({"add"}) == Refusal(2, "usage"));
  CHECK(refused({"frobnicate"}) == Refusal(2, "usage"));
  CHECK(refused({"show", "no such"}) == Refusal(1, "name_malformed"));
  CHECK(refused({"show", "00001.1.0000"}) == Refusal(1, "unknown_record"));
  CHECK(refused({"settle", "conflict.00001.1.0000", "--same"}) == Refusal(1, "case_not_open"));
  CHECK(refused({"import", "school_list", village.path("nowhere.csv")}) == Refusal(1, "file_unreadable"));
  CHECK(refused({"total", "S9", "--local"}) == Refusal(1, "unknown_unit"));
  CHECK(refused({"total", "S9"}) == Refusal(4, "unknown_unit"));
  const Run nowhere = village.phone("not-there", {"list", "pupil"});
  CHECK(nowhere.exit == 1);
  CHECK(nowhere.err.find("init") != std::string::npos);
}

TEST_CASE("people are spoken to in Vietnamese, or in English where their settings say so") {
  Village village;
  village.join("an", {"S1"});
  const std::vector<std::string> words{SONGSONG_PROGRAM, "show", "x", "--dir", village.path("an")};
  const auto says = [&](const std::vector<std::string>& environment) { return run(words, environment).err; };
  const std::string english = says({"SONGSONG_LANG=en"});
  CHECK(english.find("record id") != std::string::npos);
  CHECK(says({"SONGSONG_LANG=", "LC_ALL=en_GB.UTF-8"}) == english);
  CHECK(says({"SONGSONG_LANG=", "LC_ALL=", "LC_MESSAGES=", "LANG=en_US.UTF-8"}) == english);
  CHECK(says({"SONGSONG_LANG=vi", "LC_ALL=en_GB.UTF-8"}) != english);
  CHECK(says({"SONGSONG_LANG=", "LC_ALL=", "LC_MESSAGES=", "LANG=C"}).find("Mã hồ sơ") != std::string::npos);
}

TEST_CASE("values are cleared, unions take += and -=, lists are filtered, removed records are left out") {
  Village village;
  village.join("an", {"S1"});
  const std::string hoa = village.pupil("an", "Vi Thị Hoa"), nam = village.pupil("an", "Lò Văn Nam");
  CHECK(village.phone("an", {"set", hoa, "grade=3", "area=mountain"}).exit == 0);
  CHECK(village.phone("an", {"set", hoa, "area="}).exit == 0);
  const Json fields = village.phone("an", {"show", hoa, "--json"}).json()["fields"];
  CHECK(fields["grade"] == 3);
  CHECK_FALSE(fields.contains("area"));
  CHECK(village.phone("an", {"set", hoa, "grade=3"}).exit == 0);  // it is so already
  const Run grade = village.phone("an", {"list", "pupil", "--where", "grade=3", "--where", "household=poor", "--json"});
  CHECK(grade.json()["id"] == hoa);
  CHECK(village.phone("an", {"search", "lo van nam", "--json"}).json()["id"] == nam);
  village.phone("an", {"add", "need", "pupil=" + nam, "lacks=signal"});
  CHECK(village.phone("an", {"remove", nam, "--json"}).json()["dependents_left"].size() == 1);
  CHECK(village.phone("an", {"total", "S1", "--local", "--json"}).json()["measures"]["needs_declared"] == 1);
  CHECK(village.phone("an", {"remove", nam, "--with-dependents"}).exit == 0);
  CHECK(village.phone("an", {"total", "S1", "--local", "--json"}).json()["measures"]["needs_declared"] == 0);
  CHECK(village.phone("an", {"list", "pupil", "--json"}).json()["id"] == hoa);
  CHECK(village.phone("an", {"show", nam, "--json"}).json()["removed"] == true);
  const Json history = village.phone("an", {"show", hoa, "--history", "--json"}).json();
  CHECK(history["history"].size() == 3);
}

TEST_CASE("conflicts, double handovers, doubles and quarantines are settled from the command line") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S2"});
  village.join("district", {"D1"}, "reviewer");
  const std::string one = village
                              .phone("an", {"add", "pupil", "full_name=Vi Thị Hoa", "birth_date=2013-09-05",
                                            "school=S1", "school_level=primary", "household=poor"})
                              .line();
  const std::string two = village
                              .phone("binh", {"add", "pupil", "full_name=VI THI HOA", "birth_date=2013-09-05",
                                              "school=S2", "school_level=primary", "household=poor"})
                              .line();
  for (const auto& [phone, pupil, school] : {std::tuple("an", one, "S1"), std::tuple("binh", two, "S2")}) {
    village.phone(phone, {"add", "need", "pupil=" + pupil, "lacks=device"});
    const std::string device =
        village.phone(phone, {"add", "device", "device_type=tablet", std::string("school=") + school}).line();
    CHECK(village.phone(phone, {"add", "handover", "pupil=" + pupil, "device=" + device, "date=2021-10-05"}).exit == 0);
    CHECK(village.phone(phone, {"sync"}).exit == 0);
  }
  village.phone("district", {"sync"});
  const auto open_case = [&](const std::string& of) {
    Json found;
    std::istringstream lines(village.phone("district", {"cases", "--json"}).out);
    for (std::string line; std::getline(lines, line);) {
      const Json each = Json::parse(line);
      if (each["class"] == of) found = each;
    }
    return found;
  };
  const Json double_one = open_case("duplicate");
  REQUIRE(double_one.is_object());
  CHECK(double_one["records"].size() == 2);
  CHECK(village.phone("district", {"settle", double_one["id"], "--void", "00001.1.0000"}).exit == 1);
  CHECK(village.phone("district", {"settle", double_one["id"], "--same", "--different"}).exit == 2);
  CHECK(village.phone("district", {"settle", double_one["id"], "--same", "--reason", "asked"}).exit == 0);
  const Json claim = open_case("claim");
  REQUIRE(claim.is_object());
  CHECK(village.phone("district", {"total", "D1", "--local", "--json"}).json()["measures"]["support_excess"] == 1);
  CHECK(village.phone("district", {"settle", claim["id"], "--void", claim["records"][1], "--reason", "twice"}).exit ==
        0);
  CHECK(village.phone("district", {"set", one, "household=near_poor"}).exit == 0);
  CHECK(village.phone("an", {"set", one, "household=other_hardship"}).exit == 0);
  village.phone("an", {"sync"});
  village.phone("district", {"sync"});
  const Json conflict = open_case("conflict");
  REQUIRE(conflict.is_object());
  CHECK(conflict["fields"] == Json{"household"});
  CHECK(village.phone("district", {"show", one, "--json"}).json()["conflicts"]["household"].size() == 2);
  CHECK(village.phone("district", {"settle", conflict["id"], "--choose", "household=near_poor", "--reason", "seen"})
            .exit == 0);
  village.phone("district", {"sync"});
  const Json total = village.phone("district", {"total", "D1", "--json"}).json();
  CHECK(total["measures"]["pupils_in_need"] == 1);
  CHECK(total["measures"]["devices_handed_over"] == 1);
  CHECK(total["measures"]["cases_open"] == 0);
  CHECK(total["by"]["household"]["near_poor"]["pupils_in_need"] == 1);

  // A teacher writes for a school that is not the own one: set aside, told, and let in by the district.
  const Run foreign = village.phone(
      "an", {"add", "pupil", "full_name=Lò Văn Nam", "school=S2", "school_level=primary", "household=poor"});
  CHECK(foreign.exit == 1);
  village.join("new", {"S1"});  // it has no tree yet, and so cannot know
  CHECK(
      village
          .phone("new", {"add", "pupil", "full_name=Lò Văn Nam", "school=S2", "school_level=primary", "household=poor"})
          .exit == 0);
  const Run aside = village.phone("new", {"sync", "--json"});
  CHECK(aside.exit == 6);
  CHECK(aside.json()["quarantined"] == 1);
  CHECK(village.phone("new", {"status", "--json"}).json()["sent_back"][0]["reason"] == "out_of_scope");
  village.phone("district", {"sync"});
  const Json quarantine = open_case("quarantine");
  REQUIRE(quarantine.is_object());
  CHECK(village.phone("district", {"settle", quarantine["id"], "--choose", "decision=released"}).exit == 0);
  village.phone("district", {"sync"});
  CHECK(village.phone("binh", {"sync"}).exit == 0);
  CHECK(village.phone("binh", {"search", "lo van nam", "--json"}).json().is_object());
  CHECK(village.server("verify").exit == 0);
  for (const char* phone : {"an", "binh", "district", "new"}) CHECK(village.phone(phone, {"verify"}).exit == 0);
}

TEST_CASE("unsent work travels as a bundle, and the receipts come back by file") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S1"});
  village.pupil("an", "Vi Thị Hoa");
  CHECK(village.phone("an", {"bundle", village.path("an.bundle")}).exit == 0);
  CHECK(village.server("accept", {village.path("an.bundle")}).exit == 0);
  CHECK(village.phone("binh", {"accept", village.path("an.bundle.receipt")}).exit == 1);
  CHECK(village.phone("an", {"accept", village.path("an.bundle.receipt")}).exit == 0);
  CHECK(village.phone("an", {"status", "--json"}).json()["pending"] == 0);
  CHECK(village.phone("an", {"bundle", village.path("again.bundle")}).exit == 1);
  village.write("cut.bundle", village.read("an.bundle").substr(0, 60));
  const Run cut = village.server("accept", {village.path("cut.bundle"), "--json"});
  CHECK(cut.exit == 1);
  CHECK(cut.error()["code"] == "not_a_bundle");
  // Carried by another teacher.
  village.pupil("an", "Lò Văn Nam");
  village.phone("an", {"bundle", village.path("second.bundle")});
  CHECK(village.phone("binh", {"accept", village.path("second.bundle")}).exit == 0);
  CHECK(village.phone("binh", {"sync"}).exit == 0);
  CHECK(village.phone("binh", {"sync"}).exit == 0);
  CHECK(village.phone("binh", {"search", "nam", "--json"}).json().is_object());
  const Run listed = run({"/bin/ls", village.path("binh/receipts")});
  CHECK(village.phone("an", {"accept", village.path("binh/receipts/" + listed.line())}).exit == 0);
  CHECK(village.phone("an", {"status", "--json"}).json()["pending"] == 0);
}

TEST_CASE("tickets: used twice, of another server, altered, for an unknown unit; a new one for an old folder") {
  Village village, other;
  const std::string ticket =
      village.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", village.address()}).line();
  CHECK(village.phone("an", {"init", "--ticket", ticket}).exit == 0);
  CHECK(village.phone("an", {"init", "--ticket", ticket}).exit == 0);  // nothing happens
  CHECK(village.phone("an", {"sync"}).exit == 0);
  CHECK(village.phone("thief", {"init", "--ticket", ticket}).exit == 0);  // it never uses the network
  village.pupil("thief", "Vi Thị Hoa");
  const Run used = village.phone("thief", {"sync", "--json"});
  CHECK(used.exit == 4);
  CHECK(used.error()["code"] == "ticket_used");
  CHECK(village.phone("thief", {"status", "--json"}).json()["pending"] == 1);
  std::string altered = ticket;
  altered[40] = altered[40] == 'A' ? 'B' : 'A';
  CHECK(village.phone("x", {"init", "--ticket", altered, "--json"}).exit == 1);
  CHECK(village.phone("x", {"init", "--ticket", "song1-abc", "--json"}).error()["code"] == "ticket_malformed");
  CHECK(village.server("ticket", {"--unit", "S9", "--role", "teacher", "--json"}).error()["code"] == "unknown_unit");
  CHECK(village.server("ticket", {"--unit", "S1", "--role", "chief", "--json"}).error()["code"] == "unknown_role");
  // Another server's ticket, into the same folder and at the wrong server.
  const std::string foreign =
      other.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", village.address()}).line();
  CHECK(village.phone("an", {"init", "--ticket", foreign, "--json"}).error()["code"] == "ticket_other_server");
  CHECK(village.phone("stranger", {"init", "--ticket", foreign}).exit == 0);
  CHECK(village.phone("stranger", {"sync"}).exit == 4);
  // A new ticket for the folder: nothing is lost.
  village.pupil("an", "Lò Văn Nam");
  const std::string renewed =
      village.server("ticket", {"--unit", "S1", "--role", "teacher", "--url", village.address()}).line();
  CHECK(village.phone("an", {"init", "--ticket", renewed}).exit == 0);
  village.pupil("an", "Sùng A Páo");
  const Run synced = village.phone("an", {"sync", "--json"});
  CHECK(synced.exit == 0);
  CHECK(synced.json()["sent"] == 2);
  CHECK(village.phone("an", {"verify"}).exit == 0);
}

TEST_CASE("a revoked phone is told, and what it wrote since waits for a reviewer") {
  Village village;
  village.join("an", {"S1"});
  CHECK(village.phone("an", {"sync"}).exit == 0);
  const std::string replica = village.phone("an", {"status", "--json"}).json()["replica"].dump();
  CHECK(village.server("revoke", {replica}).exit == 0);
  CHECK(village.server("revoke", {"1"}).exit == 1);
  village.pupil("an", "Vi Thị Hoa");
  const Run refused = village.phone("an", {"sync", "--json"});
  CHECK(refused.exit == 4);
  CHECK(refused.error()["code"] == "replica_revoked");
  CHECK(village.server("verify").exit == 0);
}

TEST_CASE("a restored server gets again what it lost; a backup is refused while the server runs") {
  Village village;
  village.join("an", {"S1"});
  village.pupil("an", "Trước");
  village.phone("an", {"sync"});
  CHECK(village.server("backup", {village.path("backup.db")}).exit == 0);
  CHECK(village.server("backup", {village.path("backup.db")}).exit == 5);  // it is there already
  village.pupil("an", "Sau");
  village.phone("an", {"sync"});
  CHECK(village.server("restore", {village.path("backup.db")}).exit == 1);
  village.stop();
  village.write("no-backup.db", "this is no backup, but a text that is long enough to be a page of a file");
  CHECK(village.server("restore", {village.path("no-backup.db")}).exit == 5);
  CHECK(village.server("restore", {village.path("backup.db")}).exit == 0);
  village.start();
  const Run synced = village.phone("an", {"sync", "--json"});
  CHECK(synced.exit == 0);
  CHECK(synced.json()["pending"] == 0);
  CHECK(village.phone("an", {"total", "S1", "--json"}).exit == 0);
  CHECK(village.server("verify", {"--json"}).json()["ok"] == true);
  CHECK(village.phone("an", {"verify"}).exit == 0);
  CHECK(village.phone("an", {"list", "pupil", "--json"}).out.find("Sau") != std::string::npos);
}

TEST_CASE("after a restore a phone says how many records are nowhere but on it") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S1"});
  village.pupil("an", "Trước");
  for (const char* phone : {"an", "binh"}) CHECK(village.phone(phone, {"sync"}).exit == 0);
  CHECK(village.server("backup", {village.path("backup.db")}).exit == 0);
  const std::string pupil = village.pupil("binh", "Sau");
  for (const char* phone : {"binh", "an"}) CHECK(village.phone(phone, {"sync"}).exit == 0);
  village.stop();
  CHECK(village.server("restore", {village.path("backup.db")}).exit == 0);
  village.start();
  // Bình's phone, which could send it again, is gone.
  CHECK(village.phone("an", {"sync"}).exit == 0);
  CHECK(village.phone("an", {"status", "--json"}).json()["only_here"] == 1);
  CHECK(village.phone("an", {"status"}).out.find("Only here:") != std::string::npos);
  CHECK(village.phone("an", {"show", pupil}).exit == 0);
  // It was only in a drawer.
  for (const char* phone : {"binh", "an"}) CHECK(village.phone(phone, {"sync"}).exit == 0);
  CHECK(village.phone("an", {"status", "--json"}).json()["only_here"] == 0);
  CHECK(village.phone("an", {"status"}).out.find("Only here:") == std::string::npos);
}

TEST_CASE("a folder that cannot be written, and a file that is none of ours, are said to be so") {
  Village village;
  village.join("an", {"S1"});
  village.write("an/replica.db", "not a database, though as long as one that could be: " + std::string(2000, 'x'));
  const Run damaged = village.phone("an", {"list", "pupil", "--json"});
  CHECK(damaged.exit == 5);
  CHECK(damaged.error()["code"].get<std::string>().starts_with("storage_"));
  const Run file = village.phone(
      "units.csv", {"init", "--ticket", village.server("ticket", {"--unit", "S1", "--role", "teacher"}).line()});
  CHECK(file.exit == 5);
  CHECK(village.phone("an", {"import", "school_list", village.path("server.out")}).exit == 5);
}

}  // namespace songsong::testing
