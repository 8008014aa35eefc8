// A server with another key, or at another address: devices hear of it in the conversation, and nothing is lost.
#include "shared/sync/announcement.h"
#include "shared/sync/bundle.h"
#include "shared/sync/contact.h"
#include "shared/sync/join.h"
#include "shared/sync/members.h"
#include "shared/sync/people.h"
#include "shared/sync/receipts.h"
#include "shared/sync/registry.h"
#include "tests/support/temporary_folder.h"
#include "tests/town/hostile.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

Contact contact_of(Field& field) {
  std::optional<Contact> contact;
  must(field.store().read(0, [&](StoreReader& reader) { contact = Contact::read(reader); }));
  REQUIRE(contact.has_value());
  return *contact;
}

void verify(Field& field) {
  field.verify();
  must(check_receipts(field.store()));
}

void hear(Field& field, Server& server) {
  field.pupil("Nghe", "school-1");
  field.sync(server);
  CHECK_FALSE(contact_of(field).ticket_wanted);
}

}  // namespace

TEST_CASE("a server with another key hears who knows the former one, and hands out tickets with the new one") {
  Server server;
  Field old(server, {"school-1"}), silent(server, {"school-1"});
  old.pupil("Một", "school-1");
  old.sync(server);
  silent.pupil("Hai", "school-1");
  silent.sync(server);
  const PublicKey before = server.host().public_key();
  const Ticket unused = server.ticket({"school-1"});
  server.rotate(true);
  CHECK(server.host().public_key() != before);
  CHECK(contact_of(old).ticket.server == before);
  old.pupil("Ba", "school-1");
  CHECK(old.sync(server).sent == 1);
  verify(old);
  hear(old, server);
  CHECK(contact_of(old).ticket.server == server.host().public_key());
  CHECK_FALSE(contact_of(old).ticket_wanted);
  CHECK(verify(contact_of(old).ticket));
  verify(old);
  // With the new key alone.
  const std::size_t pupils = old.count("pupil");
  old.pupil("Bốn", "school-1");
  CHECK(old.sync(server).sent == 1);
  CHECK(old.count("pupil") == pupils + 1);
  // One that was handed out before, and one that is handed out now.
  Hostile late(unused, 99, [&](const std::string& frame) { return server.host().answer(frame).frame; });
  CHECK(late.reason({late.pupil()}) == "");
  Field now(server, {"school-1"});
  now.sync(server);
  CHECK(now.count("pupil") == pupils + 2);
  // Once more, for one that never came in between.
  server.rotate(true);
  hear(silent, server);
  CHECK(contact_of(silent).ticket.server == server.host().public_key());
  hear(old, server);
  CHECK(contact_of(old).ticket.server == server.host().public_key());
  for (Field* const each : {&old, &silent, &now}) verify(*each);
  server.verify();
}

TEST_CASE("a conversation with nothing to tell is as long as before, and nobody is told twice") {
  Server server;
  Field field(server, {"school-1"});
  field.pupil("Một", "school-1");
  field.sync(server);
  server.rotate(true);
  hear(field, server);
  const SyncTally quiet = field.sync(server);
  CHECK(quiet.round_trips == 1);
  CHECK(contact_of(field).ticket_revision > 0);
  verify(field);
}

TEST_CASE("a bundle that was sealed to the former key is taken, and its receipts are, when the phone has the new one") {
  Server server;
  Field field(server, {"school-1"});
  field.sync(server);
  field.pupil("Một", "school-1");
  const Bundle bundle = must(make_bundle(field.replica(), field.clock()));
  server.rotate(true);
  const Answered answered = server.host().answer_file(bundle.bytes);
  CHECK(answered.status == 200);
  hear(field, server);
  CHECK(contact_of(field).ticket.server == server.host().public_key());
  must(accept_file(field.replica(), answered.frame, field.clock()));
  verify(field);
}

