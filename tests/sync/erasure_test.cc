// Somebody's particulars are to be erased: they go from every store and file, and what is counted and proven stays.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "shared/core/canonical.h"
#include "shared/core/change_row.h"
#include "tests/support/temporary_folder.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

// Words that stand in no other value.
constexpr const char* kName = "Lò Thị Xuyến";
constexpr const char* kPhone = "0987123456";
constexpr const char* kGuardian = "Lò Văn Khoẻ";
constexpr const char* kNote = "nhà sau đập Nậm Cắn";
constexpr const char* kWitness = "Trưởng bản Páo";
constexpr const char* kCondition = "vỡ màn hình lúc qua suối";
const std::vector<std::string> kSecrets = {kName, kPhone, kGuardian, kNote, kWitness, kCondition, "lo thi xuyen"};

// What of the secrets stands in the store's files, its log of pages among them.
std::vector<std::string> found_in(const std::filesystem::path& store) {
  std::vector<std::string> found;
  for (const char* const suffix : {"", "-wal", "-journal"}) {
    std::ifstream file(store.string() + suffix, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& secret : kSecrets) {
      if (bytes.find(secret) != std::string::npos) found.push_back(secret + suffix);
    }
  }
  return found;
}

// A school with a child that has a need, a handover and an inspection, and a child beside it.
struct Village {
  TemporaryFolder folder;
  std::filesystem::path server_file = folder.file("server.db"), phone_file = folder.file("phone.db");
  std::filesystem::path colleague_file = folder.file("colleague.db"), listener_file = folder.file("listener.db");
  Server server{1, server_file.string()};
  Field phone{server, {"school-1"}, schema::TEACHER, phone_file.string()};
  Field colleague{server, {"school-1"}, schema::TEACHER, colleague_file.string()};
  // Writes nothing.
  Field listener{server, {"school-1"}, schema::REVIEWER, listener_file.string()};
  RecordId child, other, need;

  Village() {
    child = phone.add("pupil", {{"full_name", kName},
                                {"school", "school-1"},
                                {"school_level", "primary"},
                                {"household", "poor"},
                                {"gender", "female"},
                                {"birth_date", "2014-03-08"},
                                {"phone", kPhone},
                                {"guardian", kGuardian}});
    other = phone.pupil("Vi Văn Minh", "school-1");
    need = phone.add("need", {{"pupil", to_text(child)}, {"lacks", "device"}, {"note", kNote}});
    const RecordId device =
        phone.add("device", {{"serial", "SN-1"}, {"device_type", "tablet"}, {"school", "school-1"}});
    const RecordId handover = phone.add(
        "handover",
        {{"pupil", to_text(child)}, {"device", to_text(device)}, {"date", "2021-09-12"}, {"witness", kWitness}});
    phone.sync(server);
    colleague.sync(server);
    colleague.add("return", {{"handover", to_text(handover)}, {"date", "2021-09-12"}, {"reason", kCondition}});
    colleague.sync(server);
    phone.sync(server);
    listener.sync(server);
  }

  std::vector<std::int64_t> totals(Field& field) {
    std::vector<std::int64_t> found;
    for (const char* const measure : {"needs_declared", "pupils_in_need", "devices_received", "devices_handed_over"})
      found.push_back(field.total("school-1", measure));
    return found;
  }
  std::vector<std::int64_t> totals() {
    std::vector<std::int64_t> found;
    for (const char* const measure : {"needs_declared", "pupils_in_need", "devices_received", "devices_handed_over"})
      found.push_back(server.total("ministry", measure));
    return found;
  }
};

void check_same(Field& field, Server& server) {
  const std::map<RecordId, std::string> all = server.states();
  // What a restored server has lost, an erasure that it made itself among it, is with the phone alone.
  for (const auto& [record, bytes] : field.states()) CHECK((!all.contains(record) || all.at(record) == bytes));
}

}  // namespace

