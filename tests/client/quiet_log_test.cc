// Nothing personal in what the programs say of their own doing: the server's log, metrics and last words, and the
// errors of every program. Everything is tried that might bring a name, a number or a password there.
#include <signal.h>

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <sstream>

#include "client/http.h"
#include "tests/support/must.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

// Words that stand in nothing else, also as they are searched and as they travel in an address.
const std::vector<std::string>& personal() {
  static const std::vector<std::string> words{"Lường Thị Quế Vàng", "luong thi que vang",  "L%C6%B0%E1%BB%9Dng",
                                              "0987123456",         "nhà sau đập Nậm Cắn", "001208047391",
                                              "Vì Văn Chức Bố",     "2013-02-28"};
  return words;
}
constexpr const char* kName = "Lường Thị Quế Vàng";
constexpr const char* kNameInAddress = "L%C6%B0%E1%BB%9Dng%20Th%E1%BB%8B";

std::vector<std::string> found_in(const std::string& text, const std::vector<std::string>& more = {}) {
  std::vector<std::string> found;
  for (const std::vector<std::string>* words : {&personal(), &more}) {
    for (const std::string& word : *words) {
      if (text.find(word) != std::string::npos) found.push_back(word);
    }
  }
  return found;
}

std::set<std::string> refusals_in(const std::string& log) {
  std::set<std::string> refusals;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line, nullptr, false);
    INFO(line);
    CHECK(json.is_object());
    if (json.is_object() && json.contains("refusal")) refusals.insert(json["refusal"].get<std::string>());
  }
  return refusals;
}

}  // namespace

TEST_CASE("no log, metric, error or last word of a program holds what people wrote, and every try is logged") {
  Village village;
  const std::string password =
      village.server("account", {"add", "lan", "--unit", "S1", "--role", "teacher", "--json"}).json()["password"];
  REQUIRE(password.size() == 19);
  village.join("an", {"S1"});
  const std::vector<std::string> child{std::string("full_name=") + kName,
                                       "school=S1",
                                       "school_level=primary",
                                       "household=poor",
                                       "phone=0987123456",
                                       "citizen_id=001208047391",
                                       "birth_date=2013-02-28",
                                       "guardian=Vì Văn Chức Bố",
                                       "note=nhà sau đập Nậm Cắn"};
  std::vector<std::string> add{"add", "pupil"};
  add.insert(add.end(), child.begin(), child.end());
  const Run added = village.phone("an", add);
  REQUIRE(added.exit == 0);
  const std::string record = added.line();
  REQUIRE(village.phone("an", {"sync"}).exit == 0);

  // What people get wrong.
  std::string errors;
  const auto wrong = [&](const std::vector<std::string>& arguments) {
    for (const bool json : {false, true}) {
      std::vector<std::string> words = arguments;
      if (json) words.emplace_back("--json");
      const Run run = village.phone("an", words);
      INFO(words.front() << " " << run.err);
      CHECK(run.exit != 0);
      errors += run.err;
    }
  };
  for (const char* const field : {"household=", "school_level=", "birth_date=", "citizen_id=", "phone=", "grade="})
    wrong({"set", record, std::string(field) + kName});
  wrong({"set", record, "birth_date=2013-02-28-1"});
  wrong({"set", record, "phone=0987123456x"});
  wrong({"set", record, "citizen_id=0012080473910"});
  // What stands where a field's name or an id has to is said back to who typed it; a value never is.
  wrong({"list", "pupil", "--where", std::string("household=") + kName});
  village.write("list.csv", std::string("full_name,school,school_level,household,phone\n") + kName +
                                ",S1,primary,nonsense,0987123456\n");
  const Run imported = village.phone("an", {"import", "pupil", village.path("list.csv")});
  CHECK(imported.exit == 6);  // the row is in the file of errors, for whoever has the list
  errors += imported.err + imported.out;

  // What strangers, and those who guess, send.
  client::HttpClient http(std::nullopt);
  const auto get = [&](const std::string& path) { errors += must(http.get(village.address() + path)).body; };
  const auto post = [&](const std::string& path, const std::string& type, const std::string& body) {
    errors += must(http.post(village.address() + path, type, body)).body;
  };
  for (const char* const path : {"/", "/v1/totals?unit=", "/v1/units?unit=", "/v1/totals?on=", "/v1/records?kind=",
                                 "/v1/records/", "/v1/", "/v1/totals/stream?unit="})
    get(path + std::string(kNameInAddress));
  const std::string entry = Json{{"name", kName}, {"password", kName}}.dump();
  post("/v1/session", "application/json", entry);
  post("/v1/session", "application/json", Json{{"name", "lan"}, {"password", password + "x"}}.dump());
  post("/v1/session", "application/json", kName);
  post("/v1/session", kName, "x");
  post("/v1/sync", "application/x-songsong", std::string("song") + kName);
  post("/v1/enrol", "application/x-songsong", kName);
  const std::string session = must(http.post(village.address() + "/v1/session", "application/json",
                                             Json{{"name", "lan"}, {"password", password}}.dump()))
                                  .body;
  const std::string csrf = Json::parse(session)["csrf"];
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"erase", kName, "--reason", "ordered"},
                                             {"revoke", kName},
                                             {"appoint", kName, "--unit", "S1", "--role", "teacher"}}) {
    const Run run = village.server(words[0], {words.begin() + 1, words.end()});
    CHECK(run.exit != 0);
  }
  const std::string metrics = must(http.get(village.address() + "/metrics")).body;

  // Its last words, when it dies of a fault of its own.
  kill(village.server_process(), SIGABRT);
  village.forget();
  const std::string log = village.read("server.out.err") + village.read("server.out");
  CHECK(found_in(log, {password, csrf, record}).empty());
  CHECK(found_in(metrics, {password, csrf, record}).empty());
  INFO(errors);
  CHECK(found_in(errors, {password}) == std::vector<std::string>());
  const std::set<std::string> refusals = refusals_in(village.read("server.out.err"));
  for (const char* const code : {"sign_in_required", "sign_in_refused", "body_malformed", "wrong_content_type",
                                 "not_found", "request_malformed"})
    CHECK(refusals.contains(code));
}

}  // namespace songsong::testing