TEST_CASE("the line of a device that was another before is sent under the key that it knows") {
  Server server;
  Field field(server, {"school-1"});
  field.sync(server);
  field.pupil("Một", "school-1");
  field.join_again(server.ticket({"school-1"}));
  field.pupil("Hai", "school-1");
  server.rotate(true);
  hear(field, server);
  hear(field, server);
  CHECK(contact_of(field).ticket.server == server.host().public_key());
  Field other(server, {"school-1"});
  other.sync(server);
  CHECK(other.count("pupil") == 4);
  verify(field);
  server.verify();
}

TEST_CASE(
    "a key that somebody else has is forgotten: who knows it only is not heard, and joins again with all it has") {
  Server server;
  Field field(server, {"school-1"});
  field.pupil("Một", "school-1");
  field.sync(server);
  field.pupil("Hai", "school-1");
  server.rotate(false);
  const Outcome<SyncTally> refused = field.try_sync(server);
  REQUIRE(!refused);
  CHECK(refused.fault().where == "request_forged");
  const Ticket ticket = server.ticket({"school-1"});
  CHECK(field.try_join(ticket).fault().code == "ticket_other_server");
  CHECK(must(field.try_join(ticket, true)) == Joined::kRenewed);
  field.pupil("Ba", "school-1");
  field.sync(server);
  Field other(server, {"school-1"});
  other.sync(server);
  CHECK(other.count("pupil") == 3);
  verify(field);
  server.verify();
}

TEST_CASE("a server that is lost with all its backups is stood in for, and each phone sends all that it ever saved") {
  Server lost(1);
  Field minh(lost, {"school-1"}), lan(lost, {"school-2"});
  const RecordId pupil = minh.pupil("Một", "school-1");
  minh.add("need", {{"pupil", to_text(pupil)}, {"lacks", "device"}});
  minh.sync(lost);
  lan.pupil("Hai", "school-2");
  lan.sync(lost);
  const RecordId unsent = minh.pupil("Ba", "school-1");
  const PublicKey key = lost.host().public_key();

  Server server(2);
  const auto joins = [&](Field& field, const std::string& school) {
    const Ticket ticket = server.ticket({school});
    CHECK(must(field.try_join(ticket, true)) == Joined::kRenewed);
  };
  server.now_ms = lost.now_ms + 60'000;
  server.stand_in_for(key);
  CHECK(server.host().epoch() > lost.host().epoch());
  joins(minh, "school-1");
  joins(lan, "school-2");
  minh.sync(server);
  lan.sync(server);
  minh.sync(server);
  CHECK(server.total("ministry", "pupils_in_need") == 1);
  Field office(server, {"ministry"}, schema::REVIEWER);
  office.sync(server);
  CHECK(office.count("pupil") == 3);
  CHECK(office.live(unsent));
  CHECK(minh.replica().pending().value() == 0);
  verify(minh);
  verify(lan);
  server.verify();
  // One that is nobody's: it was not said that this server stands in for that one.
  Server stranger(3);
  Field other(stranger, {"school-1"});
  other.pupil("Bốn", "school-1");
  other.sync(stranger);
  joins(other, "school-1");
  CHECK(other.try_sync(server).fault().where == "ticket_other_server");
}

TEST_CASE("a folder that never synchronised sends what it has under the key that the server has by now") {
  Server server;
  Field field(server, {"school-1"});
  field.pupil("Một", "school-1");
  server.rotate(true);
  const Ticket ticket = server.ticket({"school-1"});
  CHECK(must(field.try_join(ticket, true)) == Joined::kRenewed);
  field.pupil("Hai", "school-1");
  field.sync(server);
  Field other(server, {"school-1"});
  other.sync(server);
  CHECK(other.count("pupil") == 2);
  verify(field);
}

TEST_CASE("a phone that knows a later key than a server that was put back takes a ticket of the key that it has") {
  const TemporaryFolder folder;
  Server server(1, folder.file("server.db"));
  Field field(server, {"school-1"});
  field.pupil("Một", "school-1");
  field.sync(server);
  server.back_up(folder.file("backup.db"));
  server.rotate(true);
  field.pupil("Hai", "school-1");
  field.sync(server);
  CHECK(contact_of(field).ticket.server == server.host().public_key());
  server.now_ms += 1000;
  server.put_back(folder.file("backup.db"));  // the disk is lost, and with it the key
  field.pupil("Ba", "school-1");
  CHECK_FALSE(field.try_sync(server).ok());
  field.join_again(server.ticket({"school-1"}));
  field.sync(server);
  Field other(server, {"school-1"});
  other.sync(server);
  CHECK(other.count("pupil") == 3);
  verify(field);
  server.verify();
}