TEST_CASE("an erased child is gone from the server and from every phone that hears of it, to the byte") {
  Village village;
  REQUIRE(found_in(village.server_file).size() >= kSecrets.size());
  REQUIRE_FALSE(found_in(village.phone_file).empty());
  REQUIRE_FALSE(found_in(village.colleague_file).empty());
  const std::vector<std::int64_t> counted = village.totals();
  const std::size_t changes = village.server.verify().changes;

  village.server.erase(village.child);
  CHECK(found_in(village.server_file).empty());
  CHECK(village.totals() == counted);
  CHECK(village.server.verify().changes == changes + 1);

  for (Field* const field : {&village.phone, &village.colleague, &village.listener}) {
    field->sync(village.server);
    CHECK(field->shown(village.child, "full_name") == "erased");
    CHECK(field->shown(village.child, "household") == "poor");
    CHECK(field->shown(village.need, "note") == "erased");
    CHECK(field->shown(village.other, "full_name") == "Vi Văn Minh");
    CHECK(village.totals(*field) == village.totals(village.phone));
    check_same(*field, village.server);
    field->verify();
  }
  CHECK(found_in(village.phone_file).empty());
  CHECK(found_in(village.colleague_file).empty());
  CHECK(found_in(village.listener_file).empty());
}

TEST_CASE("what a phone saved of an erased child before it heard is taken, and its particulars are not") {
  Village village;
  village.phone.set(village.child, {{"phone", "0911222333"}, {"household", "near_poor"}});
  village.phone.set(village.need, {{"note", kGuardian}});
  village.server.erase(village.child);
  const SyncTally tally = village.phone.sync(village.server);
  CHECK(tally.sent == 2);
  CHECK(tally.quarantined == 0);
  CHECK(village.phone.shown(village.child, "household") == "near_poor");
  CHECK(village.phone.shown(village.child, "phone") == "erased");
  village.colleague.sync(village.server);
  CHECK(village.colleague.shown(village.child, "household") == "near_poor");
  check_same(village.colleague, village.server);
  check_same(village.phone, village.server);
  for (const std::filesystem::path& file : {village.server_file, village.phone_file, village.colleague_file})
    CHECK(found_in(file).empty());
  village.server.verify();
  village.phone.verify();
}

TEST_CASE("who has heard goes on in the same block of keys, and who has not as well") {
  Village village;
  village.server.erase(village.child);
  // Saved under the block's key, which the server has destroyed.
  const RecordId before = village.phone.pupil("Hà Thị Bình", "school-1");
  village.phone.sync(village.server);
  // Under a key of its own.
  const RecordId after = village.phone.pupil("Hà Thị Cúc", "school-1");
  village.phone.set(before, {{"note", "chuyển lớp"}});
  CHECK(village.phone.sync(village.server).quarantined == 0);
  village.colleague.sync(village.server);
  CHECK(village.colleague.shown(before, "full_name") == "Hà Thị Bình");
  CHECK(village.colleague.shown(before, "note") == "chuyển lớp");
  CHECK(village.colleague.shown(after, "full_name") == "Hà Thị Cúc");
  village.server.verify();
  village.phone.verify();
  village.colleague.verify();
}

TEST_CASE(
    "after a restore from before the child was erased, a phone that has heard sends it again without particulars") {
  Village village;
  const std::filesystem::path backup = village.folder.file("backup.db");
  village.server.back_up(backup.string());
  const RecordId late = village.phone.add(
      "pupil", {{"full_name", kName}, {"school", "school-1"}, {"school_level", "primary"}, {"household", "poor"}});
  village.phone.pupil("Hà Thị Bình", "school-1");
  village.phone.sync(village.server);
  village.server.erase(late);
  village.phone.sync(village.server);
  village.server.put_back(backup.string());
  village.phone.sync(village.server);
  village.colleague.sync(village.server);
  CHECK(village.server.states().contains(late));
  CHECK(village.colleague.shown(late, "full_name") == "erased");
  CHECK(village.colleague.shown(late, "household") == "poor");
  village.server.verify();
  village.phone.verify();
  village.colleague.verify();
}

