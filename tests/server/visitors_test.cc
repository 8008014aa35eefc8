// Who is let in, who is let go, what is noted of it; and what strangers on the network try.
#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "server/looks.h"
#include "server/sign_in.h"
#include "server/totp.h"
#include "tests/server/country.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using testing::must;
using Json = nlohmann::json;

// Whoever is not signed in, or not any more; and pages of others that use a browser which is.
TEST_CASE("strangers, old sessions and foreign pages get nothing") {
  Country country;
  const std::vector<std::string> paths{"/v1/totals",  "/v1/totals/stream", "/v1/units",
                                       "/v1/records", "/v1/cases",         "/v1/records/" + to_text(country.own),
                                       "/v1/session"};
  const auto all_refused = [&](const std::map<std::string, std::string>& headers) {
    return std::all_of(paths.begin(), paths.end(),
                       [&](const std::string& path) { return country.place.ask("GET", path, headers).status == 401; });
  };
  // Before there is an account strangers see totals, and no record.
  CHECK(country.place.ask("GET", "/v1/totals").status == 200);
  CHECK(country.place.ask("GET", "/v1/records").status == 401);
  CHECK(country.place.ask("GET", "/v1/records/" + to_text(country.own)).status == 401);
  const std::string name = country.account(schema::REVIEWER);
  CHECK(all_refused({}));
  CHECK(all_refused({{"Cookie", "songsong_session=" + std::string(43, 'A')}}));
  CHECK(all_refused({{"Cookie", "songsong_session=" + std::string(4000, 'A')}}));

  const std::string first_password = country.password;
  SignedIn in = sign_in(country.place, name, first_password);
  CHECK(country.place.ask("GET", "/v1/records", in.headers).status == 200);
  // The cookie alone alters nothing, nor does the token of another session, nor a page of elsewhere with both.
  const SignedIn other = sign_in(country.place, name, first_password);
  const auto leave = [&](std::map<std::string, std::string> headers) {
    return country.place.ask("DELETE", "/v1/session", headers).status;
  };
  CHECK(leave({{"Cookie", in.headers["Cookie"]}}) == 403);
  CHECK(leave({{"Cookie", in.headers["Cookie"]}, {"X-CSRF-Token", other.csrf}}) == 403);
  auto foreign = in.headers;
  foreign["Origin"] = "http://elsewhere.test";
  CHECK(leave(foreign) == 403);
  foreign = in.headers;
  foreign["Sec-Fetch-Site"] = "same-site";
  CHECK(leave(foreign) == 403);
  CHECK(country.place.ask("GET", "/v1/session", in.headers).status == 200);
  CHECK(leave(in.headers) == 200);
  CHECK(all_refused(in.headers));
  CHECK(country.place.ask("GET", "/v1/session", other.headers).status == 200);

  // Another password, or a closed account, ends all sessions at once.
  must(set_password(country.place.host().user_accounts(), name, "mật khẩu khác hẳn"));
  CHECK(all_refused(other.headers));
  in = sign_in(country.place, name, "mật khẩu khác hẳn");
  must(country.place.host().user_accounts().close(name));
  CHECK(all_refused(in.headers));
}

TEST_CASE("rights that are taken away end what is asked, and what is watched") {
  Country country;
  const std::string name = country.account(schema::REVIEWER);
  const SignedIn in = sign_in(country.place, name, country.password);
  const auto status = [&](const std::string& path) { return country.place.ask("GET", path, in.headers).status; };
  CHECK(status("/v1/records?unit=S1") == 200);
  must(country.place.host().user_accounts().appoint(name, granted(schema::REVIEWER, {"D2"}), false));
  CHECK(status("/v1/records?unit=S1") == 403);
  CHECK(status("/v1/totals?unit=S1") == 403);
  CHECK(status("/v1/records?unit=S2") == 200);
  must(country.place.host().user_accounts().appoint(name, granted(schema::HEAD_OFFICE, {"D2"}), false));
  CHECK(status("/v1/records?unit=S2") == 403);
  CHECK(status("/v1/totals?unit=S2") == 200);
}

