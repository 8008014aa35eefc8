// What somebody may do changes while their phone is away: another place, another role. What they saved until then is
// judged by what they had; the phone hears of it by itself.
#include "shared/replica/settings.h"
#include "tests/support/temporary_folder.h"
#include "tests/sync/town.h"

namespace songsong::testing {
namespace {

ReplicaId id_of(Field& field) { return field.replica().identity().replica; }

void appoint(Server& server, Field& field, schema::Role role, const std::vector<std::string>& units,
             bool besides = false) {
  server.now_ms += 1000;
  must(server.host().appoint(id_of(field), granted(role, units), besides));
  server.now_ms += 1000;
}

// With the grants that the phone goes by from now on.
Grants grants_after(Field& field, Server& server) {
  field.sync(server);
  Grants grants;
  must(field.store().read(
      0, [&](StoreReader& reader) { grants = must(decode_identity(reader.setting(kIdentitySetting))).grants; }));
  return grants;
}

}  // namespace

TEST_CASE(
    "a teacher who goes to another school: what was saved before counts, the old school leaves, the new one comes") {
  Server server;
  Field teacher(server, {"school-1"}), other(server, {"school-2"});
  const RecordId here = teacher.pupil("Một", "school-1"), there = other.pupil("Hai", "school-2");
  teacher.sync(server);
  other.sync(server);
  const RecordId in_time = teacher.pupil("Ba", "school-1");
  appoint(server, teacher, schema::TEACHER, {"school-2"});
  // Nobody has told her yet.
  teacher.pupil("Bốn", "school-1");
  CHECK(teacher.sync(server).quarantined == 1);
  CHECK(server.case_ids().size() == 1);
  CHECK(teacher.replica().identity().grants == granted(schema::TEACHER, {"school-1"}));  // until it saves again
  CHECK(grants_after(teacher, server) == granted(schema::TEACHER, {"school-2"}));
  CHECK_FALSE(teacher.live(here));
  CHECK_FALSE(teacher.live(in_time));
  CHECK(teacher.live(there));
  Field colleague(server, {"school-1"});
  colleague.sync(server);
  CHECK(colleague.live(in_time));
  // From now on she records there, and no more here.
  CHECK(teacher.pupil("Năm", "school-2").valid());
  CHECK(teacher.sync(server).quarantined == 0);
  const Outcome<RecordId> refused = teacher.save("pupil", RecordId(), {{"full_name", "Sáu"}, {"school", "school-1"}});
  REQUIRE_FALSE(refused.ok());
  teacher.verify();
  server.verify();
}

TEST_CASE("a reviewer in one place and teacher in another does in each what the role may do there") {
  Server server;
  Field person(server, {"school-1"}), other(server, {"school-2"});
  appoint(server, person, schema::REVIEWER, {"district-2", "school-2"}, true);
  person.sync(server);
  const RecordId own = person.add("need", {{"pupil", to_text(person.pupil("Một", "school-1"))}, {"lacks", "device"}});
  const RecordId theirs = other.add("need", {{"pupil", to_text(other.pupil("Hai", "school-2"))}, {"lacks", "device"}});
  other.sync(server);
  person.sync(server);
  person.set(theirs, {{"state", "verified"}});
  CHECK(person.sync(server).quarantined == 0);
  person.set(own, {{"state", "verified"}});
  CHECK(person.sync(server).quarantined == 1);
  other.sync(server);
  CHECK(other.shown(theirs, "state") == "verified");
  server.verify();
}

TEST_CASE("who is also head office is told of the records of their school, and of nobody else's") {
  Server server;
  Field person(server, {"school-1"}), other(server, {"school-2"});
  const RecordId theirs = other.pupil("Hai", "school-2");
  other.sync(server);
  const RecordId own = person.pupil("Một", "school-1");
  appoint(server, person, schema::HEAD_OFFICE, {"province"}, true);
  person.sync(server);
  CHECK(person.live(own));
  CHECK_FALSE(person.live(theirs));
  // Head office alone is told of units only.
  appoint(server, person, schema::HEAD_OFFICE, {"province"});
  person.sync(server);
  CHECK_FALSE(person.live(own));
  CHECK(person.count("unit") > 1);
  CHECK_FALSE(person.save("pupil", RecordId(), {{"full_name", "Ba"}, {"school", "school-1"}}).ok());
  person.verify();
}

TEST_CASE("an appointment before the first sync holds, and one that a restore forgot no longer does") {
  const TemporaryFolder folder;
  Server server;
  Field teacher(server, {"school-1"});
  appoint(server, teacher, schema::TEACHER, {"school-2"});
  CHECK(grants_after(teacher, server) == granted(schema::TEACHER, {"school-2"}));
  server.back_up(folder.file("backup"));
  appoint(server, teacher, schema::TEACHER, {"school-3"});
  CHECK(grants_after(teacher, server) == granted(schema::TEACHER, {"school-3"}));
  server.put_back(folder.file("backup"));
  CHECK(grants_after(teacher, server) == granted(schema::TEACHER, {"school-2"}));
  CHECK(teacher.pupil("Một", "school-2").valid());
  CHECK(teacher.sync(server).quarantined == 0);
  teacher.verify();
  server.verify();
}

TEST_CASE("an answer without news of grants says nothing of them; nobody is appointed where there is no unit") {
  Server server;
  Field teacher(server, {"school-1"});
  std::string down;
  const auto listen = [&](std::string& answer) {
    down = answer;
    return true;
  };
  appoint(server, teacher, schema::TEACHER, {"school-2"});
  must(teacher.try_sync(server, Link{.up = {}, .down = listen}));
  const std::size_t with = down.size();
  must(teacher.try_sync(server, Link{.up = {}, .down = listen}));
  CHECK(down.size() < with);
  const Outcome<Done> nowhere = server.host().appoint(id_of(teacher), granted(schema::TEACHER, {"school-9"}), false);
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.fault().code == "unknown_unit");
  const Outcome<Done> nobody = server.host().appoint(4'000'000, granted(schema::TEACHER, {"school-1"}), false);
  REQUIRE_FALSE(nobody.ok());
  CHECK(nobody.fault().code == "unknown_replica");
}

}  // namespace songsong::testing
