// What every Store promises of one call of write(): all of it or nothing, in order, each writing seeing those before
// it.
#include <catch2/catch_test_macros.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"

using namespace songsong;
using namespace songsong::example;

namespace {

const RecordId kLan(kLansPhone, 1, 0xABCDE);

// That it holds what one_of_each() put in, and nothing else.
void check_whole(Store& store) {
  CHECK(read(store, [](StoreReader& reader) { return reader.scan(0, {}, 9); }) == one_of_each().records);
  CHECK(read(store, [](StoreReader& reader) { return reader.all_accounts({}, 9); }) == one_of_each().accounts);
  CHECK(read(store, [](StoreReader& reader) { return reader.log(0, 9); }).size() == 2);
  CHECK(read(store, [](StoreReader& reader) { return reader.log_of(kLansPhone, 0, 9); }).size() == 1);
  CHECK(read(store, [](StoreReader& reader) { return reader.counts(); }) == StoreCounts{1, 3, 2, 2, 1});
}

void check_empty(Store& store) {
  CHECK(read(store, [](StoreReader& reader) { return reader.last_sequence(); }) == 0);
  CHECK(one(store, &StoreReader::records, kLan) == std::nullopt);
  CHECK(read(store, [](StoreReader& reader) { return reader.log_of(kLansPhone, 0, 9); }).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.counts(); }) == StoreCounts{});
}

}  // namespace

TEST_CASE("a fault undoes the whole call, and comes back") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const Fault no = {"unit_unknown", "unit", "There is no such unit."};
  const std::vector<Store::Writing> writings = {[](StoreReader&) -> Outcome<StoreBatch> { return one_of_each(); },
                                                [&](StoreReader&) -> Outcome<StoreBatch> { return no; }};
  const auto written = open.store->write(0, writings);
  REQUIRE_FALSE(written.ok());
  CHECK(written.fault() == no);
  check_empty(*open.store);
  CHECK(put(*open.store, one_of_each()) == 2);
  check_whole(*open.store);
}

TEST_CASE("what a function throws undoes the whole call, and is thrown on") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const std::vector<Store::Writing> writings = {
      [](StoreReader&) -> Outcome<StoreBatch> { return one_of_each(); },
      [](StoreReader&) -> Outcome<StoreBatch> { throw std::out_of_range("Minh let it fall"); }};
  CHECK_THROWS_AS((void)open.store->write(0, writings), std::out_of_range);
  CHECK_THROWS_AS((void)open.store->read(0, [](StoreReader&) { throw std::out_of_range("and again"); }),
                  std::out_of_range);
  check_empty(*open.store);
  CHECK(put(*open.store, one_of_each()) == 2);
  check_whole(*open.store);
}

TEST_CASE("a change without a name is a programming error, and nothing of its batch is written") {
  OpenStore open;
  CAPTURE(open.kind.name);
  StoreBatch batch = one_of_each();
  batch.log[1].name = Name(0, 1, 0);
  CHECK_THROWS_AS(try_to_put(*open.store, batch).ok(), std::logic_error);
  check_empty(*open.store);
}

TEST_CASE("writings of one call see each other and number their changes one after the other") {
  OpenStore open;
  CAPTURE(open.kind.name);
  Random random(6);
  std::vector<StoreSequence> seen;
  std::vector<std::string> counts;
  std::vector<Store::Writing> writings;
  for (Sequence i = 1; i <= 4; ++i) {
    writings.push_back([&, i](StoreReader& reader) -> Outcome<StoreBatch> {
      seen.push_back(reader.last_sequence());
      counts.push_back(reader.setting("count"));
      StoreBatch batch;
      batch.log = {log_row(Name(kLansPhone, 2 * i - 1, 1), kLan, random),
                   log_row(Name(kLansPhone, 2 * i, 1), kLan, random)};
      batch.settings = {{"count", std::to_string(i)}};
      return batch;
    });
  }
  const auto written = open.store->write(0, writings);
  REQUIRE(written.ok());
  CHECK(*written == 8);
  CHECK(seen == std::vector<StoreSequence>{0, 2, 4, 6});
  CHECK(counts == std::vector<std::string>{"", "1", "2", "3"});
  const auto log = read(*open.store, [](StoreReader& reader) { return reader.log(0, 9); });
  REQUIRE(log.size() == 8);
  for (std::size_t i = 0; i < log.size(); ++i) {
    CHECK(log[i].sequence == i + 1);
    CHECK(log[i].name == Name(kLansPhone, static_cast<Sequence>(i + 1), 1));
  }
}

TEST_CASE("writing nothing gives the last sequence") {
  OpenStore open;
  CAPTURE(open.kind.name);
  CHECK(*open.store->write(0, {}) == 0);
  CHECK(put(*open.store, {}) == 0);
  put(*open.store, one_of_each());
  CHECK(*open.store->write(0, {}) == 2);
  CHECK(put(*open.store, {}) == 2);
}

TEST_CASE("a shard that is not there is a fault, and nothing is asked or written") {
  OpenStore open;
  CAPTURE(open.kind.name);
  bool called = false;
  constexpr Shard kNoShard = 4'000'000'000;
  const auto done = open.store->read(kNoShard, [&](StoreReader&) { called = true; });
  REQUIRE_FALSE(done.ok());
  CHECK(done.fault().code == "shard_unknown");
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> {
    called = true;
    return StoreBatch{};
  };
  const auto written = open.store->write(kNoShard, std::span(&writing, 1));
  REQUIRE_FALSE(written.ok());
  CHECK(written.fault().code == "shard_unknown");
  CHECK_FALSE(called);
}

TEST_CASE("a row that cannot be read back is a fault of the call, and no crash of who asked") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const Fault damage = {"storage_damaged", "record", "The row cannot be read back."};
  const auto done = open.store->read(0, [&](StoreReader&) { throw StorageDamage{damage}; });
  REQUIRE_FALSE(done.ok());
  CHECK(done.fault() == damage);
  const std::vector<Store::Writing> writings = {
      [](StoreReader&) -> Outcome<StoreBatch> { return one_of_each(); },
      [&](StoreReader&) -> Outcome<StoreBatch> { throw StorageDamage{damage}; }};
  const auto written = open.store->write(0, writings);
  REQUIRE_FALSE(written.ok());
  CHECK(written.fault() == damage);
  check_empty(*open.store);
}
