// The adversarial suite: in each role, every endpoint and the conversation itself are tried for what is somebody
// else's. What came of each try is the table of docs/RIGHTS.md; what was foreign and passed fails besides.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "server/office.h"
#include "shared/core/attachment.h"
#include "tests/server/country.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using testing::Filled;
using testing::Hostile;
using testing::must;
using Json = nlohmann::json;

const std::vector<schema::Role>& roles() {
  static const std::vector<schema::Role> all{schema::TEACHER,     schema::REVIEWER,      schema::ALLOCATOR,
                                             schema::HEAD_OFFICE, schema::ADMINISTRATOR, schema::AUDITOR};
  return all;
}

// Whatever was said of it: whom it concerns, and whether it may ever succeed.
struct Attempt {
  std::string where, what;
  bool foreign = true;  // then it has to fail in every role
  std::function<std::string(Country&, schema::Role)> tried;
};

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

// The same, where something is altered: with the session's token, as the page does.
Attempt post(const std::string& where, const std::string& what, bool foreign, const Asked& path) {
  return Attempt{where, what, foreign, [path](Country& country, schema::Role role) {
                   const std::string name = country.account(role);
                   const SignedIn in = sign_in(country.place, name, country.password);
                   const std::string said = Json{{"url", "http://server.test"}}.dump();
                   return outcome(country.place.ask("POST", path(country), in.headers, said));
                 }};
}

std::string device_at(Country& country, const std::string& unit) {
  constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
  const Ticket ticket = must(country.place.host().issue_ticket({unit}, schema::TEACHER, "http://server.test", kDayMs));
  return "/v1/devices/" + std::to_string(ticket.replica);
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

  const char* const file = "/v1/records/{id}/attachments/{sha256}";
  const auto photo_of = [](Country& country, const std::string& school) {
    const std::string bytes = std::string(kForeignName) + school;
    const RecordId photo = country.photo(school, bytes);
    must(country.place.office().attachments().append(photo, attachment_hash(bytes), 0, bytes, bytes.size()));
    return "/v1/records/" + to_text(photo) + "/attachments/" + to_text(attachment_hash(bytes));
  };
  all.push_back(Attempt{file, "a photo of the own place", false, [photo_of](Country& country, schema::Role role) {
                          const SignedIn in = sign_in(country.place, country.account(role), country.password);
                          return outcome(country.place.ask("GET", photo_of(country, "S1"), in.headers));
                        }});
  all.push_back(
      get(file, "a photo of another place", true, [photo_of](Country& country) { return photo_of(country, "S2"); }));
  all.push_back(Attempt{"PUT", "by a signed-in person's page", true, [](Country& country, schema::Role role) {
                          const std::string bytes = "of a page";
                          const std::string target = "/v1/records/" + to_text(country.photo("S1", bytes)) +
                                                     "/attachments/" + to_text(attachment_hash(bytes));
                          SignedIn in = sign_in(country.place, country.account(role), country.password);
                          in.headers["Content-Range"] = "bytes 0-8/9";
                          return outcome(country.place.ask("PUT", target, in.headers, bytes));
                        }});
  const auto put = [](const std::string& school) {
    return [school](Country& country, schema::Role role) {
      const std::string bytes = "a picture";
      const std::string target =
          "/v1/records/" + to_text(country.photo(school, bytes)) + "/attachments/" + to_text(attachment_hash(bytes));
      const std::unique_ptr<Hostile> phone = country.hostile(role);
      phone->say(phone->request({}));
      return outcome(country.place.ask(
          "PUT", target, {{"Authorization", phone->authorization("PUT " + target)}, {"Content-Range", "bytes 0-8/9"}},
          bytes));
    };
  };
  all.push_back(Attempt{"PUT", "a photo that a record of the own place names", false, put("S1")});
  all.push_back(Attempt{"PUT", "a photo that another's record names", true, put("S2")});

  all.push_back(get("/v1/health", "of the server", false, [](Country&) { return std::string("/v1/health"); }));
  all.push_back(
      get("/v1/devices", "those of the own place", false, [](Country&) { return std::string("/v1/devices"); }));
  for (const char* what : {"revoke", "replace"}) {
    const std::string where = std::string("/v1/devices/{id}/") + what;
    all.push_back(post(where, "one of the own place", false,
                       [what](Country& country) { return device_at(country, "S1") + "/" + what; }));
    all.push_back(post(where, "one of another place", true,
                       [what](Country& country) { return device_at(country, "S2") + "/" + what; }));
    all.push_back(post(where, "the server itself", true, [what](Country& country) {
      return "/v1/devices/" + std::to_string(must(country.place.host().members()).front().replica) + "/" + what;
    }));
  }

  all.push_back(Attempt{"sync", "is sent the records of", false,
                        [](Country& country, schema::Role role) { return country.held_after_sync(role); }});
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
  // The quarantine with which a pupil of the one school was offered to the other.
  const auto offered = [](Country& country, const std::string& from, const std::string& to) {
    const std::unique_ptr<Hostile> other = country.hostile_in(from);
    const Change change = other->edit(country.pupil("Được Chuyển", from), "pupil", {{"school", to}});
    CHECK(other->reason({change}) == "to_be_received");
    return country.quarantine_of(change.name);
  };
  all.push_back(save("receives a pupil that another school let go", false, [offered](Country& country, Hostile& phone) {
    return phone.edit(offered(country, "S2", "S1"), "quarantine", {{"decision", "released"}});
  }));
  all.push_back(
      save("receives a pupil that was let go to another school", true, [offered](Country& country, Hostile& phone) {
        return phone.edit(offered(country, "S1", "S2"), "quarantine", {{"decision", "released"}});
      }));
  all.push_back(save("lets in what was set aside in the own place", false, [](Country& country, Hostile& phone) {
    const std::unique_ptr<Hostile> other = country.hostile_in("S1");
    const Change change = other->edit(country.own_need, "need", {{"state", "verified"}});
    CHECK(other->reason({change}) == "not_for_role");
    return phone.edit(country.quarantine_of(change.name), "quarantine", {{"decision", "released"}});
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

}  // namespace
}  // namespace songsong::server
