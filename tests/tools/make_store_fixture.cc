// Makes a small store file of the version that this program writes, to be kept in tests/replica/fixtures: every
// released version is kept there for good, and opened by tests/replica/sqlite_store_test.cc.
//
//   make_store_fixture FILE      FILE must not be there; say store-v1.db for version 1
#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>

#include "shared/replica/sqlite_store.h"
#include "tests/replica/store_example.h"

using namespace songsong;

int main(int argc, char** argv) {
  if (argc != 2 || std::filesystem::exists(argv[1])) {
    std::fprintf(stderr, "make_store_fixture FILE (one that is not there)\n");
    return 2;
  }
  try {
    const auto store = SqliteStore::open(argv[1]);
    const Store::Writing writing = [](StoreReader&) -> Outcome<StoreBatch> { return example::one_of_each(); };
    if (store.ok() && (*store)->write(0, std::span(&writing, 1)).ok()) return 0;
    std::fprintf(stderr, "make_store_fixture: not written\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_store_fixture: %s\n", error.what());
  }
  return 1;
}