TEST_CASE("a second factor is asked for, and a code lets in once") {
  Country country;
  const std::string name = country.account(schema::AUDITOR);
  const std::string secret = "12345678901234567890";
  must(country.place.host().user_accounts().alter(name, [&](UserAccount& account) -> Outcome<Done> {
    account.totp_secret = secret;
    return Done{};
  }));
  const auto enter = [&](const std::string& password, const std::string& code) {
    return outcome(country.place.ask("POST", "/v1/session", {{"Content-Type", "application/json"}},
                                     Json{{"name", name}, {"password", password}, {"code", code}}.dump()));
  };
  CHECK(enter(country.password, "") == "401 code_needed");
  CHECK(enter("wrong", "") == "401 sign_in_refused");
  CHECK(enter(country.password, "12345") == "401 sign_in_refused");
  const std::string code = totp_code(secret, totp_step(wall_clock_ms()));
  CHECK(enter("wrong", code) == "401 sign_in_refused");
  CHECK(enter(country.password, code) == "200");
  CHECK(enter(country.password, code) == "401 sign_in_refused");
}

// Whatever address people come from; behind a proxy on this machine it is what that says last.
TEST_CASE("people sign in from any address, and guesses from elsewhere do not keep out who was let in before") {
  Country country;
  const std::string name = country.account(schema::REVIEWER);
  const auto enter = [&](const std::string& password, const std::string& forwarded) {
    return country.place
        .ask("POST", "/v1/session", {{"Content-Type", "application/json"}, {"X-Forwarded-For", forwarded}},
             Json{{"name", name}, {"password", password}}.dump())
        .status;
  };
  for (const char* address : {"2001:db8::1", "::1", "::ffff:192.0.2.1", "192.0.2.7", "nonsense", ""})
    CHECK(enter(country.password, address) == 200);
  // One network of IPv6 is one guesser, whatever addresses it takes.
  std::vector<int> guesses;
  for (int i = 0; i < 7; ++i) guesses.push_back(enter("wrong", "2001:db8:0:1::" + std::to_string(i + 1)));
  CHECK(guesses == std::vector<int>{401, 401, 401, 401, 401, 401, 429});
  CHECK(enter(country.password, "2001:db8:0:2::1") == 200);
  for (int i = 0; i < 101; ++i) enter("wrong", "198.51.100." + std::to_string(i));
  CHECK(enter(country.password, "198.51.100.200") == 429);
  CHECK(enter(country.password, "192.0.2.7") == 200);
  CHECK(enter(country.password, "203.0.113.9, 192.0.2.7") == 200);
  CHECK(enter(country.password, "192.0.2.7, 203.0.113.9") == 429);
}

// Bytes to the server as they are; what it says until it is done.
std::string raw(const Place& place, const std::string& bytes) {
  Poco::Net::StreamSocket socket(Poco::Net::SocketAddress(place.address().substr(std::string("http://").size())));
  socket.setReceiveTimeout(Poco::Timespan(2, 0));
  socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
  std::string said;
  std::array<char, 4096> part;
  try {
    for (int got = 1; got > 0;) {
      got = socket.receiveBytes(part.data(), static_cast<int>(part.size()));
      said.append(part.data(), static_cast<std::size_t>(std::max(got, 0)));
    }
  } catch (const Poco::TimeoutException&) {
    said += "(still open)";
  }
  return said;
}

