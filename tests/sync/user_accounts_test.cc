// People who sign in, and their devices: one set of rights, wherever it is asked.
#include "shared/sync/user_accounts.h"

#include "shared/replica/own_lines.h"
#include "shared/sync/members.h"
#include "shared/sync/people.h"
#include "tests/support/temporary_folder.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

constexpr std::int64_t kYearMs = 365LL * 24 * 3600 * 1000;

Ticket ticket_for(Server& server, const std::string& account) {
  return must(server.host().issue_ticket_for(account, "http://server.test", kYearMs));
}

const UserAccounts& accounts_of(Server& server) { return server.host().user_accounts(); }

Member member_of(Server& server, ReplicaId replica) {
  for (const Member& member : must(server.host().members())) {
    if (member.replica == replica) return member;
  }
  FAIL("no such member");
  return {};
}

// As it has heard.
Grants grants_of(Field& phone) {
  Grants grants;
  must(phone.store().read(0, [&](StoreReader& reader) { grants = OwnLines::read(reader).present().identity.grants; }));
  return grants;
}

TEST_CASE("a name to sign in with is written in one way only") {
  for (const char* name : {"lan", "lan.nguyen", "th-01_lan@bg", "0a"}) CHECK(is_account_name(name));
  for (const std::string& name : {std::string("l"), std::string("Lan"), std::string("lân"), std::string(".lan"),
                                  std::string("lan."), std::string("la n"), std::string(65, 'a'), std::string()})
    CHECK_FALSE(is_account_name(name));
}

TEST_CASE("an account's bytes come back, and other bytes are refused") {
  UserAccount account{.number = 7,
                      .name = "lan",
                      .grants = {Grant{schema::TEACHER, "school-1"}, Grant{schema::REVIEWER, "district-1"}},
                      .password = std::string("\x01\x00\xff", 3),
                      .totp_secret = "secret",
                      .totp_step = 1'000'000,
                      .revision = 3,
                      .made_ms = kTownTime,
                      .closed_ms = -1,
                      .altered_ms = kTownTime + 1};
  const std::string bytes = encode_user_account(account);
  CHECK(must(decode_user_account(bytes)) == account);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(decode_user_account(bytes.substr(0, size)).fault().code == "storage_damaged");
  CHECK(decode_user_account(bytes + "x").fault().code == "storage_damaged");
}

TEST_CASE("an account is made once, found by its name, and its number is never another's") {
  Server server;
  const UserAccounts& accounts = accounts_of(server);
  CHECK_FALSE(must(accounts.any()));
  const UserAccount lan = must(accounts.add("lan", granted(schema::TEACHER, {"school-1"}), "kept"));
  CHECK(must(accounts.any()));
  CHECK(lan.number == 1);
  CHECK(must(accounts.find("lan")) == lan);
  CHECK_FALSE(must(accounts.find("hoa")).has_value());
  CHECK_FALSE(must(accounts.find("Lan")).has_value());
  CHECK(must(accounts.add("hoa", granted(schema::AUDITOR, {"province"}), "kept")).number == 2);
  CHECK(accounts.add("lan", granted(schema::TEACHER, {"school-1"}), "kept").fault().code == "account_exists");
  CHECK(accounts.add("Lan", granted(schema::TEACHER, {"school-1"}), "kept").fault().code == "account_name_malformed");
  CHECK(accounts.add("binh", granted(schema::TEACHER, {"school-9"}), "kept").fault().code == "unknown_unit");
  CHECK(accounts.close("binh").fault().code == "unknown_account");
  std::vector<std::string> names;
  for (const UserAccount& each : must(accounts.all())) names.push_back(each.name);
  CHECK(names == std::vector<std::string>{"hoa", "lan"});

  const UserAccount closed = must(accounts.close("lan"));
  CHECK(closed.revision > lan.revision);
  CHECK(closed.password.empty());
  CHECK(accounts.appoint("lan", granted(schema::REVIEWER, {"school-1"}), false).fault().code == "account_closed");
  const UserAccount again = must(accounts.add("lan", granted(schema::REVIEWER, {"school-2"}), "other"));
  CHECK(again.number == 1);
  CHECK(again.revision > closed.revision);
  CHECK(must(accounts.add("mai", granted(schema::TEACHER, {"school-1"}), "kept")).number == 3);
}

TEST_CASE("the devices of an account have its rights, those that join later too, and hear of new ones") {
  Server server;
  const UserAccounts& accounts = accounts_of(server);
  must(accounts.add("lan", granted(schema::TEACHER, {"school-1"}), "kept"));
  Field other(server, {"school-3"});
  const RecordId far = other.pupil("Xa", "school-3");
  other.sync(server);
  Field phone(server, {"school-2"});
  phone.join_again(ticket_for(server, "lan"));
  const RecordId pupil = phone.pupil("Gần", "school-1");
  phone.sync(server);
  CHECK(server.total("school-1", "cases_open") == 0);
  CHECK_FALSE(must(phone.replica().view(far)).has_value());

  server.now_ms += 1000;
  must(accounts.appoint("lan", {Grant{schema::REVIEWER, "district-2"}}, true));
  phone.sync(server);
  CHECK(phone.shown(far, "full_name") == "Xa");
  CHECK(grants_of(phone).size() == 2);
  Field second(server, {"school-2"});
  second.join_again(ticket_for(server, "lan"));
  second.sync(server);
  CHECK(second.shown(far, "full_name") == "Xa");
  CHECK(second.shown(pupil, "full_name") == "Gần");
  CHECK(grants_of(second).size() == 2);

  server.now_ms += 1000;
  must(accounts.appoint("lan", granted(schema::TEACHER, {"school-3"}), false));
  for (Field* each : {&phone, &second}) {
    each->sync(server);
    CHECK_FALSE(each->live(pupil));
    CHECK(each->shown(far, "full_name") == "Xa");
  }
  // A device of an account has no rights of its own.
  const ReplicaId replica = phone.replica().identity().replica;
  CHECK(server.host().appoint(replica, granted(schema::TEACHER, {"school-1"}), false).fault().code ==
        "device_of_account");
  server.verify();
}

