// A pupil who changes school: one lets go, one receives, and it is one child all the time.
#include "shared/sync/judge.h"
#include "tests/town/hostile.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

// The quarantine that offers it, on a device that holds it; not valid where none does.
RecordId offer(Field& field) {
  for (const std::string& id : field.case_ids()) {
    const std::string prefix = "quarantine.";
    if (id.starts_with(prefix)) return must(parse_name(id.substr(prefix.size())));
  }
  return {};
}

struct Schools {
  Server server;
  Field here{server, {"school-1"}}, there{server, {"school-2"}};
  RecordId pupil, need;

  Schools() {
    pupil = here.pupil("Vi Thị Hoa", "school-1");
    need = here.add("need", {{"pupil", to_text(pupil)}, {"lacks", "device"}});
    here.sync(server);
    there.sync(server);
  }
  void let_go(const std::string& school = "school-2") {
    server.now_ms += 1000;
    here.let_go(pupil, school);
    CHECK(here.sync(server).quarantined == 1);
    there.sync(server);
  }
  void decide(Field& field, const std::string& decision) {
    server.now_ms += 1000;
    field.set(offer(field), {{"decision", decision}});
    CHECK(field.sync(server).quarantined == 0);
    here.sync(server);
    there.sync(server);
  }
  std::int64_t pupils(const std::string& unit) { return server.total(unit, "pupils_in_need"); }
  void verify() {
    server.verify();
    here.verify();
    there.verify();
  }
};

}  // namespace

TEST_CASE(
    "a pupil that is let go stays where it is until the other school receives it, and is one child all the time") {
  Schools town;
  const std::int64_t before = town.pupils("ministry");
  town.let_go();
  CHECK(town.here.shown(town.pupil, "school") == "school-1");
  CHECK(town.pupils("school-1") == 1);
  CHECK_FALSE(town.there.live(town.pupil));
  // There it is known who is meant.
  const RecordId offered = offer(town.there);
  REQUIRE(offered.valid());
  CHECK(town.there.shown(offered, "about").starts_with("Vi Thị Hoa"));
  CHECK(town.there.shown(offered, "about").ends_with("[school-1]"));
  CHECK(town.there.shown(offered, "reason") == kToBeReceived);
  CHECK_FALSE(offer(town.here).valid());

  town.decide(town.there, "released");
  CHECK(town.there.shown(town.pupil, "school") == "school-2");
  CHECK(town.there.live(town.need));
  CHECK_FALSE(town.here.live(town.pupil));
  CHECK_FALSE(town.here.live(town.need));
  CHECK(town.pupils("school-1") == 0);
  CHECK(town.pupils("school-2") == 1);
  CHECK(town.pupils("ministry") == before);
  CHECK(town.server.case_ids().empty());
  town.verify();
}

TEST_CASE("what is not received stays, and what was edited meanwhile goes along") {
  Schools town;
  town.let_go();
  town.decide(town.there, "refused");
  CHECK(town.here.shown(town.pupil, "school") == "school-1");
  CHECK_FALSE(town.there.live(town.pupil));
  town.let_go();
  town.here.set(town.pupil, {{"grade", "4"}});
  town.here.sync(town.server);
  town.decide(town.there, "released");
  CHECK(town.there.shown(town.pupil, "grade") == "4");
  CHECK(town.there.shown(town.pupil, "school") == "school-2");
  town.verify();
}

TEST_CASE("of two schools to which it was offered the first receives it, and the other takes it from nobody") {
  Schools town;
  Field third(town.server, {"school-3"});
  town.let_go("school-3");
  town.let_go();
  third.sync(town.server);
  const RecordId late = offer(third);
  REQUIRE(late.valid());
  // Decided without a signal, before the other's decision was heard of.
  third.set(late, {{"decision", "released"}});
  town.decide(town.there, "released");
  third.sync(town.server);
  town.there.sync(town.server);
  CHECK(town.there.shown(town.pupil, "school") == "school-2");
  CHECK_FALSE(third.live(town.pupil));
  CHECK_FALSE(offer(third).valid());
  town.verify();
}

TEST_CASE("an offer is closed for the others as soon as one has received it") {
  Schools town;
  Field third(town.server, {"school-3"});
  town.let_go("school-3");
  town.let_go();
  town.decide(town.there, "released");
  third.sync(town.server);
  CHECK_FALSE(offer(third).valid());
  CHECK(town.server.case_ids().empty());
  town.verify();
}

