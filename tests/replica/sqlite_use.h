// Sqlite use: what the tests of SQLite's own side of a SqliteStore share. Call it from the test's own thread.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_store.h"
#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"

namespace songsong::example {

inline std::unique_ptr<SqliteStore> open(const std::string& path, const SqliteOptions& options = {}) {
  auto opened = SqliteStore::open(path, options);
  INFO((opened.ok() ? "" : opened.fault().code + ": " + opened.fault().what));
  REQUIRE(opened.ok());
  return std::move(*opened);
}

inline Fault refused(const std::string& path, const SqliteOptions& options = {}) {
  const auto opened = SqliteStore::open(path, options);
  REQUIRE_FALSE(opened.ok());
  return opened.fault();
}

inline std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_content(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// As somebody else who has the file: another program, a later version, or damage.
inline void run_sql(const std::string& path, const std::string& sql) {
  SqliteConnection(path, "", SqliteAccess::kCreate, 0).execute(sql);
}

inline StoreBatch needs(Sequence first, std::size_t count, StoreSequence last) {
  Random random(first);
  return new_needs(kLansPhone, first, count, "S017", last, random);
}

inline void check_one_of_each(Store& store) {
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

}  // namespace songsong::example
