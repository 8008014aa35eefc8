// What people expect of a command line beside its commands: drafts, completion, a record's history, a check.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/village/village.h"

namespace songsong::testing {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

}  // namespace

TEST_CASE("what was typed and refused is kept as a draft, mended with what was wrong, and saved once") {
  Village village;
  village.join("an", {"S1"});
  const Run refused = village.phone(
      "an", {"add", "pupil", "full_name=Vi Thị Hoa", "school=S1", "school_level=primary", "household=rich"});
  CHECK(refused.exit == 1);
  CHECK(refused.out.empty());
  CHECK(refused.err.find("draft 1") != std::string::npos);
  CHECK(refused.err.find("near_poor") != std::string::npos);
  const Json draft = village.phone("an", {"draft", "--json"}).json();
  CHECK(draft["draft"] == 1);
  CHECK(draft["kind"] == "pupil");
  CHECK(draft["fields"].size() == 4);
  CHECK(village.phone("an", {"list", "pupil", "--json"}).out.empty());

  CHECK(village.phone("an", {"draft", "1", "household=wealthy"}).exit == 1);
  CHECK(village.phone("an", {"draft", "--json"}).json()["fields"].back() == "household=wealthy");
  const Run saved = village.phone("an", {"draft", "1", "household=poor"});
  REQUIRE(saved.exit == 0);
  CHECK(village.phone("an", {"show", saved.line(), "--json"}).json()["fields"]["full_name"] == "Vi Thị Hoa");
  CHECK(village.phone("an", {"draft", "--json"}).out.empty());
  CHECK(village.phone("an", {"draft", "1"}).exit == 1);

  // An edit as well; and one that nobody wants any more.
  CHECK(village.phone("an", {"set", saved.line(), "grade=99", "note=ở xa"}).exit == 1);
  CHECK(village.phone("an", {"draft", "--json"}).json()["record"] == saved.line());
  CHECK(village.phone("an", {"draft", "1", "grade=4"}).exit == 0);
  CHECK(village.phone("an", {"show", saved.line(), "--json"}).json()["fields"]["grade"] == 4);
  CHECK(village.phone("an", {"set", saved.line(), "grade=99"}).exit == 1);
  CHECK(village.phone("an", {"draft", "1", "--drop"}).exit == 0);
  CHECK(village.phone("an", {"draft", "--json"}).out.empty());
  CHECK(village.phone("an", {"draft", "1", "--drop"}).exit == 1);
}

TEST_CASE("a program, which keeps its own copy, leaves no drafts behind") {
  Village village;
  village.join("an", {"S1"});
  CHECK(village.phone("an", {"add", "pupil", "full_name=x", "--json"}).exit == 1);
  CHECK(village.phone("an", {"draft", "--json"}).out.empty());
}

TEST_CASE("a damaged draft is named, and keeps nobody from working") {
  Village village;
  village.join("an", {"S1"});
  CHECK(village.phone("an", {"add", "pupil", "full_name=x"}).exit == 1);
  village.write("an/drafts/1.json", "{\"kind\": 7");
  const Run listed = village.phone("an", {"draft"});
  CHECK(listed.exit == 1);
  CHECK(listed.err.find("1.json") != std::string::npos);
  village.pupil("an", "Vi Thị Hoa");
}

TEST_CASE("the TAB key finds commands, options, kinds, fields and values") {
  Village village;
  const auto complete = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {SONGSONG_PROGRAM, "complete", "--"});
    return lines_of(run(words).out);
  };
  CHECK(complete({"sy"}) == std::vector<std::string>{"sync"});
  CHECK(has(complete({""}), "import"));
  CHECK_FALSE(has(complete({""}), "complete"));
  CHECK(complete({"sync", "--ch"}) == std::vector<std::string>{"--check"});
  CHECK(complete({"add", "pu"}) == std::vector<std::string>{"pupil"});
  CHECK(has(complete({"import", ""}), "school_list"));
  CHECK(complete({"add", "pupil", "house"}) == std::vector<std::string>{"household="});
  CHECK(complete({"add", "pupil", "full_name=Lan", "household=near"}) ==
        std::vector<std::string>{"household=near_poor"});
  CHECK(complete({"list", "need", "--where", "lacks=s"}) == std::vector<std::string>{"lacks=signal"});
  CHECK(complete({"--dir", "add", "sy"}) == std::vector<std::string>{"sync"});
  CHECK(complete({"--dir", ""}).empty());
  CHECK(complete({"nonsense", "x"}).empty());
  CHECK(complete({}).size() > 10);
  CHECK(run({SONGSONG_PROGRAM, "completion", "fish"}).exit == 2);
}

