// Phones that are copied or put back from a backup, and a server that is.
#include <filesystem>

#include "tests/support/temporary_folder.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

namespace fs = std::filesystem;

void copy_store(Field& phone, const std::string& from, const std::string& to) {
  must(static_cast<SqliteStore&>(phone.store()).checkpoint());
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("two copies of one phone both go on, and both sides reach everyone") {
  const TemporaryFolder folder;
  Server server;
  const std::string first = folder.file("one.db"), second = folder.file("two.db");
  Field an(server, {"school-1"}, schema::TEACHER, first);
  const RecordId shared = an.pupil("Chung", "school-1");
  an.sync(server);
  copy_store(an, first, second);
  Field copy(server, second, 99);
  Field binh(server, {"school-1"});
  const RecordId one = an.pupil("Của máy một", "school-1");
  const RecordId other = copy.pupil("Của máy hai", "school-1");
  CHECK(one.sequence() == other.sequence());
  an.set(shared, {{"grade", "1"}});
  copy.set(shared, {{"grade", "2"}});
  an.sync(server);
  copy.sync(server);
  an.sync(server);
  binh.sync(server);
  for (Field* phone : {&an, &copy, &binh}) {
    CHECK(phone->count("pupil") == 3);
    CHECK(phone->case_ids() == std::vector<std::string>{"conflict." + to_text(shared)});
    CHECK(must(phone->replica().pending()) == 0);
    phone->verify();
  }
  server.verify();
  // They settle and go on.
  an.set(shared, {{"grade", "2"}});
  an.sync(server);
  copy.sync(server);
  copy.set(shared, {{"area", "coast"}});
  copy.sync(server);
  an.sync(server);
  binh.sync(server);
  CHECK(an.shown(shared, "area") == "coast");
  for (Field* phone : {&an, &copy, &binh}) {
    CHECK(phone->case_ids().empty());
    phone->verify();
  }
  server.verify();
}

TEST_CASE("what one life of a copied phone wrote is no part of what an edit saw of the other") {
  const TemporaryFolder folder;
  Server server;
  const std::string first = folder.file("one.db"), second = folder.file("two.db");
  Field an(server, {"school-1"}, schema::TEACHER, first);
  const RecordId pupil = an.pupil("Chung", "school-1");
  an.sync(server);
  copy_store(an, first, second);
  Field copy(server, second, 99), binh(server, {"school-1"});
  an.set(pupil, {{"area", "coast"}});
  an.set(pupil, {{"area", "mountain"}});
  an.sync(server);
  binh.sync(server);
  copy.set(pupil, {{"grade", "2"}});
  copy.sync(server);
  // While the answer that has the copy's grade is on its way, somebody writes another.
  const Link link{.up = {}, .down = [&, written = false](std::string&) mutable {
                    if (!std::exchange(written, true)) {
                      binh.set(pupil, {{"grade", "1"}});
                      return true;
                    }
                    CHECK(binh.case_ids() == std::vector<std::string>{"conflict." + to_text(pupil)});
                    return false;
                  }};
  REQUIRE_FALSE(binh.try_sync(server, link).ok());
  CHECK(binh.case_ids() == std::vector<std::string>{"conflict." + to_text(pupil)});
  binh.sync(server);
  CHECK(binh.case_ids() == server.case_ids());
}

TEST_CASE("a phone put back from its backup hears of its other life before it writes, and shows the newer value") {
  const TemporaryFolder folder;
  Server server;
  const std::string path = folder.file("phone.db"), backup = folder.file("backup.db");
  RecordId pupil;
  {
    Field an(server, {"school-1"}, schema::TEACHER, path);
    pupil = an.pupil("Trẻ", "school-1");
    an.set(pupil, {{"grade", "1"}});
    an.sync(server);
    copy_store(an, path, backup);
    an.set(pupil, {{"grade", "5"}});
    an.pupil("Sau khi sao lưu", "school-1");
    an.sync(server);
  }
  Field back(server, backup, 5);
  back.sync(server);
  CHECK(back.shown(pupil, "grade") == "5");
  CHECK(back.count("pupil") == 2);
  CHECK(must(back.replica().pending()) == 0);
  back.verify();
  back.set(pupil, {{"area", "coast"}});
  back.sync(server);
  CHECK(back.shown(pupil, "grade") == "5");
  CHECK(back.shown(pupil, "area") == "coast");
  CHECK(server.case_ids().empty());
  back.verify();
  server.verify();
}

TEST_CASE("a server put back from a backup gets again what it lost, from the phones") {
  const TemporaryFolder folder;
  Server server;
  const std::string backup = folder.file("backup.db");
  Field an(server, {"school-1"}), binh(server, {"school-1"}), late(server, {"school-2"});
  const RecordId kept = an.pupil("Có trong bản sao", "school-1");
  an.sync(server);
  binh.sync(server);
  server.back_up(backup);
  const RecordId lost = an.pupil("Sau bản sao", "school-1");
  an.set(kept, {{"grade", "3"}});
  an.sync(server);
  binh.sync(server);
  binh.set(lost, {{"grade", "4"}});
  binh.sync(server);
  late.pupil("Vào sau", "school-2");
  late.sync(server);
  server.now_ms += 5000;
  server.put_back(backup);
  CHECK_FALSE(server.states().contains(lost));

  binh.sync(server);
  CHECK(server.states().contains(lost));  // as an edit of a record whose opening has not come yet
  an.sync(server);
  late.sync(server);
  binh.sync(server);
  an.sync(server);
  CHECK(server.total("province", "cases_open") == 0);
  CHECK(an.states() == binh.states());
  CHECK(an.shown(lost, "grade") == "4");
  CHECK(binh.shown(kept, "grade") == "3");
  CHECK(late.count("pupil") == 1);
  for (Field* phone : {&an, &binh, &late}) {
    CHECK(must(phone->replica().pending()) == 0);
    phone->verify();
  }
  server.verify();
}

TEST_CASE("a restored server that hears of a move before it hears of the pupil lets the pupil in where it was added") {
  const TemporaryFolder folder;
  Server server;
  const std::string backup = folder.file("backup.db");
  Field an(server, {"school-1"}), district(server, {"district-1"}, schema::ADMINISTRATOR), binh(server, {"school-2"});
  for (Field* phone : {&an, &district, &binh}) phone->sync(server);
  server.back_up(backup);
  const RecordId pupil = an.pupil("Chuyển trường", "school-1");
  an.sync(server);
  district.sync(server);
  server.now_ms += 5000;
  server.put_back(backup);
  district.set(pupil, {{"school", "school-2"}});
  for (Field* phone : {&district, &an, &binh, &district, &an}) phone->sync(server);
  CHECK(server.case_ids().empty());
  CHECK(binh.shown(pupil, "full_name") == "Chuyển trường");
  CHECK_FALSE(an.live(pupil));
  for (Field* phone : {&an, &district, &binh}) phone->verify();
  server.verify();
}

TEST_CASE("a copied phone hears that a restored server set aside what the other copy sent again") {
  const TemporaryFolder folder;
  Server server;
  const std::string first = folder.file("one.db"), second = folder.file("two.db"), backup = folder.file("backup.db");
  Field an(server, {"school-1"}, schema::TEACHER, first);
  an.sync(server);
  server.back_up(backup);
  server.now_ms += 60'000;
  const RecordId pupil = an.pupil("Sau khi thu hồi", "school-1");
  an.sync(server);
  copy_store(an, first, second);
  Field copy(server, second, 99);
  server.now_ms -= 30'000;
  server.put_back(backup);
  must(server.host().revoke(an.replica().identity().replica));
  for (Field* phone : {&an, &copy}) {
    CHECK(phone->try_sync(server).fault().where == "replica_revoked");
    CHECK_FALSE(phone->live(pupil));
    CHECK(must(phone->replica().pending()) == 0);
    phone->verify();
  }
  server.verify();
}

TEST_CASE("a pupil that a restore moved away and that comes again is shown, though its version is less than before") {
  const TemporaryFolder folder;
  Server server;
  const std::string backup = folder.file("backup.db");
  Field an(server, {"school-1"}), binh(server, {"school-2"}), lost(server, {"school-3"});
  Field district(server, {"district-1"}, schema::ADMINISTRATOR);
  const RecordId pupil = binh.pupil("Chuyển trường", "school-2");
  for (Field* phone : {&binh, &an, &district}) phone->sync(server);
  server.back_up(backup);
  // By a phone that is never seen again: the version of the move is beyond all that the restored server will reach.
  for (int i = 0; i < 40; ++i) lost.pupil("Em " + std::to_string(i), "school-3");
  lost.sync(server);
  district.set(pupil, {{"school", "school-1"}});
  district.sync(server);
  an.sync(server);
  REQUIRE(an.live(pupil));
  server.now_ms += 5000;
  server.put_back(backup);
  an.sync(server);
  REQUIRE_FALSE(an.live(pupil));
  district.sync(server);
  an.sync(server);
  CHECK(an.live(pupil));
  an.verify();
}

TEST_CASE("of two copies each finds its own among the receipts of a server that was put back") {
  const TemporaryFolder folder;
  Server server;
  const std::string first = folder.file("one.db"), second = folder.file("two.db"), backup = folder.file("backup.db");
  Field an(server, {"school-1"}, schema::TEACHER, first);
  an.sync(server);
  copy_store(an, first, second);
  Field copy(server, second, 99);
  const auto add = [&](const std::string& whose) {
    an.pupil(whose + " một", "school-1");
    copy.pupil(whose + " hai", "school-1");
    an.sync(server);
    copy.sync(server);
  };
  add("Trước bản sao");
  server.back_up(backup);
  add("Sau bản sao");
  server.now_ms += 5000;
  server.put_back(backup);
  // The link is cut after the first answer, which says how much of either line is held.
  for (Field* phone : {&an, &copy}) {
    int answers = 0;
    const Link link{.up = {}, .down = [&](std::string&) { return ++answers == 1; }};
    CHECK_FALSE(phone->try_sync(server, link).ok());
    CHECK(must(phone->replica().pending()) == 1);
  }
  for (Field* phone : {&an, &copy, &an}) phone->sync(server);
  for (Field* phone : {&an, &copy}) {
    CHECK(phone->count("pupil") == 4);
    phone->verify();
  }
  server.verify();
}

TEST_CASE("a phone that was put back and went another way, at a server that was put back too") {
  const TemporaryFolder folder;
  Server server;
  const std::string path = folder.file("phone.db"), phone_backup = folder.file("phone-backup.db"),
                    server_backup = folder.file("server.db");
  Field binh(server, {"school-1"});
  std::vector<RecordId> pupils;
  {
    Field an(server, {"school-1"}, schema::TEACHER, path);
    pupils.push_back(an.pupil("Một", "school-1"));
    an.sync(server);
    copy_store(an, path, phone_backup);
    pupils.push_back(an.pupil("Hai", "school-1"));
    an.sync(server);
    server.back_up(server_backup);
    pupils.push_back(an.pupil("Ba", "school-1"));
    an.sync(server);
  }
  Field back(server, phone_backup, 6);
  pupils.push_back(back.pupil("Bốn", "school-1"));
  back.sync(server);
  server.now_ms += 5000;
  server.put_back(server_backup);
  Field an(server, path, 7);
  back.sync(server);
  an.sync(server);
  back.sync(server);
  binh.sync(server);
  for (Field* phone : {&an, &back, &binh}) {
    CHECK(phone->count("pupil") == 4);
    CHECK(must(phone->replica().pending()) == 0);
    phone->verify();
  }
  server.verify();
}

}  // namespace songsong::testing
