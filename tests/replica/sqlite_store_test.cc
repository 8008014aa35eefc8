// What is SQLite's own in a SqliteStore: its files, their versions, and damage. Room and locks are in
// sqlite_disk_test.cc, kills in sqlite_kill_test.cc; what every store does is in the contract's tests.
#include "shared/replica/sqlite_store.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "shared/replica/sqlite_schema.h"
#include "tests/replica/child_process.h"
#include "tests/replica/sqlite_use.h"
#include "tests/support/temporary_folder.h"

using namespace songsong;
using namespace songsong::example;
namespace fs = std::filesystem;

TEST_CASE("a file of the first version is opened and holds what was put in") {
  const TemporaryFolder folder;
  fs::copy_file(SONGSONG_SOURCE_DIR "/tests/replica/fixtures/store-v1.db", folder.file("store.db"));
  const auto store = open(folder.file("store.db"));
  check_one_of_each(*store);
  CHECK(one(*store, &StoreReader::personal, one_of_each().personal[0].record) == one_of_each().personal[0].values);
  CHECK(read(*store, [](StoreReader& reader) { return reader.setting("epoch"); }) ==
        one_of_each().settings.at("epoch"));
  CHECK(put(*store, needs(2, 1, 2)) == 3);
  CHECK(store->check().ok());
}

TEST_CASE("an older file is copied first where that is wanted, and not where the copy cannot be made") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db"), kept = folder.file("store.db.before");
  fs::copy_file(SONGSONG_SOURCE_DIR "/tests/replica/fixtures/store-v1.db", path);
  SqliteOptions options;
  options.keep_older_at = kept;
  const auto version = [](const std::string& file) { return content(file).at(63); };  // SQLite's user_version
  check_one_of_each(*open(path, options));
  CHECK(version(path) == kStoreVersion);
  CHECK(version(kept) == 1);
  check_one_of_each(*open(kept));
  CHECK(version(kept) == kStoreVersion);
  // Nothing to be kept of a file of this version, nor of a new one.
  fs::remove(kept);
  check_one_of_each(*open(path, options));
  put(*open(folder.file("new.db"), options), one_of_each());
  CHECK_FALSE(fs::exists(kept));
  // What cannot be kept is not brought up.
  fs::copy_file(SONGSONG_SOURCE_DIR "/tests/replica/fixtures/store-v1.db", folder.file("other.db"));
  options.keep_older_at = folder.file("nowhere/store.db");
  CHECK(refused(folder.file("other.db"), options).code.starts_with("storage_"));
  CHECK(version(folder.file("other.db")) == 1);
}

TEST_CASE("a newer file is refused and left as it is") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  put(*open(path), one_of_each());
  run_sql(path, "PRAGMA user_version=" + std::to_string(kStoreVersion + 1));
  const std::string before = content(path);
  CHECK(refused(path).code == "storage_newer");
  CHECK(refused(path).where == path);
  SqliteOptions read_only;
  read_only.read_only = true;
  CHECK(refused(path, read_only).code == "storage_newer");
  CHECK(content(path) == before);
}

TEST_CASE("a file that becomes newer while it is open is neither read nor written any more") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  const auto store = open(path);
  put(*store, one_of_each());
  run_sql(path, "PRAGMA user_version=" + std::to_string(kStoreVersion + 1));
  const auto written = try_to_put(*store, needs(2, 1, 2));
  REQUIRE_FALSE(written.ok());
  CHECK(written.fault().code == "storage_newer");
  const auto done = store->read(0, [](StoreReader&) { FAIL("it was read"); });
  REQUIRE_FALSE(done.ok());
  CHECK(done.fault().code == "storage_newer");
}

