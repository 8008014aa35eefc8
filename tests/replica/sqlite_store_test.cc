// What is SQLite's own in a SqliteStore: its files and their versions, damage, full disks, locks, erasure, other VFSs.
// What every store does is in the contract's tests; kills are in sqlite_store_kill_test.cc.
#include "shared/replica/sqlite_store.h"

#include <sys/resource.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_schema.h"
#include "tests/replica/child_process.h"
#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"
#include "tests/replica/temporary_folder.h"

using namespace songsong;
using namespace songsong::example;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<SqliteStore> open(const std::string& path, const SqliteOptions& options = {}) {
  auto opened = SqliteStore::open(path, options);
  INFO((opened.ok() ? "" : opened.fault().code + ": " + opened.fault().what));
  REQUIRE(opened.ok());
  return std::move(*opened);
}

Fault refused(const std::string& path, const SqliteOptions& options = {}) {
  const auto opened = SqliteStore::open(path, options);
  REQUIRE_FALSE(opened.ok());
  return opened.fault();
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_content(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// As somebody else who has the file: another program, a later version, or damage.
void run_sql(const std::string& path, const std::string& sql) {
  SqliteConnection(path, "", SqliteAccess::kCreate, 0).execute(sql);
}

StoreBatch needs(Sequence first, std::size_t count, StoreSequence last) {
  Random random(first);
  return new_needs(kLansPhone, first, count, "S017", last, random);
}

void check_one_of_each(Store& store) {
  CHECK(read(store, [](StoreReader& reader) { return reader.scan(0, {}, 9); }) == one_of_each().records);
  CHECK(read(store, [](StoreReader& reader) { return reader.all_accounts({}, 9); }) == one_of_each().accounts);
  CHECK(read(store, [](StoreReader& reader) { return reader.open_cases("", 9); }) == one_of_each().cases);
  CHECK(read(store, [](StoreReader& reader) { return reader.all_totals("", 9); }) == one_of_each().totals);
  CHECK(read(store, [](StoreReader& reader) { return reader.units(); }) == one_of_each().units);
  const auto log = read(store, [](StoreReader& reader) { return reader.log(0, 9); });
  REQUIRE(log.size() == 2);
  CHECK(log[0].change == one_of_each().log[0].change);
  CHECK(log[1].hash == one_of_each().log[1].hash);
  CHECK(one(store, &StoreReader::changes, one_of_each().log[1].name) == log[1]);
}

}  // namespace

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

TEST_CASE("a store that may not grow says it is full, keeps what it had, and goes on when it may") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  SqliteOptions small;
  small.max_pages = 200;
  auto store = open(path, small);
  StoreSequence last = 0;
  Outcome<StoreSequence> written = last;
  while ((written = try_to_put(*store, needs(static_cast<Sequence>(last + 1), 100, last))).ok()) last = *written;
  CHECK(written.fault().code == "storage_full");
  CHECK(last >= 100);
  CHECK(read(*store, [](StoreReader& reader) { return reader.last_sequence(); }) == last);
  CHECK(store->check().ok());
  store.reset();
  store = open(path);
  CHECK(put(*store, needs(static_cast<Sequence>(last + 1), 100, last)) == last + 100);
  CHECK(read(*store, [](StoreReader& reader) { return reader.log_of(kLansPhone, 0, SIZE_MAX); }).size() == last + 100);
}

namespace {

// Exit codes: which line went wrong.
int fill_the_disk(const std::string& path) {
  std::signal(SIGXFSZ, SIG_IGN);
  auto opened = SqliteStore::open(path);
  if (!opened.ok()) return 1;
  Store& store = **opened;
  const auto limit = [](rlim_t bytes) {
    rlimit limits{};
    getrlimit(RLIMIT_FSIZE, &limits);
    limits.rlim_cur = bytes;
    return setrlimit(RLIMIT_FSIZE, &limits) == 0;
  };
  if (!limit(600 * 1024)) return 2;
  StoreSequence last = 0;
  Outcome<StoreSequence> written = last;
  for (int i = 0; i < 1'000 && written.ok(); ++i) {
    written = try_to_put(store, needs(static_cast<Sequence>(last + 1), 50, last));
    if (written.ok()) last = *written;
  }
  if (written.ok()) return 3;
  if (written.fault().code != "storage_full") return 4;
  if (last < 50) return 5;
  if (!limit(RLIM_INFINITY)) return 6;
  StoreSequence kept = 0;
  if (!store.read(0, [&](StoreReader& reader) { kept = reader.last_sequence(); }).ok() || kept != last) return 7;
  written = try_to_put(store, needs(static_cast<Sequence>(last + 1), 50, last));
  return written.ok() && *written == last + 50 ? 0 : 8;
}

}  // namespace

