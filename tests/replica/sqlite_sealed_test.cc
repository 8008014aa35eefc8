// A SqliteStore whose pages are sealed: what lies on the disk, what happens to what was altered there, and how a bare
// store becomes a sealed one. That it is a store like all others is the contract's test.
#include "shared/replica/sqlite_sealed.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>

#include "shared/replica/sealing_store.h"
#include "shared/replica/sqlite_schema.h"
#include "tests/replica/sealed_use.h"
#include "tests/replica/sqlite_use.h"
#include "tests/support/temporary_folder.h"

using namespace songsong;
using namespace songsong::example;
namespace fs = std::filesystem;

namespace {

constexpr const char* kLan = "Nguyễn Thị Lan, bản Hua Nà";

StoreBatch with_a_name() {
  StoreBatch batch = one_of_each();
  batch.search.front().text = kLan;
  batch.settings["ticket"] = kLan;
  return batch;
}

// The store, its log and the log's index.
std::string all_content(const std::string& path) {
  return content(path) + content(path + "-wal") + content(path + "-shm");
}

void copy_files(const std::string& from, const std::string& to) {
  for (const char* part : {"", "-wal"}) {
    if (fs::exists(from + part)) fs::copy_file(from + part, to + part, fs::copy_options::overwrite_existing);
  }
}

void alter(const std::string& path, std::size_t at) {
  std::string bytes = content(path);
  REQUIRE(at < bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  write_content(path, bytes);
}

}  // namespace

TEST_CASE("nothing of a sealed store can be read on the disk, neither in its file nor in its log") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.sealed");
  const std::string bare = folder.file("store.db");
  auto store = open(path, sealed_with(1));
  auto other = open(bare);
  for (SqliteStore* each : {store.get(), other.get()}) put(*each, with_a_name());
  // While it is open it lies in the log, afterwards in the file: of the bare one it can be found in both.
  for (const bool closed : {false, true}) {
    CHECK(all_content(bare).find(kLan) != std::string::npos);
    CHECK(all_content(path).find(kLan) == std::string::npos);
    CHECK(all_content(path).find("CREATE TABLE") == std::string::npos);
    CHECK(all_content(path).find("SQLite format") == std::string::npos);
    if (!closed) {
      store.reset();
      other.reset();
    }
  }
  store = open(path, sealed_with(1));
  CHECK(read(*store, [](StoreReader& reader) { return reader.setting("ticket"); }) == kLan);
  CHECK(store->check().ok());
}

TEST_CASE("a sealed store that the same is written to twice does not look the same") {
  const TemporaryFolder folder;
  for (const char* name : {"one", "other"}) put(*open(folder.file(name), sealed_with(1)), with_a_name());
  const std::string one = content(folder.file("one"));
  const std::string other = content(folder.file("other"));
  REQUIRE(one.size() == other.size());
  std::size_t same = 0;
  for (std::size_t i = 0; i < one.size(); ++i) same += one[i] == other[i] ? 1 : 0;
  CHECK(same < one.size() / 100);  // 1 of 256, by chance
}

TEST_CASE("a sealed store is opened with its own key only, and left as it is to the byte with another") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.sealed");
  put(*open(path, sealed_with(1)), with_a_name());
  const std::string before = content(path);
  CHECK(refused(path, sealed_with(2)).code == "storage_damaged");
  CHECK(refused(path).code == "storage_damaged");
  CHECK(content(path) == before);
  check_one_of_each(*open(path, sealed_with(1)));
}

TEST_CASE("a sealed page that was altered, or put in another's place, is found out") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.sealed");
  {
    auto store = open(path, sealed_with(1));
    put(*store, needs(1, 300, 0));
  }
  const std::string whole = content(path);
  const std::size_t pages = whole.size() / kStorePageBytes;
  REQUIRE(pages > 10);
  const auto finds = [&] {
    auto opened = SqliteStore::open(path, sealed_with(1));
    return (opened ? (*opened)->check() : Outcome<Done>(opened.fault())).fault().code;
  };
  for (std::size_t page = 0; page < pages; ++page) {
    write_content(path, whole);
    alter(path, page * kStorePageBytes + page * 131 % kStorePageBytes);
    CAPTURE(page);
    CHECK(finds() == "storage_damaged");
  }
  std::string swapped = whole;
  std::swap_ranges(swapped.begin() + 3 * kStorePageBytes, swapped.begin() + 4 * kStorePageBytes,
                   swapped.begin() + 4 * kStorePageBytes);
  write_content(path, swapped);
  CHECK(finds() == "storage_damaged");
}

