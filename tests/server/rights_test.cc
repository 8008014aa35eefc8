// The adversarial suite: in each role, every endpoint and the conversation itself are tried for what is somebody
// else's. What came of each try is the table of docs/RIGHTS.md; what was foreign and passed fails besides.
#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "server/looks.h"
#include "server/sign_in.h"
#include "server/totp.h"
#include "shared/core/password.h"
#include "shared/core/value_text.h"
#include "shared/sync/initiator.h"
#include "shared/sync/join.h"
#include "tests/server/place.h"
#include "tests/support/must.h"
#include "tests/town/hostile.h"
#include "tests/town/town.h"

namespace songsong::server {
namespace {

using testing::Filled;
using testing::Hostile;
using testing::must;
using testing::programme;
using Json = nlohmann::json;

constexpr const char* kUnits =
    "code,name,level,parent\nP,Tỉnh,province,\nD1,Xã này,commune,P\nD2,Xã kia,commune,P\nS1,Trường này,school,D1\n"
    "S2,Trường kia,school,D2\n";
constexpr const char* kOwnName = "Lường Văn Này";
constexpr const char* kForeignName = "Tòng Thị Kia";
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

const std::vector<schema::Role>& roles() {
  static const std::vector<schema::Role> all{schema::TEACHER,     schema::REVIEWER,      schema::ALLOCATOR,
                                             schema::HEAD_OFFICE, schema::ADMINISTRATOR, schema::AUDITOR};
  return all;
}

Act act_of(const std::string& kind_name, const std::string& unit, const Filled& filled) {
  const KindPolicy& kind = *programme().kind_named(kind_name);
  Act act;
  act.kind = kind.number();
  act.unit = unit;
  for (const auto& [name, text] : filled) {
    const FieldPolicy& field = *Policies::field_named(kind, name);
    act.inputs.push_back(
        Input{.field = field.number(), .shape = Shape::kRegister, .value = must(parse_value(field, text))});
  }
  return act;
}

// Two communes with a school each; who works in the first one (a teacher in its school) tries what is the second's.
class Country {
 public:
  Country() : place(kUnits) {
    own = pupil(kOwnName, "S1");
    foreign = pupil(kForeignName, "S2");
    own_need = save(act_of("need", "S1", {{"pupil", to_text(own)}, {"lacks", "device"}}));
    must(place.office().store().read(0, [&](StoreReader& reader) {
      for (const RecordRow& row : reader.scan(0, RecordId(), 1000)) {
        if (row.kind == programme().kind_named("unit")->number()) units[row.unit] = row.id;
      }
    }));
  }

  RecordId save(const Act& act) { return must(place.host().save({&act, 1})).front(); }
  RecordId pupil(const std::string& name, const std::string& school) {
    return save(act_of("pupil", school,
                       {{"full_name", name}, {"school", school}, {"school_level", "primary"}, {"household", "poor"}}));
  }
  RecordId device(const std::string& school) {
    return save(act_of("device", school, {{"device_type", "tablet"}, {"school", school}}));
  }
  RecordId handover(const std::string& school) {
    return save(act_of(
        "handover", school,
        {{"pupil", to_text(pupil("Có Máy", school))}, {"device", to_text(device(school))}, {"date", "2026-11-20"}}));
  }
  // As whoever works there is called, and signs in.
  std::string account(schema::Role role) {
    const std::string name = "a" + std::to_string(++accounts);
    password = draw_password();
    must(place.host().user_accounts().add(name, granted(role, {home(role)}),
                                          must(keep_password(password, StretchSalt()))));
    return name;
  }
  static std::string home(schema::Role role) { return role == schema::TEACHER ? "S1" : "D1"; }