TEST_CASE("bash completes with the script that the program prints") {
  Village village;
  const std::string script = run({SONGSONG_PROGRAM, "completion", "bash"}).out;
  const auto typed = [&](const std::string& line) {
    village.write("try.sh", "songsong() { " SONGSONG_PROGRAM " \"$@\"; }\n" + script + "COMP_LINE='" + line +
                                "' COMP_POINT=${#COMP_LINE}\n_songsong\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    return lines_of(run({"/bin/bash", village.path("try.sh")}).out);
  };
  CHECK(typed("songsong sy") == std::vector<std::string>{"sync"});
  CHECK(typed("songsong add pupil household=near") == std::vector<std::string>{"near_poor"});
  CHECK(has(typed("songsong add "), "handover"));
}

TEST_CASE("a record's history comes from the server's log, and from this device when nobody can be asked") {
  Village village;
  village.join("an", {"S1"});
  village.join("binh", {"S1"});
  village.join("elsewhere", {"S2"});
  const std::string pupil = village.pupil("an", "Vi Thị Hoa");
  const Json never = village.phone("an", {"show", pupil, "--history", "--json"}).json();
  CHECK(never["history_from"] == "device");
  CHECK(never["history"].size() == 1);
  REQUIRE(village.phone("an", {"sync"}).exit == 0);
  REQUIRE(village.phone("binh", {"sync"}).exit == 0);
  CHECK(village.phone("binh", {"set", pupil, "grade=3"}).exit == 0);
  REQUIRE(village.phone("binh", {"sync"}).exit == 0);
  CHECK(village.phone("an", {"set", pupil, "note=ở xa"}).exit == 0);

  // What an saved is not sent yet, and what binh saved is not here yet; both stand in it, in the order of the log.
  const Json told = village.phone("an", {"show", pupil, "--history", "--json"}).json();
  CHECK(told["history_from"] == "server");
  CHECK(told["history_whole"] == true);
  REQUIRE(told["history"].size() == 3);
  CHECK(told["history"][0]["fields"]["full_name"] == "Vi Thị Hoa");
  CHECK(told["history"][0]["received"].is_string());
  CHECK(told["history"][1]["fields"]["grade"] == 3);
  CHECK(told["history"][2]["fields"]["note"] == "ở xa");
  CHECK(told["history"][2]["received"].is_null());
  CHECK_FALSE(told["fields"].contains("grade"));
  const Run people = village.phone("an", {"show", pupil, "--history"});
  CHECK(people.out.find("Grade: 3") != std::string::npos);

  village.stop();
  const Run alone = village.phone("an", {"show", pupil, "--history"});
  CHECK(alone.exit == 0);
  CHECK(alone.err.find("this device") != std::string::npos);
  CHECK(alone.out.find("Grade: 3") == std::string::npos);
}

TEST_CASE("a check says whether this device and the server hold the same") {
  Village village;
  village.join("an", {"S1"});
  village.pupil("an", "Vi Thị Hoa");
  const Json checked = village.phone("an", {"sync", "--check", "--json"}).json();
  CHECK(checked["same"] == true);
  CHECK(checked["mended"] == 0);
  CHECK(checked["sent"] == 1);
  const Run people = village.phone("an", {"sync", "--check"});
  CHECK(people.exit == 0);
  CHECK(people.out.find("all is the same") != std::string::npos);
  CHECK_FALSE(village.phone("an", {"sync", "--json"}).json().contains("same"));
}

}  // namespace songsong::testing