TEST_CASE("where the system lets the file grow no further, the store says it is full and goes on when there is room") {
  const TemporaryFolder folder;
  ChildProcess child([&] { return fill_the_disk(folder.file("store.db")); });
  REQUIRE(child.wait() == 0);
  const auto store = open(folder.file("store.db"));
  CHECK(store->check().ok());
  const auto last = read(*store, [](StoreReader& reader) { return reader.last_sequence(); });
  CHECK(read(*store, [](StoreReader& reader) { return reader.scan(0, {}, SIZE_MAX); }).size() == last);
}

TEST_CASE("who waits too long for another writer is told that the store is busy") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  SqliteOptions hasty;
  hasty.busy_timeout_ms = 20;
  const auto store = open(path, hasty);
  SqliteConnection other(path, "", SqliteAccess::kReadWrite, 0);
  {
    SqliteTransaction writing(other, SqliteLock::kWrite);
    const auto written = try_to_put(*store, one_of_each());
    REQUIRE_FALSE(written.ok());
    CHECK(written.fault().code == "storage_busy");
    CHECK(read(*store, [](StoreReader& reader) { return reader.last_sequence(); }) == 0);
  }
  CHECK(put(*store, one_of_each()) == 2);
  SqliteTransaction reading(other, SqliteLock::kRead);
  CHECK(other.first_value("SELECT count(*) FROM log") == "2");
  put(*store, needs(2, 1, 2));
  CHECK(store->checkpoint().fault().code == "storage_busy");
  reading.commit();
  CHECK(store->checkpoint().ok());
}

TEST_CASE("an exclusive store lets nobody else in") {
  const TemporaryFolder folder;
  SqliteOptions alone;
  alone.exclusive = true;
  alone.busy_timeout_ms = 20;
  auto store = open(folder.file("store.db"), alone);
  put(*store, one_of_each());
  CHECK(refused(folder.file("store.db"), alone).code == "storage_busy");
  store.reset();
  check_one_of_each(*open(folder.file("store.db"), alone));
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

TEST_CASE("a closed store is one file, and a checkpoint empties the write-ahead log") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  auto store = open(path);
  put(*store, needs(1, 100, 0));
  CHECK(fs::file_size(path + "-wal") > 0);
  CHECK(store->checkpoint().ok());
  CHECK(fs::file_size(path + "-wal") == 0);
  put(*store, needs(101, 100, 100));
  {
    SqliteConnection other(path, "", SqliteAccess::kReadWrite, 0);
    CHECK(other.first_value("SELECT count(*) FROM log") == "200");
    store.reset();
    CHECK(fs::file_size(path + "-wal") == 0);
  }
  CHECK_FALSE(fs::exists(path + "-wal"));
}

TEST_CASE("the write-ahead log gives room back after a great write") {
  const TemporaryFolder folder;
  SqliteOptions options;
  options.checkpoint_pages = 50;
  const auto store = open(folder.file("store.db"), options);
  put(*store, needs(1, 5'000, 0));
  put(*store, needs(5'001, 1, 5'000));
  put(*store, needs(5'002, 1, 5'001));
  CHECK(fs::file_size(folder.file("store.db-wal")) <= 51 * (kStorePageBytes + 24) + 32);
}

TEST_CASE("what was erased is in the files no more") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  const std::string secret = "a-made-up-name-that-is-nowhere-else";
  const RecordId lan(kLansPhone, 1, 0);
  const auto store = open(path);
  StoreBatch batch;
  batch.personal = {{lan, secret + std::string(9'000, 'v')}};
  batch.search = {{lan, "S017", secret}};
  put(*store, batch);
  CHECK(store->checkpoint().ok());
  REQUIRE(content(path).find(secret) != std::string::npos);
  batch.personal[0].values.clear();
  batch.search[0].text = "";
  put(*store, batch);
  CHECK(store->checkpoint().ok());
  CHECK(content(path).find(secret) == std::string::npos);
  CHECK(content(path).find("vvvvvvvv") == std::string::npos);
  CHECK(content(path + "-wal").find(secret) == std::string::npos);
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
