// A SqliteStore whose process is killed while it writes: what it had acknowledged is there, and there are no holes.
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "shared/replica/sqlite_store.h"
#include "tests/replica/child_process.h"
#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"
#include "tests/support/temporary_folder.h"

using namespace songsong;
using namespace songsong::example;

namespace {

constexpr int kKills = 30;
constexpr std::uint64_t kSeed = 20260901;

// Writes on and on, and says each sequence that the store has acknowledged. Few pages to a checkpoint, so that kills
// fall into checkpoints too.
int write_for_ever(const std::string& path, int acknowledge) {
  SqliteOptions options;
  options.checkpoint_pages = 20;
  auto opened = SqliteStore::open(path, options);
  if (!opened.ok()) return 1;
  Random random(kSeed);
  for (;;) {
    const auto written = try_to_write(**opened, [&](StoreReader& reader) -> Outcome<StoreBatch> {
      const StoreSequence last = reader.last_sequence();
      const auto count = static_cast<std::size_t>(1 + random.below(5));
      return new_needs(kLansPhone, static_cast<Sequence>(last + 1), count, "S017", last, random);
    });
    if (!written.ok()) return 2;
    const StoreSequence last = *written;
    if (::write(acknowledge, &last, sizeof last) != sizeof last) return 3;
  }
}

// Reads until the writing end is closed; the last one that came whole.
StoreSequence last_acknowledged(int from) {
  StoreSequence last = 0;
  StoreSequence next = 0;
  while (::read(from, &next, sizeof next) == sizeof next) last = next;
  return last;
}

// Lets a process write until it is killed after some milliseconds; what it acknowledged last.
StoreSequence write_and_kill(const std::string& path, Random& random) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  ChildProcess child([&] {
    ::close(ends[0]);
    return write_for_ever(path, ends[1]);
  });
  ::close(ends[1]);
  StoreSequence first = 0;
  REQUIRE(::read(ends[0], &first, sizeof first) == sizeof first);
  std::this_thread::sleep_for(std::chrono::microseconds(random.below(12'000)));
  child.kill();
  CHECK(child.wait() == ChildProcess::kKilled);
  const StoreSequence last = std::max(first, last_acknowledged(ends[0]));
  ::close(ends[0]);
  return last;
}

void check_whole(Store& store, StoreSequence acknowledged) {
  const auto last = read(store, [](StoreReader& reader) { return reader.last_sequence(); });
  CHECK(last >= acknowledged);
  const auto log = read(store, [](StoreReader& reader) { return reader.log(0, SIZE_MAX); });
  REQUIRE(log.size() == last);
  for (std::size_t i = 0; i < log.size(); ++i) {
    if (log[i].sequence != i + 1 || log[i].name.sequence() != i + 1) FAIL("a hole at " << i + 1);
  }
  CHECK(read(store, [](StoreReader& reader) { return reader.log_of(kLansPhone, 0, SIZE_MAX); }) == log);
  CHECK(read(store, [](StoreReader& reader) { return reader.scan(kNeed, {}, SIZE_MAX); }).size() == last);
}

}  // namespace

TEST_CASE("a writer that is killed loses nothing that it had acknowledged") {
  const TemporaryFolder folder;
  const std::string path = folder.file("store.db");
  Random random(kSeed);
  for (int kill = 1; kill <= kKills; ++kill) {
    CAPTURE(kill, random.seed());
    const StoreSequence acknowledged = write_and_kill(path, random);
    auto opened = SqliteStore::open(path);
    REQUIRE(opened.ok());
    check_whole(**opened, acknowledged);
    if (kill % 10 == 0) CHECK((*opened)->check().ok());
  }
}
