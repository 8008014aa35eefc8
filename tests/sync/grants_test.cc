// What somebody may do changes while their phone is away: another place, another role. What they saved until then is
// judged by what they had; the phone hears of it by itself.
#include "shared/core/byte_reader.h"
#include "shared/replica/settings.h"
#include "shared/sync/members.h"
#include "tests/support/temporary_folder.h"
#include "tests/town/town.h"

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

TEST_CASE("a restored server's new appointment is heard, though the forgotten one had been") {
  const TemporaryFolder folder;
  Server server;
  Field teacher(server, {"school-1"});
  teacher.sync(server);
  server.back_up(folder.file("backup"));
  appoint(server, teacher, schema::TEACHER, {"school-2"});
  CHECK(grants_after(teacher, server) == granted(schema::TEACHER, {"school-2"}));
  server.put_back(folder.file("backup"));
  appoint(server, teacher, schema::TEACHER, {"school-3"});
  CHECK(grants_after(teacher, server) == granted(schema::TEACHER, {"school-3"}));
  CHECK(teacher.pupil("Một", "school-3").valid());
}

TEST_CASE("who was a head office first and is a teacher besides records in their school") {
  Server server;
  Field person(server, {"province"}, schema::HEAD_OFFICE);
  person.sync(server);
  appoint(server, person, schema::TEACHER, {"school-1"}, true);
  person.sync(server);
  person.pupil("Một", "school-1");
  CHECK(person.sync(server).quarantined == 0);
  server.verify();
}

TEST_CASE(
    "a phone that heard of its new school, and was cut before the school's record came, can record all the same") {
  Server server;
  Field teacher(server, {"school-1"}), other(server, {"school-2"});
  for (int i = 0; i < 400; ++i) other.pupil("Em số " + std::to_string(i * 7919), "school-2");
  other.sync(server);
  server.reform({"school-2"}, "district-2");  // so that it comes last
  teacher.pupil("Một", "school-1");
  teacher.sync(server);
  appoint(server, teacher, schema::TEACHER, {"school-2", "school-1"});
  int heard = 0;
  const InitiatorOptions small{.primer = &town_primer(), .check = false, .most_piece_bytes = 600};
  (void)teacher.try_sync(server, Link{.up = {}, .down = [&](std::string&) { return ++heard < 2; }}, small).ok();
  CHECK(teacher.pupil("Hai", "school-1").valid());
  CHECK(teacher.pupil("Ba", "school-2").valid());
  CHECK(teacher.sync(server).quarantined == 0);
}

TEST_CASE(
    "who is revoked is not appointed; the same appointment again changes nothing, and nobody gathers grants without "
    "end") {
  Server server;
  Field teacher(server, {"school-1"}), revoked(server, {"school-1"});
  teacher.sync(server);
  const auto held = [&] {
    for (const Member& each : must(server.host().members())) {
      if (each.replica == id_of(teacher)) return each;
    }
    return Member{};
  };
  for (int i = 0; i < 5; ++i) appoint(server, teacher, schema::TEACHER, {"school-1"});
  CHECK(held().grants.size() == 1);
  CHECK(held().grants_revision == 0);
  for (int i = 0; i < 50; ++i) appoint(server, teacher, schema::TEACHER, {i % 2 == 0 ? "school-2" : "school-1"});
  CHECK(held().grants.size() == 2);
  must(server.host().revoke(id_of(revoked)));
  const Outcome<Done> done = server.host().appoint(id_of(revoked), granted(schema::TEACHER, {"school-2"}), false);
  REQUIRE_FALSE(done.ok());
  CHECK(done.fault().code == "replica_revoked");
}

TEST_CASE("members and identities of before had one role on all their units") {
  ByteWriter writer;
  writer.byte(1);
  writer.varint(77);
  writer.bytes(std::string_view());
  writer.varint(static_cast<std::uint64_t>(schema::REVIEWER));
  writer.varint(2);
  for (const char* unit : {"a", "b"}) writer.bytes(std::string_view(unit));
  for (int i = 0; i < 4; ++i) writer.zigzag(0);
  writer.varint(3);
  const Member member = must(decode_member(std::move(writer).take()));
  CHECK(present_grants(member) == granted(schema::REVIEWER, {"a", "b"}));
  CHECK(member.waiting == 3);
  ByteWriter identity;
  identity.byte(1);
  identity.varint(77);
  for (std::size_t i = 0; i < SigningSeed::kSize; ++i) identity.byte(7);
  identity.varint(static_cast<std::uint64_t>(schema::REVIEWER));
  identity.varint(1);
  identity.bytes(std::string_view("a"));
  CHECK(must(decode_identity(std::move(identity).take())).grants == granted(schema::REVIEWER, {"a"}));
}

}  // namespace songsong::testing