TEST_CASE("however often a server is given another key, who was away is heard, and no receipt is doubted") {
  Server server;
  Field away(server, {"school-1"}), there(server, {"school-1"});
  away.pupil("Một", "school-1");
  away.sync(server);
  there.pupil("Hai", "school-1");
  there.sync(server);
  there.join_again(server.ticket({"school-1"}));
  for (int i = 0; i < 12; ++i) {
    server.rotate(true);
    there.sync(server);
    CHECK(contact_of(there).ticket.server == server.host().public_key());
  }
  away.pupil("Ba", "school-1");
  away.sync(server);
  CHECK(contact_of(away).ticket.server == server.host().public_key());
  verify(away);
  verify(there);
}

TEST_CASE("a forgotten key stays forgotten when a backup of before is put back over the store that knows") {
  const TemporaryFolder folder;
  Server server(1, folder.file("server.db"));
  Field field(server, {"school-1"});
  field.sync(server);
  server.back_up(folder.file("backup.db"));
  must(server.host().revoke(contact_of(field).ticket.replica));
  server.rotate(false);
  const PublicKey key = server.host().public_key();
  {
    const auto coming = must(SqliteStore::open(folder.file("backup.db")));
    CHECK(must(take_over_people(server.store(), *coming)));
  }
  server.put_back(folder.file("backup.db"));
  CHECK(server.host().public_key() == key);
  CHECK_FALSE(field.try_sync(server).ok());
}

TEST_CASE("a ticket that a thief of the former key signs lets nobody in") {
  Server server;
  ServerIdentity stolen;
  must(server.store().read(0,
                           [&](StoreReader& reader) { stolen = must(decode_server(reader.setting(kServerSetting))); }));
  server.rotate(true);
  Ticket forged = server.ticket({"school-1"}, schema::ADMINISTRATOR);
  forged.replica += 50;
  sign(forged, KeyPair(stolen.seed));
  Hostile thief(forged, 77, [&](const std::string& frame) { return server.host().answer(frame).frame; });
  CHECK(thief.say(thief.request({})).refusal().code() == "ticket_expired");
}

TEST_CASE("a backup from before is put back with the key that devices know by now") {
  const TemporaryFolder folder;
  Server server(1, folder.file("server.db"));
  Field field(server, {"school-1"});
  field.pupil("Một", "school-1");
  field.sync(server);
  server.back_up(folder.file("backup.db"));
  server.rotate(true);
  hear(field, server);
  const PublicKey key = server.host().public_key();
  {
    const auto coming = must(SqliteStore::open(folder.file("backup.db")));
    CHECK(must(take_over_people(server.store(), *coming)));
  }
  server.put_back(folder.file("backup.db"));
  CHECK(server.host().public_key() == key);
  field.pupil("Ba", "school-1");
  field.sync(server);
  Field other(server, {"school-1"});
  other.sync(server);
  CHECK(other.count("pupil") == 3);
  verify(field);
  server.verify();
}

TEST_CASE("an address that is announced stands on the device's ticket, and its signature is the server's") {
  Server server;
  Field field(server, {"school-1"});
  field.sync(server);
  must(server.host().announce_address("https://moved.test"));
  hear(field, server);
  CHECK(contact_of(field).ticket.url == "https://moved.test");
  CHECK(verify(contact_of(field).ticket));
  verify(field);
}

TEST_CASE("what is announced is read back, and nonsense is nothing") {
  const Announcement told = decode_announcement(encode(Announcement{.revision = 7, .url = "https://a.test"}));
  CHECK(told.revision == 7);
  CHECK(told.url == "https://a.test");
  CHECK(decode_announcement("").revision == 0);
  CHECK(decode_announcement("x").revision == 0);
}

}  // namespace songsong::testing
