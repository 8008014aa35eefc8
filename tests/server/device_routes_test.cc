// The server's health and its devices over HTTP: what administrators see and do, and nobody else.
#include "server/device_routes.h"

#include <catch2/catch_test_macros.hpp>

#include "server/last_backup.h"
#include "tests/server/country.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using testing::must;
using Json = nlohmann::json;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

struct Administrator {
  explicit Administrator(Country& where, const std::string& unit = "D1") : country(where) {
    const std::string name = country.account(schema::ADMINISTRATOR);
    must(country.place.host().user_accounts().appoint(name, granted(schema::ADMINISTRATOR, {unit}), false));
    headers = sign_in(country.place, name, country.password).headers;
  }
  Heard get(const std::string& path) const { return country.place.ask("GET", path, headers); }
  Heard post(const std::string& path, const Json& said) const {
    return country.place.ask("POST", path, headers, said.dump());
  }
  std::vector<ReplicaId> sees() const {
    std::vector<ReplicaId> seen;
    const Json page = Json::parse(get("/v1/devices").body);
    for (const Json& device : page["devices"]) seen.push_back(device["replica"].get<ReplicaId>());
    return seen;
  }
  Json device(ReplicaId replica) const {
    const Json page = Json::parse(get("/v1/devices").body);
    for (const Json& device : page["devices"]) {
      if (device["replica"] == replica) return device;
    }
    return {};
  }

  Country& country;
  std::map<std::string, std::string> headers;
};

Ticket ticket_at(Country& country, const std::string& unit) {
  return must(country.place.host().issue_ticket({unit}, schema::TEACHER, "http://server.test", kDayMs));
}

std::string path_of(ReplicaId replica, const std::string& what) {
  return "/v1/devices/" + std::to_string(replica) + "/" + what;
}

Change pupil_on(testing::Hostile& phone, const std::string& name) {
  return phone.change("pupil",
                      {{"full_name", name}, {"school", "S1"}, {"school_level", "primary"}, {"household", "poor"}});
}

const Json kReplaced{{"url", "https://songsong.test/"}, {"days", 3}};

}  // namespace

TEST_CASE("an administrator sees the devices all of whose places are theirs, by pages") {
  Country country;
  const ReplicaId own = ticket_at(country, "S1").replica;
  const ReplicaId foreign = ticket_at(country, "S2").replica;
  const ReplicaId both = ticket_at(country, "S1").replica;
  must(country.place.host().appoint(both, granted(schema::REVIEWER, {"D2"}), true));
  const Administrator district(country), province(country, "P");
  CHECK(district.sees() == std::vector<ReplicaId>{own});
  CHECK(province.sees() == std::vector<ReplicaId>{own, foreign, both});
  const Json first = Json::parse(province.get("/v1/devices?limit=2").body);
  CHECK(first["devices"].size() == 2);
  CHECK(first["next"] == std::to_string(foreign));
  const Json second = Json::parse(province.get("/v1/devices?limit=2&after=" + std::to_string(foreign)).body);
  CHECK(second["devices"].size() == 1);
  CHECK(second["next"].is_null());
  for (const char* wrong : {"?limit=0", "?limit=501", "?after=x", "?after=-1"})
    CHECK(province.get(std::string("/v1/devices") + wrong).status == 400);
}

TEST_CASE("health says how many devices are silent, what waits on them, why they were refused, and the last backup") {
  Country country;
  const Administrator administrator(country);
  const Json before = Json::parse(administrator.get("/v1/health").body);
  CHECK(before["devices"]["enrolled"] == 0);
  CHECK(before["last_backup"].is_null());
  CHECK(before["disk_free_bytes"].get<std::uint64_t>() > 0);
  CHECK(before["disk_nearly_full"] == false);
  CHECK(before["sequence"].get<std::uint64_t>() > 0);

  const std::unique_ptr<testing::Hostile> phone = country.hostile(schema::TEACHER);
  CHECK(phone->reason({pupil_on(*phone, "Vi Thị Hoa")}).empty());
  must(note_backup(country.place.folder(), LastBackup{.made_ms = wall_clock_ms(), .rehearsed = true}));
  const Json health = Json::parse(administrator.get("/v1/health").body);
  CHECK(health["devices"]["enrolled"] == 1);
  CHECK(health["devices"]["heard_today"] == 1);
  CHECK(health["last_backup"]["rehearsed"] == true);
  CHECK(health["sequence"].get<std::uint64_t>() > before["sequence"].get<std::uint64_t>());
  CHECK(administrator.get("/v1/health").body.find("Hoa") == std::string::npos);

  const ReplicaId replica = administrator.sees().front();
  CHECK(administrator.device(replica)["refused"].is_null());
  CHECK(administrator.post(path_of(replica, "revoke"), Json::object()).status == 200);
  CHECK(phone->refusal(phone->piece({pupil_on(*phone, "Vi Thị Ba")})) == "replica_revoked");
  CHECK(administrator.device(replica)["refused"]["code"] == "replica_revoked");
  CHECK(administrator.device(replica)["revoked"] == true);
  const Json after = Json::parse(administrator.get("/v1/health").body);
  CHECK(after["refusals"]["replica_revoked"] == 1);
  CHECK(after["devices"]["enrolled"] == 0);
  CHECK(after["devices"]["revoked"] == 1);
}

