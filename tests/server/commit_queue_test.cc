// Group commit: many threads write, each hears of its own writing, and they share transactions.
#include "server/commit_queue.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "shared/replica/sqlite_store.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

using testing::must;

Store::Writing setting(const std::string& name) {
  return [name](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[name] = "1";
    return batch;
  };
}

TEST_CASE("threads that write at once all find their writing there, in fewer transactions than writings") {
  const TemporaryFolder folder;
  const std::unique_ptr<SqliteStore> store = must(SqliteStore::open(folder.file("store.db")));
  std::atomic<int> told{0};
  CommitQueue queue(*store, 0, [&told](StoreSequence) { ++told; });
  constexpr int kThreads = 16, kEach = 25;
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          if (!queue.commit(setting("w." + std::to_string(thread) + "." + std::to_string(i)))) ++refused;
        }
      });
    }
  }
  CHECK(refused == 0);
  std::size_t held = 0;
  must(store->read(0, [&](StoreReader& reader) { held = reader.settings("w.", "", 10'000).size(); }));
  CHECK(held == kThreads * kEach);
  CHECK(queue.counts().writings == kThreads * kEach);
  CHECK(queue.counts().commits < queue.counts().writings);
  CHECK(told == static_cast<int>(queue.counts().commits));
}

TEST_CASE("a writing that fails takes none of those with it that share its transaction") {
  const TemporaryFolder folder;
  const std::unique_ptr<SqliteStore> store = must(SqliteStore::open(folder.file("store.db")));
  CommitQueue queue(*store, 0, [](StoreSequence) {});
  std::atomic<bool> hold{true};
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    // The first holds the disk until the others wait, so that they are written together.
    threads.emplace_back([&] {
      const Outcome<StoreSequence> first = queue.commit([&](StoreReader&) -> Outcome<StoreBatch> {
        while (hold) std::this_thread::yield();
        return StoreBatch{};
      });
      if (!first) ++wrong;
    });
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const bool fails = i == 3;
        const Outcome<StoreSequence> outcome = fails ? queue.commit([](StoreReader&) -> Outcome<StoreBatch> {
          return Fault{.code = "ours", .where = "test", .what = "It says no."};
        })
                                                     : queue.commit(setting("w." + std::to_string(i)));
        if (outcome.ok() == fails) ++wrong;
        if (fails && outcome.fault().code != "ours") ++wrong;
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    hold = false;
  }
  CHECK(wrong == 0);
  std::size_t held = 0;
  must(store->read(0, [&](StoreReader& reader) { held = reader.settings("w.", "", 100).size(); }));
  CHECK(held == 7);
}

}  // namespace
}  // namespace songsong::server