TEST_CASE("a body that nobody reads is not taken for another request") {
  Country country;
  const std::string hidden = "GET /v1/measures HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string length = "Content-Length: " + std::to_string(hidden.size()) + "\r\n";
  for (const std::string& first :
       {"GET /healthz HTTP/1.1\r\nHost: x\r\n" + length, "HEAD /healthz HTTP/1.1\r\nHost: x\r\n" + length,
        "DELETE /v1/session HTTP/1.1\r\nHost: x\r\n" + length,
        std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n")}) {
    INFO(first);
    const std::string said = raw(country.place, first + "\r\n" + hidden);
    CHECK(said.find("measures") == std::string::npos);
    CHECK(said.find("HTTP/1.1", 1) == std::string::npos);
  }
  const std::string two = raw(country.place, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + hidden);
  CHECK(two.find("HTTP/1.1", 1) != std::string::npos);
}

TEST_CASE("many who sign in slowly take nobody's place") {
  Country country;
  std::vector<Poco::Net::StreamSocket> slow;
  for (int i = 0; i < 40; ++i) {
    slow.emplace_back(Poco::Net::SocketAddress(country.place.address().substr(std::string("http://").size())));
    const std::string part =
        "POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8000\r\n\r\n{";
    slow.back().sendBytes(part.data(), static_cast<int>(part.size()));
  }
  const auto began = std::chrono::steady_clock::now();
  CHECK(country.place.ask("GET", "/v1/totals").status == 200);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(8));
}

// A look at what is one's own leaves a trace, a try at what is not does not: nothing was seen.
TEST_CASE("every look at records is noted, by whom and at what, and what an auditor's device is sent") {
  Country country;
  const auto looks = [&] {
    std::vector<Json> all;
    must(Looks(country.place.folder()).read([&](const Json& look) { all.push_back(look); }));
    return all;
  };
  const std::string name = country.account(schema::AUDITOR);
  const SignedIn in = sign_in(country.place, name, country.password);
  country.place.ask("GET", "/v1/totals?unit=D1", in.headers);
  country.place.ask("GET", "/v1/records/" + to_text(country.foreign), in.headers);
  country.place.ask("GET", "/v1/records?unit=S2", in.headers);
  CHECK(looks().empty());
  country.place.ask("GET", "/v1/records/" + to_text(country.own), in.headers);
  country.place.ask("GET", "/v1/records?unit=S1&kind=pupil", in.headers);
  const std::vector<Json> seen = looks();
  REQUIRE(seen.size() == 2);
  for (const Json& look : seen) {
    CHECK(look["account"] == name);
    CHECK(look["unit"] == "S1");
    CHECK(look["records"] == Json::array({to_text(country.own)}));
    CHECK(look.dump().find(kOwnName) == std::string::npos);
  }
  CHECK(seen[1]["kind"] == "pupil");
  country.held_after_sync(schema::TEACHER);
  CHECK(looks().size() == 2);
  country.held_after_sync(schema::AUDITOR);
  REQUIRE(looks().size() == 3);
  CHECK(looks()[2]["what"] == "sync");
  CHECK(looks()[2]["account"] == "a" + std::to_string(country.accounts));
  CHECK(looks()[2]["records"].dump().find(to_text(country.own)) != std::string::npos);
  CHECK(looks()[2].contains("replica"));
}

TEST_CASE("records come by pages, each once, also while others are saved") {
  Country country;
  std::set<std::string> expected{to_text(country.own)};
  for (int i = 0; i < 24; ++i) expected.insert(to_text(country.pupil("Em " + std::to_string(i), "S1")));
  const SignedIn in = sign_in(country.place, country.account(schema::REVIEWER), country.password);
  std::multiset<std::string> met;
  std::string after;
  int pages = 0;
  do {
    const Heard heard = country.place.ask("GET", "/v1/records?unit=D1&kind=pupil&limit=10&after=" + after, in.headers);
    REQUIRE(heard.status == 200);
    const Json page = Json::parse(heard.body);
    for (const Json& record : page["records"]) met.insert(record["id"].get<std::string>());
    after = page["next"].is_null() ? "" : page["next"].get<std::string>();
    if (++pages == 1) expected.insert(to_text(country.pupil("Đến sau", "S1")));
  } while (!after.empty());
  CHECK(pages == 3);
  CHECK(std::set<std::string>(met.begin(), met.end()) == expected);
  CHECK(met.size() == expected.size());
}

}  // namespace
}  // namespace songsong::server