TEST_CASE("a record that has moved since is received by nobody who was offered it before") {
  Schools town;
  town.server.add_unit("school-4", "district-1");
  Field district(town.server, {"district-1"}, schema::REVIEWER);
  town.let_go();
  district.sync(town.server);
  // A school of the same district, which its reviewer moves it to at once.
  Field near(town.server, {"school-4"});
  district.set(town.pupil, {{"school", "school-4"}});
  CHECK(district.sync(town.server).quarantined == 0);
  town.decide(town.there, "released");
  near.sync(town.server);
  CHECK(near.shown(town.pupil, "school") == "school-4");
  CHECK_FALSE(town.there.live(town.pupil));
  town.verify();
}

TEST_CASE("a reviewer lets nobody move to a unit that there is not, and no old decision moves a pupil on") {
  Schools town;
  Field reviewer(town.server, {"district-1"}, schema::REVIEWER);
  town.let_go("school-77");
  reviewer.sync(town.server);
  const RecordId nowhere = offer(reviewer);
  REQUIRE(nowhere.valid());
  CHECK(reviewer.shown(nowhere, "reason") == "unknown_unit");
  town.let_go();
  town.decide(town.there, "released");
  CHECK(town.there.shown(town.pupil, "school") == "school-2");
  town.server.now_ms += 1000;
  reviewer.set(nowhere, {{"decision", "released"}});
  reviewer.sync(town.server);
  town.there.sync(town.server);
  CHECK(town.there.shown(town.pupil, "school") == "school-2");
  CHECK(town.pupils("ministry") == 1);
  // It is seen to have come to nothing.
  reviewer.sync(town.server);
  CHECK(reviewer.shown(nowhere, "decision") == "refused");
  town.verify();
}

TEST_CASE("a pupil that was let go to nowhere stays where it is, whatever is decided") {
  Schools town;
  Field reviewer(town.server, {"district-1"}, schema::REVIEWER);
  town.let_go("school-77");
  reviewer.sync(town.server);
  town.server.now_ms += 1000;
  reviewer.set(offer(reviewer), {{"decision", "released"}});
  reviewer.sync(town.server);
  town.here.sync(town.server);
  CHECK(town.here.shown(town.pupil, "school") == "school-1");
  CHECK(town.pupils("school-1") == 1);
  CHECK(town.pupils("ministry") == 1);
  town.verify();
}

TEST_CASE("nobody takes what was not let go, and who is no reviewer decides on nothing else") {
  Schools town;
  // Their own pupil elsewhere is not theirs to bring.
  Hostile thief(town.server, {"school-2"});
  CHECK(thief.reason({thief.edit(town.pupil, "pupil", {{"school", "school-2"}})}) == "out_of_scope");
  // To a unit that there is not.
  Hostile lost(town.server, {"school-1"});
  CHECK(lost.reason({lost.edit(town.pupil, "pupil", {{"school", "school-99"}})}) == "unknown_unit");
  // What was set aside for another reason is a reviewer's.
  town.server.now_ms += 1000;
  Hostile colleague(town.server, {"school-1"});
  CHECK(colleague.reason({colleague.edit(town.need, "need", {{"state", "verified"}})}) == "not_for_role");
  town.here.sync(town.server);
  const RecordId aside = offer(town.here);
  REQUIRE(aside.valid());
  CHECK(colleague.reason({colleague.edit(aside, "quarantine", {{"decision", "released"}})}) == "not_for_role");
  // Nor does the school that let go decide for the other.
  town.let_go();
  const RecordId offered = offer(town.there);
  CHECK(colleague.reason({colleague.edit(offered, "quarantine", {{"decision", "released"}})}) == "out_of_scope");
  CHECK(colleague.reason({colleague.edit(aside, "quarantine", {{"reason", kToBeReceived}})}) == "not_for_role");
  town.verify();
}

TEST_CASE("an erased child is named in no offer") {
  Schools town;
  town.let_go();
  must(town.server.host().erase({{town.pupil, 1}}));
  town.there.sync(town.server);
  town.here.sync(town.server);
  CHECK(town.there.shown(offer(town.there), "about") == "erased");
  town.verify();
}

}  // namespace songsong::testing
