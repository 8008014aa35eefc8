#include "tests/server/country.h"

#include "server/sign_in.h"
#include "shared/core/attachment.h"
#include "shared/core/password.h"
#include "shared/core/value_text.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/initiator.h"
#include "shared/sync/join.h"
#include "tests/support/must.h"

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
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

}  // namespace

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

std::string add_account(Place& place, const std::string& name, const Grants& grants) {
  const std::string password = draw_password();
  must(place.host().user_accounts().add(name, grants, must(keep_password(password, StretchSalt()))));
  return password;
}

Country::Country() : place(kUnits) {
  own = pupil(kOwnName, "S1");
  foreign = pupil(kForeignName, "S2");
  own_need = save(act_of("need", "S1", {{"pupil", to_text(own)}, {"lacks", "device"}}));
  must(place.office().store().read(0, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(0, RecordId(), 1000)) {
      if (row.kind == programme().kind_named("unit")->number()) units[row.unit] = row.id;
    }
  }));
}

RecordId Country::save(const Act& act) { return must(place.host().save({&act, 1})).front(); }

RecordId Country::pupil(const std::string& name, const std::string& school) {
  return save(act_of("pupil", school,
                     {{"full_name", name}, {"school", school}, {"school_level", "primary"}, {"household", "poor"}}));
}

RecordId Country::device(const std::string& school) {
  return save(act_of("device", school, {{"device_type", "tablet"}, {"school", school}}));
}

RecordId Country::handover(const std::string& school) {
  return save(act_of(
      "handover", school,
      {{"pupil", to_text(pupil("Có Máy", school))}, {"device", to_text(device(school))}, {"date", "2026-11-20"}}));
}

RecordId Country::photo(const std::string& school, const std::string& picture) {
  return save(act_of("photo", school,
                     {{"handover", to_text(handover(school))}, {"picture", to_text(attachment_hash(picture))}}));
}

std::string Country::account(schema::Role role) {
  const std::string name = "a" + std::to_string(++accounts);
  password = add_account(place, name, granted(role, {home(role)}));
  return name;
}

std::string Country::post(const std::string& frame) const {
  return place.ask("POST", "/v1/sync", {{"Content-Type", "application/x-songsong"}}, frame).body;
}

Ticket Country::ticket(const std::string& name) {
  return must(place.host().issue_ticket_for(name, "http://server.test", 30 * kDayMs));
}

std::unique_ptr<Hostile> Country::hostile(schema::Role role) {
  return std::make_unique<Hostile>(ticket(account(role)), ++luck,
                                   [this](const std::string& frame) { return post(frame); });
}

std::unique_ptr<Hostile> Country::hostile_in(const std::string& school) {
  const Ticket ticket = must(place.host().issue_ticket({school}, schema::TEACHER, "http://server.test", 30 * kDayMs));
  return std::make_unique<Hostile>(ticket, ++luck, [this](const std::string& frame) { return post(frame); });
}

RecordId Country::quarantine_of(Name change) {
  RecordId found;
  must(place.office().store().read(0, [&](StoreReader& reader) {
    const KindPolicy& kind = *programme().quarantine();
    each_live_record(reader, programme(), &kind, [&](const songsong::Shown& shown) {
      const Value* const named = shown.find(kind.quarantine().change());
      if (named != nullptr && named->text() != nullptr && *named->text() == to_text(change)) found = shown.id();
    });
  }));
  return found;
}

std::string Country::held_after_sync(schema::Role role) {
  const auto store = must(SqliteStore::open(":memory:", {}));
  std::uint8_t next = static_cast<std::uint8_t>(++luck);
  const auto entropy = [&](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = next = static_cast<std::uint8_t>(next * 5 + 1);
  };
  const auto clock = [] { return ClockReading{.wall_ms = wall_clock_ms(), .monotonic_ms = 1, .boot_session = 1}; };
  must(join(*store, ticket(account(role)), entropy));
  const auto replica =
      must(Replica::open(*store, programme(), Environment{.clock = clock, .entropy = entropy, .actor = {}}));
  const auto initiator = must(Initiator::begin(*replica, {}));
  for (int i = 0; i < 20; ++i) {
    const std::optional<Outgoing> question = must(initiator->next(clock()));
    if (!question) break;
    must(initiator->receive(post(question->body), clock()));
  }
  CHECK_FALSE(must(replica->view(foreign)).has_value());
  std::string held;
  for (const auto& [name, record] : {std::pair("own", own), std::pair("foreign", foreign)}) {
    if (must(replica->view(record))) held += held.empty() ? name : std::string(" and ") + name;
  }
  return held.empty() ? "no records" : held;
}

std::string outcome(const Heard& heard) {
  const Json body = Json::parse(heard.body, nullptr, false);
  const std::string status = std::to_string(heard.status);
  return body.is_object() && body.contains("code") ? status + " " + body["code"].get<std::string>() : status;
}

}  // namespace songsong::server
