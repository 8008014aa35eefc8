// A SqliteStore over a VFS that its caller gives: as a browser does, and to count what is synced.
#include <catch2/catch_test_macros.hpp>

#include "shared/replica/sqlite_store.h"
#include "tests/replica/counting_vfs.h"
#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"
#include "tests/support/temporary_folder.h"

using namespace songsong;
using namespace songsong::example;

namespace {

StoreBatch needs(Sequence first, std::size_t count) {
  Random random(first);
  return new_needs(kLansPhone, first, count, "S017", first - 1, random);
}

}  // namespace

TEST_CASE("a store uses the VFS that it is given, and syncs once for every write that changes something") {
  const TemporaryFolder folder;
  const CountingVfs vfs(SharedMemory::kGiven);
  SqliteOptions options;
  options.vfs = vfs.name();
  auto opened = SqliteStore::open(folder.file("store.db"), options);
  REQUIRE(opened.ok());
  CHECK(vfs.opened() > 0);
  Store& store = **opened;
  put(store, needs(1, 1));
  for (Sequence i = 0; i < 10; ++i) {
    const int before = vfs.syncs();
    put(store, needs(2 + 3 * i, 3));
    CHECK(vfs.syncs() == before + 1);
  }
  const int before = vfs.syncs();
  put(store, {});
  CHECK(read(store, [](StoreReader& reader) { return reader.last_sequence(); }) == 31);
  CHECK(vfs.syncs() == before);
}

TEST_CASE("writings of one call share one sync") {
  const TemporaryFolder folder;
  const CountingVfs vfs(SharedMemory::kGiven);
  SqliteOptions options;
  options.vfs = vfs.name();
  auto opened = SqliteStore::open(folder.file("store.db"), options);
  REQUIRE(opened.ok());
  put(**opened, needs(1, 1));
  std::vector<Store::Writing> writings;
  for (Sequence i = 0; i < 20; ++i) {
    writings.push_back([i](StoreReader&) -> Outcome<StoreBatch> { return needs(2 + i, 1); });
  }
  const int before = vfs.syncs();
  CHECK(*(*opened)->write(0, writings) == 21);
  CHECK(vfs.syncs() == before + 1);
}

TEST_CASE("without shared memory a store is exclusive or refused") {
  const TemporaryFolder folder;
  const CountingVfs vfs(SharedMemory::kMissing);
  SqliteOptions options;
  options.vfs = vfs.name();
  const auto refused = SqliteStore::open(folder.file("refused.db"), options);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.fault().code == "storage_failed");

  options.exclusive = true;
  for (StoreSequence before = 0; before <= 6; before += 3) {
    auto opened = SqliteStore::open(folder.file("store.db"), options);
    REQUIRE(opened.ok());
    CHECK(read(**opened, [](StoreReader& reader) { return reader.last_sequence(); }) == before);
    CHECK(put(**opened, needs(static_cast<Sequence>(before + 1), 3)) == before + 3);
  }
}
