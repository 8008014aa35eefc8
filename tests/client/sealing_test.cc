// How a bare folder gives way to a sealed one: whatever breaks it off, the store is whole in one place, and nobody
// destroys what another has in hand.
#include "client/sealing.h"

#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>

#include "shared/replica/sqlite_schema.h"
#include "tests/replica/child_process.h"
#include "tests/replica/sealed_use.h"
#include "tests/replica/sqlite_use.h"
#include "tests/support/temporary_folder.h"

namespace songsong::client {
namespace {

namespace fs = std::filesystem;
using example::check_one_of_each;
using example::content;
using example::needs;
using example::one_of_each;
using example::sealed_with;
using example::write_content;

struct Folder {
  Folder() { put(*example::open(bare), one_of_each()); }

  TemporaryFolder files;
  std::string folder = files.file("");
  std::string bare = bare_store(folder), sealed = sealed_store(folder);
  std::string unfinished = sealed + ".unfinished", moved = bare + ".moved";

  StoreLies lies() const {
    const Outcome<StoreLies> found = store_lies(folder);
    INFO((found ? "" : found.fault().code + " " + found.fault().where));
    REQUIRE(found.ok());
    return *found;
  }
  Outcome<Done> seal() const {
    const Outcome<FolderSealing> sealing = FolderSealing::begin(folder, 0);
    return sealing ? sealing->seal(*sealed_with(1).sealed) : Outcome<Done>(sealing.fault());
  }
  void mark() const {
    SqliteConnection connection(bare, "", SqliteAccess::kReadWrite, 0);
    mark_store_file_moved(connection);
  }
  void check_sealed() const {
    CHECK(lies() == StoreLies::kSealed);
    for (const std::string& gone : {bare, bare + "-wal", bare + "-shm", moved, unfinished})
      CHECK_FALSE(fs::exists(gone));
    check_one_of_each(*example::open(sealed, sealed_with(1)));
  }
  void check_bare() const {
    CHECK(lies() == StoreLies::kBare);
    for (const std::string& gone : {sealed, moved, unfinished}) CHECK_FALSE(fs::exists(gone));
    check_one_of_each(*example::open(bare));
  }
};

}  // namespace

TEST_CASE("a folder that is sealed has one store, and that is the sealed one") {
  const Folder at;
  CHECK(at.lies() == StoreLies::kBare);
  REQUIRE(at.seal().ok());
  at.check_sealed();
  const TemporaryFolder empty;
  CHECK(*store_lies(empty.file("nobody")) == StoreLies::kNowhere);
}

TEST_CASE("a sealing that was broken off is finished or taken back, and nothing is lost either way") {
  const Folder at;
  SECTION("while the copy was made") {
    write_content(at.unfinished, "half");
    at.check_bare();
  }
  SECTION("after the bare store was marked") {
    REQUIRE(at.seal().ok());
    fs::rename(at.sealed, at.unfinished);
    put(*example::open(at.bare), one_of_each());
    at.mark();
    at.check_sealed();
  }
  SECTION("after the bare store was put aside") {
    REQUIRE(at.seal().ok());
    fs::rename(at.sealed, at.unfinished);
    write_content(at.moved, "what it was made of");
    at.check_sealed();
  }
  SECTION("before the bare store was overwritten") {
    REQUIRE(at.seal().ok());
    write_content(at.moved, "what it was made of");
    at.check_sealed();
  }
  SECTION("after the bare store was marked, and somebody took the copy away") {
    at.mark();
    write_content(at.unfinished, "");
    fs::remove(at.unfinished);
    const Outcome<FolderSealing> sealing = FolderSealing::begin(at.folder);
    REQUIRE(sealing.ok());
    REQUIRE(take_back(at.bare).ok());
    at.check_bare();
  }
  SECTION("after the bare store was put aside, and somebody took the copy away") {
    at.mark();
    fs::rename(at.bare, at.moved);
    at.check_bare();
  }
}

TEST_CASE("what cannot be decided now is left as it is") {
  const Folder at;
  REQUIRE(at.seal().ok());
  SECTION("whether a damaged bare store was moved") {
    fs::rename(at.sealed, at.unfinished);
    write_content(at.bare, std::string(8192, 'x'));
    CHECK(store_lies(at.folder).fault().code == "storage_damaged");
    CHECK(fs::exists(at.unfinished));
  }
  SECTION("which of two whole stores counts") {
    put(*example::open(at.bare), one_of_each());
    const std::string before = content(at.bare);
    CHECK(store_lies(at.folder).fault().code == "two_stores");
    CHECK(content(at.bare) == before);
    check_one_of_each(*example::open(at.sealed, sealed_with(1)));
  }
}

TEST_CASE("while somebody is sealing nobody else touches what is half done") {
  const Folder at;
  const Outcome<FolderSealing> sealing = FolderSealing::begin(at.folder);
  REQUIRE(sealing.ok());
  write_content(at.unfinished, "half of a copy");
  CHECK(FolderSealing::begin(at.folder, 0).fault().code == "storage_busy");
  CHECK(content(at.unfinished) == "half of a copy");
  CHECK(*sealing->lies() == StoreLies::kBare);
}

TEST_CASE("however a sealing is killed, the store is whole in one of the two places") {
  int sealed = 0, bare = 0;
  for (int kill = 0; kill < 40; ++kill) {
    CAPTURE(kill);
    const Folder at;
    {
      ChildProcess child([&] { return at.seal().ok() ? 0 : 1; });
      usleep(static_cast<useconds_t>(kill * 700));
      child.kill();
      (void)child.wait();
    }
    const bool is_sealed = at.lies() == StoreLies::kSealed;
    (is_sealed ? sealed : bare) += 1;
    if (is_sealed)
      at.check_sealed();
    else
      at.check_bare();
  }
  CHECK(bare > 0);
  CHECK(sealed > 0);
}

}  // namespace songsong::client
