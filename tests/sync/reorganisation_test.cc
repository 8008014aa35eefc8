// The tree of units changes under people's hands: schools go to other districts, districts end. What was recorded
// before counts, whoever works goes on, and figures can be had on the tree as it was.
#include "tests/town/town.h"

#include "shared/core/civil_time.h"

namespace songsong::testing {
namespace {

constexpr std::int64_t kDay = kMsPerDay;

// July 2025 in small: on a later day both districts end, their schools hang from new communes.
std::string end_districts(Server& server) {
  server.add_unit("commune-1", "province");
  server.add_unit("commune-2", "province");
  server.now_ms += 10 * kDay;
  server.reform({"school-1", "school-3"}, "commune-1");
  server.reform({"school-2"}, "commune-2");
  for (const char* district : {"district-1", "district-2"}) server.close_unit(district);
  return print_date(day_in_vietnam(server.now_ms) - 1);
}

void need(Field& field, const std::string& name, const std::string& school) {
  field.add("need", {{"pupil", to_text(field.pupil(name, school))}, {"lacks", "device"}});
}

}  // namespace

TEST_CASE("after districts ended every figure can be had on the tree as it was and as it is") {
  Server server;
  Field one(server, {"school-1"}), two(server, {"school-2"}), three(server, {"school-3"});
  for (int i = 0; i < 3; ++i) need(one, "Em " + std::to_string(i), "school-1");
  need(two, "Em", "school-2");
  for (int i = 0; i < 2; ++i) need(three, "Em " + std::to_string(i), "school-3");
  for (Field* each : {&one, &two, &three}) each->sync(server);
  const std::string measure = "needs_declared";
  const std::vector<std::string> before{"ministry", "province", "district-1", "district-2", "school-1", "school-3"};
  std::map<std::string, std::int64_t> was;
  for (const std::string& unit : before) was[unit] = server.total(unit, measure);
  REQUIRE(was["province"] == 6);
  REQUIRE(was["district-1"] == 4);
  const std::string last_day = end_districts(server);

  for (const std::string& unit : before) {
    INFO(unit);
    CHECK(server.total_on(last_day, unit, measure) == was[unit]);
    CHECK(server.total_on(server.today(), unit, measure) == server.total(unit, measure));
  }
  CHECK(server.total("province", measure) == was["province"]);
  CHECK(server.total("district-1", measure) == 0);
  CHECK(server.total("commune-1", measure) == was["school-1"] + was["school-3"]);
  CHECK(server.total_on(last_day, "commune-1", measure) == 0);
  // What is recorded later counts in both.
  need(one, "Em mới", "school-1");
  one.sync(server);
  CHECK(server.total("commune-1", measure) == was["school-1"] + was["school-3"] + 1);
  CHECK(server.total_on(last_day, "district-1", measure) == was["district-1"] + 1);
  server.verify();
}

TEST_CASE("who works in a district that ended keeps what they had, and goes on with it") {
  Server server;
  Field teacher(server, {"school-1"}), reviewer(server, {"district-1"}, schema::REVIEWER);
  Field elsewhere(server, {"district-2"}, schema::REVIEWER);
  const RecordId pupil = teacher.pupil("Một", "school-1");
  teacher.sync(server);
  reviewer.sync(server);
  end_districts(server);
  const RecordId later = teacher.pupil("Hai", "school-1");
  teacher.sync(server);
  reviewer.sync(server);
  CHECK(reviewer.live(pupil));
  CHECK(reviewer.live(later));
  reviewer.set(pupil, {{"household", "near_poor"}});
  CHECK(reviewer.sync(server).quarantined == 0);
  teacher.sync(server);
  CHECK(teacher.shown(pupil, "household") == "near_poor");
  elsewhere.sync(server);
  CHECK_FALSE(elsewhere.live(pupil));
  for (Field* each : {&teacher, &reviewer, &elsewhere}) each->verify();
  server.verify();
}

TEST_CASE(
    "what a reviewer saved before a school went to another district is applied after it; what they save later is not") {
  Server server;
  Field teacher(server, {"school-1"}), early(server, {"district-1"}, schema::REVIEWER);
  Field late(server, {"district-1"}, schema::REVIEWER);
  const RecordId pupil = teacher.pupil("Một", "school-1");
  teacher.sync(server);
  early.sync(server);
  late.sync(server);
  early.set(pupil, {{"household", "near_poor"}});
  server.now_ms += 10 * kDay;
  server.reform({"school-1"}, "district-2");
  // Neither phone has heard of it.
  late.set(pupil, {{"household", "other_hardship"}});
  const SyncTally in_time = early.sync(server);
  CHECK(in_time.quarantined == 0);
  CHECK_FALSE(early.live(pupil));
  CHECK(late.sync(server).quarantined == 1);
  teacher.sync(server);
  CHECK(teacher.shown(pupil, "household") == "near_poor");
  for (Field* each : {&teacher, &early, &late}) each->verify();
  server.verify();
}

TEST_CASE("what was saved on the day of a reform, before the list was run, is applied") {
  Server server;
  Field teacher(server, {"school-1"}), early(server, {"district-1"}, schema::REVIEWER);
  const RecordId pupil = teacher.pupil("Một", "school-1");
  teacher.sync(server);
  early.sync(server);
  server.now_ms += 10 * kDay;
  early.set(pupil, {{"household", "near_poor"}});
  server.now_ms += 3'600'000;
  server.reform({"school-1"}, "district-2");
  CHECK(early.sync(server).quarantined == 0);
  server.verify();
}

TEST_CASE("districts end in the middle of a sync: all who may see a pupil see it, whoever may not does not") {
  for (int answers = 1; answers <= 2; ++answers) {
    INFO("after answer " << answers);
    Server server;
    Field teacher(server, {"school-1", "school-2"}), reviewer(server, {"district-1"}, schema::REVIEWER);
    Field commune(server, {"school-3"});
    std::vector<RecordId> pupils;
    for (int i = 0; i < 60; ++i)
      pupils.push_back(teacher.pupil("Em " + std::to_string(i), i % 2 == 0 ? "school-1" : "school-2"));
    teacher.sync(server);
    int heard = 0;
    const InitiatorOptions small{.primer = &town_primer(), .check = false, .most_piece_bytes = 600};
    must(reviewer.try_sync(server,
                           Link{.up = {},
                                .down =
                                    [&](std::string&) {
                                      if (++heard == answers) end_districts(server);
                                      return true;
                                    }},
                           small));
    REQUIRE(heard > answers);
    for (const RecordId pupil : pupils) REQUIRE(reviewer.live(pupil));
    Field newcomer(server, {"commune-1"}, schema::REVIEWER);
    newcomer.sync(server);
    for (std::size_t i = 0; i < pupils.size(); ++i) REQUIRE(newcomer.live(pupils[i]) == (i % 2 == 0));
    commune.sync(server);
    for (const RecordId pupil : pupils) REQUIRE_FALSE(commune.live(pupil));
    for (Field* each : {&teacher, &reviewer, &commune, &newcomer}) each->verify();
    server.verify();
  }
}

}  // namespace songsong::testing
