// Several threads and processes at one Store of every kind: sequences without holes, snapshots, nobody left waiting.
#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/replica/child_process.h"
#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"

using namespace songsong;
using namespace songsong::example;

namespace {

constexpr Sequence kWrites = 60;
constexpr ReplicaId kPhones[] = {kLansPhone, kMinhsPhone};

// One after the other: a change of its phone, and as many in the setting "count" as there are changes. False on a
// fault.
bool write_as(Store& store, ReplicaId phone, std::vector<StoreSequence>& given) {
  Random random(phone);
  for (Sequence i = 1; i <= kWrites; ++i) {
    const auto written = try_to_write(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
      StoreBatch batch;
      batch.log = {log_row(Name(phone, i, 1), Name(phone, 1, 1), random)};
      batch.settings = {{"count", std::to_string(reader.last_sequence() + 1)}};
      return batch;
    });
    if (!written.ok()) return false;
    given.push_back(*written);
  }
  return true;
}

void check_no_holes(Store& store) {
  const auto log = read(store, [](StoreReader& reader) { return reader.log(0, SIZE_MAX); });
  REQUIRE(log.size() == 2 * kWrites);
  for (std::size_t i = 0; i < log.size(); ++i) CHECK(log[i].sequence == i + 1);
  CHECK(read(store, [](StoreReader& reader) { return reader.setting("count"); }) == std::to_string(2 * kWrites));
  for (const ReplicaId phone : kPhones) {
    const auto own = read(store, [&](StoreReader& reader) { return reader.log_of(phone, 0, SIZE_MAX); });
    REQUIRE(own.size() == kWrites);
    for (std::size_t i = 0; i < own.size(); ++i) CHECK(own[i].name.sequence() == i + 1);
  }
}

struct Place {
  StoreKind kind = GENERATE(from_range(store_kinds()));
  std::unique_ptr<StorePlace> place = kind.make();
};

}  // namespace

TEST_CASE("two threads write at once: sequences in order without holes, and every reader sees one moment") {
  Place at;
  CAPTURE(at.kind.name);
  const auto store = at.place->open();
  std::vector<StoreSequence> given[2];
  std::atomic<int> failed = 0;
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < 2; ++i) {
    writers.emplace_back([&, i] { failed += write_as(*store, kPhones[i], given[i]) ? 0 : 1; });
  }
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto read_once = store->read(0, [&](StoreReader& reader) {
          const std::string count = reader.setting("count");
          std::this_thread::yield();
          if (reader.last_sequence() != (count.empty() ? 0 : std::stoull(count))) ++failed;
        });
        if (!read_once.ok()) ++failed;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(failed == 0);
  std::set<StoreSequence> all;
  for (const auto& own : given) {
    CHECK(std::is_sorted(own.begin(), own.end()));
    all.insert(own.begin(), own.end());
  }
  CHECK(all.size() == 2 * kWrites);
  check_no_holes(*store);
}

TEST_CASE("two processes write at once: sequences in order without holes") {
  Place at;
  CAPTURE(at.kind.name);
  if (!at.kind.shared) return;
  const auto write_in_child = [&](ReplicaId phone) {
    const auto store = at.place->open();
    std::vector<StoreSequence> given;
    return write_as(*store, phone, given) && std::is_sorted(given.begin(), given.end()) ? 0 : 1;
  };
  ChildProcess lan([&] { return write_in_child(kLansPhone); });
  ChildProcess minh([&] { return write_in_child(kMinhsPhone); });
  CHECK(lan.wait() == 0);
  CHECK(minh.wait() == 0);
  const auto store = at.place->open();
  check_no_holes(*store);
}

TEST_CASE("a reader stays in its moment while a writer commits, and does not hold it up") {
  Place at;
  CAPTURE(at.kind.name);
  const auto store = at.place->open();
  put(*store, one_of_each());
  std::atomic<bool> written = false;
  std::thread writer;
  StoreSequence before = 0;
  StoreSequence after = 0;
  const auto done = store->read(0, [&](StoreReader& reader) {
    before = reader.last_sequence();
    writer = std::thread([&] {
      StoreBatch batch;
      Random random(1);
      batch.log = {log_row(Name(kLansPhone, 2, 1), Name(kLansPhone, 2, 1), random)};
      written = try_to_put(*store, batch).ok();
    });
    while (at.kind.parallel && !written) std::this_thread::yield();
    after = reader.last_sequence();
  });
  writer.join();
  CHECK(done.ok());
  CHECK(written);
  CHECK(before == 2);
  CHECK(after == 2);
  CHECK(read(*store, [](StoreReader& reader) { return reader.last_sequence(); }) == 3);
}

TEST_CASE("a writer that has not committed is not seen") {
  Place at;
  CAPTURE(at.kind.name);
  if (!at.kind.parallel) return;
  const auto store = at.place->open();
  StoreSequence seen = 99;
  const std::vector<Store::Writing> writings = {
      [](StoreReader&) -> Outcome<StoreBatch> { return one_of_each(); },
      [&](StoreReader& reader) -> Outcome<StoreBatch> {
        CHECK(reader.last_sequence() == 2);
        std::thread([&] {
          (void)store->read(0, [&](StoreReader& other) { seen = other.last_sequence(); }).ok();
        }).join();
        return StoreBatch{};
      }};
  CHECK(store->write(0, writings).ok());
  CHECK(seen == 0);
}
