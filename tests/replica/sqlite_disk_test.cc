// A SqliteStore and its disk: no room, other programs' locks, the write-ahead log, what erasing leaves.
#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <filesystem>
#include <string>

#include "tests/replica/child_process.h"
#include "tests/replica/sqlite_use.h"
#include "tests/support/temporary_folder.h"

using namespace songsong;
using namespace songsong::example;
namespace fs = std::filesystem;

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