  std::string post(const std::string& frame) const {
    return place.ask("POST", "/v1/sync", {{"Content-Type", "application/x-songsong"}}, frame).body;
  }
  Ticket ticket(const std::string& name) {
    return must(place.host().issue_ticket_for(name, "http://server.test", 30 * kDayMs));
  }
  // A device of a new account in the role, with a program that does not keep the rules.
  std::unique_ptr<Hostile> hostile(schema::Role role) {
    return std::make_unique<Hostile>(ticket(account(role)), ++luck,
                                     [this](const std::string& frame) { return post(frame); });
  }

  Place place;
  RecordId own, foreign, own_need;
  std::map<std::string, RecordId> units;
  std::string password;
  int accounts = 0;
  std::uint64_t luck = 1000;
};

// Whatever was said of it: whom it concerns, and whether it may ever succeed.
struct Attempt {
  std::string where, what;
  bool foreign = true;  // then it has to fail in every role
  std::function<std::string(Country&, schema::Role)> tried;
};

std::string outcome(const Heard& heard) {
  const Json body = Json::parse(heard.body, nullptr, false);
  const std::string status = std::to_string(heard.status);
  return body.is_object() && body.contains("code") ? status + " " + body["code"].get<std::string>() : status;
}

// What somebody in the role is answered who signed in.
using Asked = std::function<std::string(Country&)>;
Attempt get(const std::string& where, const std::string& what, bool foreign, const Asked& path) {
  return Attempt{where, what, foreign, [path](Country& country, schema::Role role) {
                   const std::string name = country.account(role);
                   const SignedIn in = sign_in(country.place, name, country.password);
                   const Heard heard = country.place.ask("GET", path(country), in.headers);
                   INFO(heard.body);
                   CHECK(heard.body.find(kForeignName) == std::string::npos);
                   if (role == schema::HEAD_OFFICE) CHECK(heard.body.find(kOwnName) == std::string::npos);
                   return outcome(heard);
                 }};
}

using Made = std::function<Change(Country&, Hostile&)>;
Attempt save(const std::string& what, bool foreign, const Made& make) {
  return Attempt{"sync", what, foreign, [make](Country& country, schema::Role role) {
                   const std::unique_ptr<Hostile> phone = country.hostile(role);
                   const std::string reason = phone->reason({make(country, *phone)});
                   return reason.empty() ? "applied" : reason;
                 }};
}

using Said = std::function<std::string(Country&, Hostile&)>;
Attempt say(const std::string& what, bool foreign, const Said& said) {
  return Attempt{"sync", what, foreign,
                 [said](Country& country, schema::Role role) { return said(country, *country.hostile(role)); }};
}

Filled pupil_in(const std::string& school) {
  return {{"full_name", "Vi Thị Hoa"}, {"school", school}, {"school_level", "primary"}, {"household", "poor"}};
}

// What an honest program in the role holds when it has synchronised.
std::string held_after_sync(Country& country, schema::Role role) {
  const auto store = must(SqliteStore::open(":memory:", {}));
  std::uint8_t next = static_cast<std::uint8_t>(++country.luck);
  const auto entropy = [&](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = next = static_cast<std::uint8_t>(next * 5 + 1);
  };
  const auto clock = [] { return ClockReading{.wall_ms = wall_clock_ms(), .monotonic_ms = 1, .boot_session = 1}; };
  must(join(*store, country.ticket(country.account(role)), entropy));
  const auto replica =
      must(Replica::open(*store, programme(), Environment{.clock = clock, .entropy = entropy, .actor = {}}));
  const auto initiator = must(Initiator::begin(*replica, {}));
  for (int i = 0; i < 20; ++i) {
    const std::optional<Outgoing> question = must(initiator->next(clock()));
    if (!question) break;
    must(initiator->receive(country.post(question->body), clock()));
  }
  CHECK_FALSE(must(replica->view(country.foreign)).has_value());
  std::string held;
  for (const auto& [name, record] : {std::pair("own", country.own), std::pair("foreign", country.foreign)}) {
    if (must(replica->view(record))) held += held.empty() ? name : std::string(" and ") + name;
  }
  return held.empty() ? "no records" : held;
}

std::vector<Attempt> attempts() {
  std::vector<Attempt> all;
  for (const char* path : {"/v1/totals", "/v1/totals/stream", "/v1/units"}) {
    all.push_back(get(path, "of the own unit", false, [path](Country&) { return path + std::string("?unit=S1"); }));
    all.push_back(get(path, "of another unit", true, [path](Country&) { return path + std::string("?unit=S2"); }));
    all.push_back(get(path, "of the unit above", true, [path](Country&) { return path + std::string("?unit=P"); }));
  }
  for (const char* path : {"/v1/records", "/v1/cases"}) {
    all.push_back(get(path, "of the own unit", false, [path](Country&) { return path + std::string("?unit=S1"); }));
    all.push_back(get(path, "of another unit", true, [path](Country&) { return path + std::string("?unit=S2"); }));
    all.push_back(get(path, "of the unit above", true, [path](Country&) { return path + std::string("?unit=P"); }));
  }
  all.push_back(get("/v1/records", "of the own unit, with a cursor of elsewhere", false, [](Country& country) {
    const std::string admin = country.account(schema::ADMINISTRATOR);
    must(country.place.host().user_accounts().appoint(admin, granted(schema::ADMINISTRATOR, {"P"}), false));
    const SignedIn in = sign_in(country.place, admin, country.password);
    const Heard heard = country.place.ask("GET", "/v1/records?unit=P&kind=pupil&limit=1", in.headers);
    return "/v1/records?unit=S1&after=" + Json::parse(heard.body)["next"].get<std::string>();
  }));
  const char* const by_id = "/v1/records/{id}";
  all.push_back(
      get(by_id, "an own one", false, [](Country& country) { return "/v1/records/" + to_text(country.own); }));
  all.push_back(get(by_id, "another one, by its id", true,
                    [](Country& country) { return "/v1/records/" + to_text(country.foreign); }));
  all.push_back(get(by_id, "another one, with its log", true,
                    [](Country& country) { return "/v1/records/" + to_text(country.foreign) + "?history=true"; }));
  all.push_back(get(by_id, "a guessed id", true, [](Country&) { return std::string("/v1/records/00001.1.0001"); }));

  all.push_back(Attempt{"sync", "is sent the records of", false, held_after_sync});
  all.push_back(save("adds a pupil in the own place", false,
                     [](Country&, Hostile& phone) { return phone.change("pupil", pupil_in("S1")); }));
  all.push_back(save("adds a pupil elsewhere", true,
                     [](Country&, Hostile& phone) { return phone.change("pupil", pupil_in("S2")); }));
  all.push_back(save("says that it was elsewhere when it saved", true, [](Country&, Hostile& phone) {
    Change change = phone.change("pupil", pupil_in("S1"));
    change.unit = "S2";
    return change;
  }));
  all.push_back(save("alters another's pupil", true, [](Country& country, Hostile& phone) {
    return phone.edit(country.foreign, "pupil", {{"note", "Đã sửa"}});
  }));
  all.push_back(save("takes another's pupil to the own school", true, [](Country& country, Hostile& phone) {
    return phone.edit(country.foreign, "pupil", {{"school", "S1"}});
  }));
  all.push_back(save("hands an own pupil to another school", false, [](Country& country, Hostile& phone) {
    return phone.edit(country.pupil("Chuyển Trường", "S1"), "pupil", {{"school", "S2"}});
  }));
  all.push_back(save("records a need of another's pupil", true, [](Country& country, Hostile& phone) {
    return phone.change("need", {{"pupil", to_text(country.foreign)}, {"lacks", "both"}});
  }));
  all.push_back(save("verifies a need in the own place", false, [](Country& country, Hostile& phone) {
    return phone.edit(country.own_need, "need", {{"state", "verified"}});
  }));
  all.push_back(save("says that an own and another's pupil are one", true, [](Country& country, Hostile& phone) {
    return phone.change("samehood",
                        {{"one", to_text(country.own)}, {"other", to_text(country.foreign)}, {"decision", "same"}});
  }));
  all.push_back(save("says that two of another's pupils are one", true, [](Country& country, Hostile& phone) {
    return phone.change("samehood", {{"one", to_text(country.foreign)},
                                     {"other", to_text(country.pupil("Hai Của Họ", "S2"))},
                                     {"decision", "same"}});
  }));
  all.push_back(save("hands a device over in the own place", false, [](Country& country, Hostile& phone) {
    return phone.change("handover", {{"pupil", to_text(country.pupil("Nhận Máy", "S1"))},
                                     {"device", to_text(country.device("S1"))},
                                     {"date", "2026-11-20"}});
  }));
  all.push_back(save("hands another's device over", false, [](Country& country, Hostile& phone) {
    return phone.change("handover", {{"pupil", to_text(country.pupil("Nhận Máy", "S1"))},
                                     {"device", to_text(country.device("S2"))},
                                     {"date", "2026-11-20"}});
  }));
  all.push_back(save("says that another's pupil gave a device back", true, [](Country& country, Hostile& phone) {
    return phone.change("return", {{"handover", to_text(country.handover("S2"))}, {"date", "2026-11-21"}});
  }));
  all.push_back(save("marks another's device as lost", true, [](Country& country, Hostile& phone) {
    return phone.edit(country.device("S2"), "device", {{"condition", "lost"}});
  }));
  all.push_back(save("renames the own unit", false, [](Country& country, Hostile& phone) {
    return phone.edit(country.units.at("S1"), "unit", {{"name", "Trường này"}});
  }));
  all.push_back(save("renames the unit above", true, [](Country& country, Hostile& phone) {
    return phone.edit(country.units.at("P"), "unit", {{"name", "Của tôi"}});
  }));
  all.push_back(save("moves another's school below the own unit", true, [](Country& country, Hostile& phone) {
    return phone.edit(country.units.at("S2"), "unit", {{"parent", "D1"}});
  }));
  all.push_back(save("erases an own pupil's data", false, [](Country& country, Hostile& phone) {
    return phone.change("erasure",
                        {{"record", to_text(country.pupil("Sẽ Xoá", "S1"))}, {"reason", "consent_withdrawn"}});
  }));
  all.push_back(save("erases another's pupil's data", true, [](Country& country, Hostile& phone) {
    return phone.change("erasure", {{"record", to_text(country.foreign)}, {"reason", "consent_withdrawn"}});
  }));
  all.push_back(save("releases by itself what was set aside", true, [](Country& country, Hostile& phone) {
    Change change = phone.change("pupil", pupil_in("S1"));
    change.record = change.origin = country.foreign;
    return change;
  }));
  const auto log_of = [](RecordId record, Hostile& phone) {
    wire::Request request = phone.request({});
    request.set_history(record.packed());
    const wire::Answer answer = phone.say(request);
    const std::string refusal = answer.refusal().code();
    return !refusal.empty() ? refusal : answer.has_history() ? "told" : "not told";
  };
  all.push_back(say("asks for the log of an own pupil", false,
                    [log_of](Country& country, Hostile& phone) { return log_of(country.own, phone); }));
  all.push_back(say("asks for the log of another's pupil", true,
                    [log_of](Country& country, Hostile& phone) { return log_of(country.foreign, phone); }));
  const auto refusal = [](Hostile& phone, const wire::Request& request) {
    const std::string code = phone.say(request).refusal().code();
    return code.empty() ? "answered" : code;
  };
  all.push_back(say("speaks as another's device", true, [refusal](Country& country, Hostile& phone) {
    const std::unique_ptr<Hostile> other = country.hostile(schema::TEACHER);
    other->say(other->request({}));
    wire::Request request = phone.request({});
    request.set_replica(other->ticket().replica);
    return refusal(phone, request);
  }));
  all.push_back(
      say("speaks as another's device that has not come yet", true, [refusal](Country& country, Hostile& phone) {
        wire::Request request = phone.request({});
        request.set_replica(country.hostile(schema::TEACHER)->ticket().replica);
        return refusal(phone, request);
      }));
  const auto forged = [refusal](Hostile& phone, const std::function<void(Ticket&)>& spoil) {
    Ticket ticket = phone.ticket();
    spoil(ticket);
    wire::Request request = phone.request({});
    request.mutable_enrolment()->set_ticket(encode(ticket));
    return refusal(phone, request);
  };
  all.push_back(say("writes another role on its ticket", true, [forged](Country&, Hostile& phone) {
    return forged(phone, [](Ticket& ticket) {
      ticket.role = ticket.role == schema::ADMINISTRATOR ? schema::AUDITOR : schema::ADMINISTRATOR;
    });
  }));
  all.push_back(say("writes another unit on its ticket", true, [forged](Country&, Hostile& phone) {
    return forged(phone, [](Ticket& ticket) { ticket.units = {"P"}; });
  }));
  all.push_back(say("uses a ticket that another device has used", true, [refusal](Country& country, Hostile& phone) {
    phone.say(phone.request({}));
    Hostile thief(phone.ticket(), ++country.luck, [&country](const std::string& frame) { return country.post(frame); });
    return refusal(thief, thief.request({}));
  }));
  all.push_back(say("goes on when its account is closed", true, [refusal](Country& country, Hostile& phone) {
    phone.say(phone.request({}));
    must(country.place.host().user_accounts().close("a" + std::to_string(country.accounts)));
    wire::Request request = phone.request({});
    request.set_cursor("");
    return refusal(phone, request);
  }));
  all.push_back(
      say("uses a ticket of an account that was closed before", true, [refusal](Country& country, Hostile& phone) {
        must(country.place.host().user_accounts().close("a" + std::to_string(country.accounts)));
        return refusal(phone, phone.request({}));
      }));
  all.push_back(say("saves in the own place when its account is closed", true, [](Country& country, Hostile& phone) {
    phone.say(phone.request({}));
    must(country.place.host().user_accounts().close("a" + std::to_string(country.accounts)));
    phone.now_ms = wall_clock_ms() + 60'000;
    const wire::Answer answer = phone.say(phone.request({phone.piece({phone.change("pupil", pupil_in("S1"))})}));
    return answer.quarantined_size() == 1 ? answer.quarantined(0).reason() : std::string("applied");
  }));
  return all;
}

bool succeeded(const std::string& outcome) {
  return outcome.starts_with("2") || outcome == "applied" || outcome == "told" || outcome == "answered";
}

std::string table() {
  std::string text = "| where | attempt |";
  for (const schema::Role role : roles()) text += " " + role_name(role) + " |";
  text += "\n| --- | --- |";
  for (std::size_t i = 0; i < roles().size(); ++i) text += " --- |";
  text += "\n";
  Country country;
  for (const Attempt& attempt : attempts()) {
    text += "| `" + attempt.where + "` | " + attempt.what + " |";
    for (const schema::Role role : roles()) {
      INFO(attempt.where << ": " << attempt.what << ", as " << role_name(role));
      const std::string came = attempt.tried(country, role);
      if (attempt.foreign) CHECK_FALSE(succeeded(came));
      text += " " + came + " |";
    }
    text += "\n";
  }
  must(country.place.host().verify());
  return text;
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  const std::size_t at = from + begin.size();
  return text.substr(at, text.find(end, at) - at);
}

TEST_CASE("each role is answered as docs/RIGHTS.md says, and nobody gets what is somebody else's") {
  std::ifstream file(SONGSONG_SOURCE_DIR "/docs/RIGHTS.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::string now = table();
  const std::string written =
      between(page, "<!-- the table, held by tests/server/rights_test.cc -->\n", "<!-- end -->");
  if (now != written) std::cout << "The table is now:\n" << now;
  CHECK(now == written);
}

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
  held_after_sync(country, schema::TEACHER);
  CHECK(looks().size() == 2);
  held_after_sync(country, schema::AUDITOR);
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