TEST_CASE("an erasure that is taken back brings nothing back, and lets later particulars be") {
  Village village;
  const RecordId erasure = village.server.erase(village.child);
  village.phone.sync(village.server);
  village.phone.set(village.child, {{"guardian", "Lò Văn Mới"}});
  village.phone.sync(village.server);
  CHECK(village.phone.shown(village.child, "guardian") == "erased");
  Field administrator(village.server, {"ministry"}, schema::ADMINISTRATOR);
  administrator.sync(village.server);
  administrator.remove(erasure);
  administrator.sync(village.server);
  village.phone.sync(village.server);
  village.phone.set(village.child, {{"guardian", "Lò Văn Mới"}});
  village.phone.sync(village.server);
  village.colleague.sync(village.server);
  CHECK(village.colleague.shown(village.child, "guardian") == "Lò Văn Mới");
  CHECK(village.colleague.shown(village.child, "full_name") == "erased");
  village.server.verify();
}

TEST_CASE("only an administrator erases, from a phone too; a phone that was revoked is told as any other") {
  Village village;
  village.colleague.set(village.child, {{"phone", "0911222333"}});
  village.colleague.sync(village.server);
  const Filled wanted = {{"record", to_text(village.child)}, {"reason", "ordered"}};
  CHECK(village.phone.save("erasure", RecordId(), wanted).fault().code == "not_for_role");
  must(village.server.host().revoke(village.colleague.replica().identity().replica));
  Field administrator(village.server, {"district-1"}, schema::ADMINISTRATOR);
  administrator.sync(village.server);
  administrator.add("erasure", wanted);
  administrator.sync(village.server);
  CHECK(found_in(village.server_file).empty());
  CHECK(village.colleague.try_sync(village.server).fault().where == "replica_revoked");
  CHECK(found_in(village.colleague_file).empty());
  village.colleague.verify();
  village.server.verify();
}

TEST_CASE("a field that was cleared in the same act is no obstacle after a restore") {
  Village village;
  const std::string backup = village.folder.file("backup.db");
  village.server.back_up(backup);
  const RecordId late = village.phone.pupil(kName, "school-1");
  village.phone.set(late, {{"guardian", kGuardian}});
  village.phone.set(late, {{"guardian", ""}, {"phone", kPhone}});
  village.phone.sync(village.server);
  village.server.erase(late);
  village.phone.sync(village.server);
  village.server.put_back(backup);
  village.phone.sync(village.server);
  village.server.erase(late);
  village.phone.sync(village.server);
  check_same(village.phone, village.server);
  village.server.verify();
  village.phone.verify();
}

TEST_CASE("a server that has forgotten an erasure stops no phone, and the phone keeps to it") {
  Village village;
  const std::string backup = village.folder.file("backup.db");
  village.server.back_up(backup);
  village.server.erase(village.child);
  village.phone.sync(village.server);
  village.server.put_back(backup);  // without its register
  const RecordId next = village.phone.pupil("Hà Thị Bình", "school-1");
  CHECK(village.phone.sync(village.server).pending == 0);
  CHECK(village.phone.shown(village.child, "full_name") == "erased");
  CHECK(village.phone.live(next));
  village.phone.verify();
  village.server.erase(village.child);
  village.phone.sync(village.server);
  check_same(village.phone, village.server);
}