TEST_CASE("what a sealed log holds is there after a kill, and it ends where it was torn") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.sealed");
  const std::string copy = folder.file("copy.sealed");
  auto store = open(path, sealed_with(1));
  StoreSequence last = 0;
  for (int i = 0; i < 10; ++i) last = put(*store, needs(static_cast<Sequence>(last + 1), 3, last));
  copy_files(path, copy);  // as a killed process leaves it
  const auto held = [&] {
    auto opened = open(copy, sealed_with(1));
    CHECK(opened->check().ok());
    return read(*opened, [](StoreReader& reader) { return reader.last_sequence(); });
  };
  CHECK(held() == last);
  copy_files(path, copy);
  const std::string log = content(path + "-wal");
  alter(copy + "-wal", log.size() - 5'000);
  CHECK(held() < last);
  copy_files(path, copy);
  write_content(copy + "-wal", log.substr(0, log.size() / 2));
  CHECK(held() < last);
}

// SQLite writes a page that it had written in the same transaction over itself, and the sums of all frames after it
// anew: heads without pages, pages without heads.
TEST_CASE("a commit that is larger than its cache goes through a sealed log whole") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.sealed");
  const std::string copy = folder.file("copy.sealed");
  SqliteOptions small = sealed_with(1);
  small.cache_kib = 32;
  auto store = open(path, small);
  StoreSequence last = put(*store, needs(1, 500, 0));
  last = put(*store, needs(501, 2'000, last));
  copy_files(path, copy);
  store.reset();
  for (const std::string& each : {copy, path}) {
    auto opened = open(each, sealed_with(1));
    CHECK(opened->check().ok());
    const auto log = read(*opened, [](StoreReader& reader) { return reader.log(0, SIZE_MAX); });
    REQUIRE(log.size() == 2'500);
    CHECK(log.back().sequence == last);
  }
}

TEST_CASE("a sealed store's backup is sealed with the same key") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.sealed");
  const std::string backup = folder.file("backup.sealed");
  auto store = open(path, sealed_with(1));
  put(*store, with_a_name());
  REQUIRE(store->back_up(backup).ok());
  CHECK(all_content(backup).find(kLan) == std::string::npos);
  CHECK(refused(backup).code == "storage_damaged");
  CHECK(read(*open(backup, sealed_with(1)), [](StoreReader& reader) { return reader.setting("ticket"); }) == kLan);
}

TEST_CASE("a bare store becomes a sealed one with all that it held, and is a store no more") {
  const TemporaryFolder folder;
  const std::string bare = folder.file("replica.db"), sealed = folder.file("replica.sealed");
  put(*open(bare), with_a_name());
  REQUIRE(copy_sealed(bare, sealed, *sealed_with(1).sealed, 0).ok());
  CHECK(all_content(sealed).find(kLan) == std::string::npos);
  auto store = open(sealed, sealed_with(1));
  CHECK(store->check().ok());
  CHECK(read(*store, [](StoreReader& reader) { return reader.setting("ticket"); }) == kLan);
  CHECK(put(*store, needs(7, 5, 2)) == 7);
  CHECK(refused(bare).code == "storage_newer");
  CHECK(*is_moved(bare));
  REQUIRE(take_back(bare).ok());
  CHECK_FALSE(*is_moved(bare));
  CHECK(read(*open(bare), [](StoreReader& reader) { return reader.setting("ticket"); }) == kLan);
}

TEST_CASE("a store that somebody else is using is not sealed, and stays as it is") {
  const TemporaryFolder folder;
  const std::string bare = folder.file("replica.db"), sealed = folder.file("replica.sealed");
  auto store = open(bare);
  put(*store, one_of_each());
  CHECK(copy_sealed(bare, sealed, *sealed_with(1).sealed, 0).fault().code == "storage_busy");
  CHECK(put(*store, needs(7, 5, 2)) == 7);
  store.reset();
  CHECK_FALSE(*is_moved(bare));
}

TEST_CASE("whoever opened the bare store before it was sealed cannot write to what is left of it") {
  const TemporaryFolder folder;
  const std::string bare = folder.file("replica.db");
  put(*open(bare), one_of_each());
  SqliteConnection late(bare, "", SqliteAccess::kReadWrite, 0);  // opened, and not used yet
  REQUIRE(copy_sealed(bare, folder.file("replica.sealed"), *sealed_with(1).sealed, 0).ok());
  CHECK_THROWS_AS(inspect_store_file(late), StorageError);
}

TEST_CASE("whether a store was moved is not guessed where it cannot be read") {
  const TemporaryFolder folder;
  const std::string bare = folder.file("replica.db");
  write_content(bare, std::string(8192, 'x'));
  CHECK(is_moved(bare).fault().code == "storage_damaged");
  CHECK(is_moved(folder.file("nowhere")).fault().code == "storage_failed");
}

TEST_CASE("a path that begins with two strokes, or with a scheme, is sealed as any other") {
  const TemporaryFolder folder;
  const std::string bare = folder.file("replica.db");
  put(*open(bare), one_of_each());
  for (const std::string& to : {"/" + folder.file("one"), folder.file("a?b#c%20&d")}) {
    CAPTURE(to);
    REQUIRE(copy_sealed(bare, to, *sealed_with(1).sealed, 0).ok());
    check_one_of_each(*open(to, sealed_with(1)));
    REQUIRE(take_back(bare).ok());
  }
}