TEST_CASE("a device that is lost is replaced by one with the same rights, and its own work is still taken") {
  Country country;
  Host& host = country.place.host();
  const Administrator administrator(country);
  const ReplicaId lost = ticket_at(country, "S1").replica;
  must(host.appoint(lost, granted(schema::REVIEWER, {"D1"}), true));
  const Heard heard = administrator.post(path_of(lost, "replace"), kReplaced);
  REQUIRE(heard.status == 200);
  const Json told = Json::parse(heard.body);
  CHECK(told["replaces"] == lost);
  CHECK(told["qr"].get<std::string>().find("<svg") != std::string::npos);
  const Ticket ticket = must(parse_ticket(told["ticket"].get<std::string>()));
  CHECK(ticket.url == "https://songsong.test");
  CHECK(ticket.expires_ms > wall_clock_ms() + 3 * kDayMs);
  CHECK(ticket.expires_ms < wall_clock_ms() + 5 * kDayMs);
  CHECK(administrator.device(lost)["revoked"] == true);
  CHECK(administrator.device(ticket.replica)["grants"] == administrator.device(lost)["grants"]);
  CHECK(administrator.device(ticket.replica)["enrolled"].is_null());
  // Again: whoever lost that ticket too.
  CHECK(administrator.post(path_of(lost, "replace"), kReplaced).status == 200);
}

TEST_CASE("a device of an account is replaced by one of the account, as long as that is open") {
  Country country;
  Host& host = country.place.host();
  const Administrator administrator(country);
  const std::string teacher = country.account(schema::TEACHER);
  const ReplicaId lost = country.ticket(teacher).replica;
  const Json told = Json::parse(administrator.post(path_of(lost, "replace"), kReplaced).body);
  CHECK(administrator.device(told["replica"].get<ReplicaId>())["account"] == teacher);
  must(host.user_accounts().close(teacher));
  const Heard closed = administrator.post(path_of(lost, "replace"), kReplaced);
  CHECK(closed.status == 409);
  CHECK(Json::parse(closed.body)["code"] == "account_closed");
}

TEST_CASE("devices elsewhere, forged ones and requests that say too little are refused, and alter nothing") {
  Country country;
  const ReplicaId foreign = ticket_at(country, "S2").replica;
  const ReplicaId own = ticket_at(country, "S1").replica;
  const Administrator administrator(country);
  const Administrator other(country, "D2");
  for (const char* what : {"revoke", "replace"}) {
    CHECK(administrator.post(path_of(foreign, what), kReplaced).status == 404);
    CHECK(administrator.post(path_of(1, what), kReplaced).status == 404);
    CHECK(administrator.post(std::string("/v1/devices/x-y/") + what, kReplaced).status == 404);
    // Without the session's token: another site's page, which the browser sends the cookie with.
    std::map<std::string, std::string> headers = administrator.headers;
    headers.erase("X-CSRF-Token");
    CHECK(country.place.ask("POST", path_of(own, what), headers, kReplaced.dump()).status == 403);
    CHECK(country.place.ask("POST", path_of(own, what), {{"Content-Type", "application/json"}}, "{}").status == 401);
  }
  for (const Json& said :
       {Json::object(), Json{{"url", "ftp://x"}}, Json{{"url", "http://"}}, Json{{"url", "https:////"}},
        Json{{"url", "http://a b"}}, Json{{"url", "http://x/?y=1"}}, Json{{"url", "http://me:word@x"}},
        Json{{"url", "http://" + std::string(300, 'x')}}, Json{{"url", 7}}, Json{{"url", "http://x"}, {"days", 0}},
        Json{{"url", "http://x"}, {"days", 366}}, Json{{"url", "http://x"}, {"days", -1}},
        Json{{"url", "http://x"}, {"days", "7"}}}) {
    INFO(said.dump());
    CHECK(administrator.post(path_of(own, "replace"), said).status == 422);
  }
  CHECK(administrator.device(own)["revoked"] == false);
  CHECK(other.device(foreign)["revoked"] == false);
  CHECK(administrator.sees().size() == 1);
}

}  // namespace songsong::server