TEST_CASE("what was set aside, came before what it belongs to, or once told of an erased child, goes as well") {
  Village village;
  std::vector<std::filesystem::path> files = {village.server_file, village.phone_file, village.colleague_file,
                                              village.listener_file};
  SECTION("a note that was set aside when it opened its record") {
    must(village.server.host().revoke(village.colleague.replica().identity().replica));
    village.server.now_ms += 60'000;
    village.colleague.add("need", {{"pupil", to_text(village.child)}, {"lacks", "signal"}, {"note", kNote}});
    CHECK_FALSE(village.colleague.try_sync(village.server).ok());
    files.erase(files.begin() + 2);  // what it saved waits for a reviewer; it keeps its own
    village.server.erase(village.child);
  }
  SECTION("a note whose record was put right to be of another child") {
    village.phone.set(village.need, {{"pupil", to_text(village.other)}});
    village.phone.set(village.need, {{"note", "của em khác"}});
    village.phone.sync(village.server);
    village.server.erase(village.child);
    CHECK(village.phone.sync(village.server).pending == 0);
    CHECK(village.phone.shown(village.need, "note") == "của em khác");
  }
  SECTION("what both were told of in a decision") {
    village.phone.add("samehood", {{"one", to_text(village.other)},
                                   {"other", to_text(village.child)},
                                   {"decision", "different"},
                                   {"reason", kGuardian}});
    village.phone.sync(village.server);
    village.server.erase(village.child);
  }
  SECTION("an erasure that was taken back in the same breath") {
    Field administrator(village.server, {"ministry"}, schema::ADMINISTRATOR);
    administrator.sync(village.server);
    const RecordId erasure = administrator.add("erasure", {{"record", to_text(village.child)}, {"reason", "ordered"}});
    administrator.remove(erasure);
    administrator.sync(village.server);
  }
  for (Field* const field : {&village.phone, &village.colleague, &village.listener})
    (void)field->try_sync(village.server).ok();
  village.server.verify();
  village.phone.verify();
  for (const std::filesystem::path& file : files) {
    INFO(file.string());
    CHECK(found_in(file) == std::vector<std::string>());
  }
}

TEST_CASE("what leads to an erased child over a record that comes later is erased when that comes") {
  Village village;
  const std::string backup = village.folder.file("backup.db");
  const RecordId device =
      village.phone.add("device", {{"serial", "SN-2"}, {"device_type", "tablet"}, {"school", "school-1"}});
  village.phone.sync(village.server);
  village.server.back_up(backup);
  const RecordId handover = village.phone.add(
      "handover",
      {{"pupil", to_text(village.child)}, {"device", to_text(device)}, {"date", "2021-09-12"}, {"witness", kWitness}});
  village.phone.sync(village.server);
  village.colleague.sync(village.server);
  village.colleague.add("return", {{"handover", to_text(handover)}, {"date", "2021-09-12"}, {"reason", kCondition}});
  village.colleague.sync(village.server);
  village.server.put_back(backup);
  village.server.erase(village.child);
  village.colleague.sync(village.server);
  village.phone.sync(village.server);
  village.colleague.sync(village.server);
  village.server.verify();
  CHECK(found_in(backup).empty());
  CHECK(found_in(village.colleague_file).empty());
  CHECK(found_in(village.phone_file).empty());
}

TEST_CASE("an erasure that was taken back brings nobody back from an old backup") {
  Village village;
  const std::string backup = village.folder.file("backup.db");
  village.server.back_up(backup);
  const RecordId erasure = village.server.erase(village.child);
  village.phone.sync(village.server);
  Field administrator(village.server, {"ministry"}, schema::ADMINISTRATOR);
  administrator.sync(village.server);
  administrator.remove(erasure);
  administrator.sync(village.server);
  const std::map<RecordId, ErasureNote> written = must(village.server.host().erasures());
  REQUIRE(written.size() == 1);
  CHECK_FALSE(written.at(village.child).stands);
  village.server.put_back(backup);
  CHECK(must(village.server.host().erase_again(written)) == 1);
  CHECK(found_in(backup).empty());
  CHECK(must(village.server.host().erasures()) == written);
  CHECK(must(village.server.host().erase_again(written)) == 0);
  village.phone.set(village.child, {{"guardian", "Lò Văn Mới"}});
  village.phone.sync(village.server);
  village.colleague.sync(village.server);
  CHECK(village.colleague.shown(village.child, "full_name") == "erased");
  CHECK(village.colleague.shown(village.child, "guardian") == "Lò Văn Mới");
  village.server.verify();
}

}  // namespace songsong::testing