TEST_CASE("another program's file is refused and left as it is") {
  const TemporaryFolder folder;
  const std::string other = folder.file("other.db");
  run_sql(other, "CREATE TABLE note(text); INSERT INTO note VALUES('Minh was here')");
  const std::string named = folder.file("named.db");
  run_sql(named, "PRAGMA application_id=77; PRAGMA user_version=1; CREATE TABLE note(text)");
  const std::string text = folder.file("text.txt");
  write_content(text, std::string(5'000, 'x'));
  for (const std::string& path : {other, named, text}) {
    CAPTURE(path);
    const std::string before = content(path);
    CHECK(refused(path).code == (path == text ? "storage_damaged" : "storage_failed"));
    CHECK(refused(path).where == path);
    CHECK(content(path) == before);
  }
}

TEST_CASE("a path that cannot be opened is named") {
  const TemporaryFolder folder;
  write_content(folder.file("file"), "no folder");
  for (const std::string& path :
       {folder.file("file") + "/store.db", folder.file("nowhere") + "/store.db", std::string()}) {
    CAPTURE(path);
    CHECK(refused(path).code == "storage_failed");
    CHECK(refused(path).where == path);
  }
  SqliteOptions unknown;
  unknown.vfs = "no such vfs";
  CHECK(refused(folder.file("store.db"), unknown).code == "storage_failed");
}

TEST_CASE("a store opened for reading reads, and refuses to write") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  SqliteOptions read_only;
  read_only.read_only = true;
  CHECK(refused(path, read_only).code == "storage_failed");
  CHECK_FALSE(fs::exists(path));
  put(*open(path), one_of_each());
  const auto store = open(path, read_only);
  check_one_of_each(*store);
  const auto written = try_to_put(*store, needs(2, 1, 2));
  REQUIRE_FALSE(written.ok());
  CHECK(written.fault().code == "storage_read_only");
  CHECK(store->checkpoint().fault().code == "storage_read_only");
  CHECK(store->check().ok());
  const auto writer = open(path);
  CHECK(put(*writer, needs(2, 1, 2)) == 3);
  CHECK(read(*store, [](StoreReader& reader) { return reader.last_sequence(); }) == 3);
}

TEST_CASE("an undecodable row is named with its table") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  put(*open(path), one_of_each());
  const std::vector<std::pair<std::string, std::string>> damages = {
      {"UPDATE account SET cells = x'0909'", "account, row " + to_text(one_of_each().accounts[0].id)},
      {"UPDATE log SET verdict = 3 WHERE sequence = 2", "log, row 2"},
      {"UPDATE log SET hash = x'01' WHERE sequence = 1", "log, row 1"},
      {"UPDATE record SET kind = -1", "record, row " + to_text(one_of_each().records[0].id)},
      {"UPDATE record SET state = NULL", "record, row " + to_text(one_of_each().records[0].id)},
      {"UPDATE open_case SET body = x''", "open_case, row duplicate.a-b"},
      {"UPDATE total SET subtree = x'FF'", "total, row D01"},
      {"UPDATE segment SET store_first = 77", "segment, replica 7"},
  };
  for (const auto& [sql, where] : damages) {
    CAPTURE(sql);
    const std::string damaged = folder.file("damaged.db");
    fs::copy_file(path, damaged, fs::copy_options::overwrite_existing);
    run_sql(damaged, sql);
    const auto store = open(damaged);
    const auto done = store->read(0, [](StoreReader& reader) {
      (void)reader.log(0, 9);
      (void)reader.scan(0, {}, 9);
      (void)reader.all_accounts({}, 9);
      (void)reader.all_totals("", 9);
      (void)reader.open_cases("", 9);
      (void)reader.log_of(kLansPhone, 0, 9);
    });
    REQUIRE_FALSE(done.ok());
    CHECK(done.fault().code == "storage_damaged");
    CHECK(done.fault().where == damaged + ", table " + where);
  }
}

TEST_CASE("a damaged page is found, and named by the check") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  put(*open(path), needs(1, 2'000, 0));
  std::string bytes = content(path);
  const std::size_t last_page = bytes.size() / kStorePageBytes;
  for (std::size_t page = 40; page <= last_page; ++page) {
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>((page - 1) * kStorePageBytes), 64, '\xEE');
  }
  write_content(path, bytes);
  const auto store = open(path);
  const auto done = store->read(0, [](StoreReader& reader) { (void)reader.scan(0, {}, SIZE_MAX); });
  REQUIRE_FALSE(done.ok());
  CHECK(done.fault().code == "storage_damaged");
  CHECK(done.fault().where == path + ", table record");
  const auto checked = store->check();
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.fault().code == "storage_damaged");
  CHECK(checked.fault().what.find("Page ") != std::string::npos);
}

TEST_CASE("several processes may make one store at the same time") {
  const TemporaryFolder folder;
  for (int round = 0; round < 5; ++round) {
    const std::string path = folder.file("store" + std::to_string(round));
    std::vector<std::unique_ptr<ChildProcess>> children;
    for (ReplicaId phone = 1; phone <= 4; ++phone) {
      children.push_back(std::make_unique<ChildProcess>([&, phone] {
        auto opened = SqliteStore::open(path);
        Random random(phone);
        if (!opened.ok()) return 1;
        return try_to_put(**opened, new_needs(phone, 1, 3, "S017", 0, random)).ok() ? 0 : 2;
      }));
    }
    for (const auto& child : children) CHECK(child->wait() == 0);
    CHECK(read(*open(path), [](StoreReader& reader) { return reader.last_sequence(); }) == 12);
  }
}

TEST_CASE("more readers than connections wait for each other and all are served") {
  const TemporaryFolder folder;
  SqliteOptions few;
  few.max_readers = 1;
  const auto store = open(folder.file("store.db"), few);
  put(*store, one_of_each());
  std::atomic<int> served = 0;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        const auto done = store->read(0, [&](StoreReader& reader) {
          if (++at_once > most) most = at_once.load();
          std::this_thread::yield();
          if (reader.last_sequence() == 2) ++served;
          --at_once;
        });
        if (!done.ok()) served = -1'000;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  CHECK(served == 100);
  CHECK(most == 1);
}