TEST_CASE("who closes an account revokes its devices and tickets, and nobody else's") {
  Server server;
  const UserAccounts& accounts = accounts_of(server);
  must(accounts.add("lan", granted(schema::TEACHER, {"school-1"}), "kept"));
  Field own(server, {"school-2"}), stranger(server, {"school-1"});
  own.join_again(ticket_for(server, "lan"));
  const RecordId pupil = own.pupil("Một", "school-1");
  own.sync(server);
  stranger.sync(server);
  const Ticket unused = ticket_for(server, "lan");
  server.now_ms += 1000;
  must(accounts.close("lan"));
  CHECK(server.host().issue_ticket_for("lan", "http://server.test", kYearMs).fault().code == "account_closed");
  CHECK(own.try_sync(server).fault().where == "replica_revoked");
  CHECK_FALSE(own.live(pupil));
  Field late(server, {"school-2"});
  late.join_again(unused);
  CHECK(late.try_sync(server).fault().where == "replica_revoked");
  stranger.sync(server);
  CHECK(stranger.live(pupil));
}

TEST_CASE("a backup that is put back gives nobody back what was taken from them since") {
  TemporaryFolder folder;
  Server server(1, folder.file("server.db"));
  const UserAccounts& accounts = accounts_of(server);
  must(accounts.add("lan", granted(schema::TEACHER, {"school-1"}), "kept"));
  must(accounts.add("hoa", granted(schema::REVIEWER, {"province"}), "kept"));
  Field phone(server, {"school-1"}), moved(server, {"school-1"});
  phone.sync(server);
  server.back_up(folder.file("backup.db"));

  server.now_ms += 60'000;
  must(accounts.close("lan"));
  must(accounts.alter("hoa", [](UserAccount& account) -> Outcome<Done> {
    account.password = "changed";
    return Done{};
  }));
  const UserAccount mai = must(accounts.add("mai", granted(schema::AUDITOR, {"province"}), "kept"));
  must(accounts.add("anh", granted(schema::AUDITOR, {"province"}), "kept"));
  const ReplicaId revoked = phone.replica().identity().replica, elsewhere = moved.replica().identity().replica;
  must(server.host().revoke(revoked));
  must(server.host().appoint(elsewhere, granted(schema::TEACHER, {"school-3"}), false));
  Field late(server, {"school-1"});
  late.sync(server);
  const ReplicaId later = late.replica().identity().replica;
  must(server.host().revoke(later));

  {
    const auto restored = must(SqliteStore::open(folder.file("backup.db"), {}));
    CHECK(must(take_over_people(server.store(), *restored)));
  }
  server.put_back(folder.file("backup.db"));
  const UserAccounts& now = accounts_of(server);
  CHECK(must(now.find("lan"))->closed_ms != 0);
  CHECK(must(now.find("hoa"))->password == "changed");
  CHECK(must(now.find("mai")) == mai);
  CHECK(must(now.add("nam", granted(schema::TEACHER, {"school-1"}), "kept")).number == 5);
  CHECK(member_of(server, revoked).revoked_ms != 0);
  CHECK(member_of(server, later).revoked_ms != 0);
  CHECK(present_grants(member_of(server, elsewhere)) == granted(schema::TEACHER, {"school-3"}));
  CHECK(phone.try_sync(server).fault().where == "replica_revoked");
  CHECK(late.try_sync(server).fault().where == "replica_revoked");

  // Of several numbers that came since none is given again.
  CHECK(must(now.add("binh", granted(schema::TEACHER, {"school-1"}), "kept")).number == 6);

  // The other way round: an older store knows nothing that is newer than the backup.
  server.back_up(folder.file("newer.db"));
  Server older(1, folder.file("older.db"));
  {
    const auto restored = must(SqliteStore::open(folder.file("newer.db"), {}));
    const std::string before = must(now.find("hoa"))->password;
    Server stranger(99, folder.file("stranger.db"));
    CHECK_FALSE(must(take_over_people(stranger.store(), *restored)));
    CHECK(must(take_over_people(older.store(), *restored)));
  }
  server.put_back(folder.file("newer.db"));
  CHECK(must(accounts_of(server).find("lan"))->closed_ms != 0);
  CHECK(member_of(server, revoked).revoked_ms != 0);
}

}  // namespace
}  // namespace songsong::testing
