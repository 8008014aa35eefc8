// Measures how fast a SQLite store admits new records, beside bare SQLite inserts of the same rows.
//
//   measure_store FOLDER [RECORDS]      makes its files in FOLDER and leaves them there; 200,000 records by default
//
// Prints one line a run: records and rows for each second of CPU (user and system) and of wall time, bytes a record.
// Made-up rows are made before the clock starts. Read ratios within one run.
#include <sqlite3.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/replica/sqlite_store.h"
#include "shared/replica/store_rows.h"
#include "tests/replica/store_example.h"

using namespace songsong;
using namespace songsong::example;

namespace {

constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kRowsPerRecord = 9;
constexpr Sequence kPerPhone = 10'000;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<StoreBatch> made_up(std::size_t records, StoreSequence last) {
  Random random(1);
  std::vector<StoreBatch> batches;
  for (std::size_t at = 0; at < records; at += kBatch) {
    const auto phone = static_cast<ReplicaId>(1 + at / kPerPhone);
    const auto first = static_cast<Sequence>(1 + at % kPerPhone);
    batches.push_back(new_needs(phone, first, kBatch, "S" + std::to_string(10'000 + phone), last + at, random));
  }
  return batches;
}

template <class Work>
void measure(const std::string& name, const std::string& path, std::size_t records, Work work) {
  const double cpu = cpu_seconds();
  const double wall = wall_seconds();
  work();
  const double cpu_used = cpu_seconds() - cpu;
  const double wall_used = wall_seconds() - wall;
  const auto count = static_cast<double>(records);
  std::printf("%-44s %8.0f records/cpu-s %9.0f rows/cpu-s %8.0f records/s %6.0f bytes/record\n", name.c_str(),
              count / cpu_used, count * kRowsPerRecord / cpu_used, count / wall_used,
              static_cast<double>(std::filesystem::file_size(path)) / count);
}

void through_the_store(const std::string& name, const std::string& path, std::vector<StoreBatch> batches,
                       const SqliteOptions& options) {
  auto opened = SqliteStore::open(path, options);
  if (!opened.ok()) throw std::runtime_error(opened.fault().what);
  measure(name, path, batches.size() * kBatch, [&] {
    for (StoreBatch& batch : batches) {
      const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> { return std::move(batch); };
      if (!(*opened)->write(0, std::span(&writing, 1)).ok()) throw std::runtime_error("not written");
    }
    if (!(*opened)->checkpoint().ok()) throw std::runtime_error("not checkpointed");
  });
}

// The same rows by SQLite's C interface and nothing else, in the order in which they come.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    check(sqlite3_open(path.c_str(), &database_));
    for (const char* sql :
         {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=16000",
          "PRAGMA cache_size=-65536", "CREATE TABLE log(a INTEGER PRIMARY KEY,b,c,d,e,f,g,h,i)",
          "CREATE TABLE record(a INTEGER PRIMARY KEY,b,c,d,e,f,g)", "CREATE TABLE personal(a INTEGER PRIMARY KEY,b)",
          "CREATE TABLE search(a INTEGER PRIMARY KEY,b,c)", "CREATE TABLE match_key(a,b,c)",
          "CREATE TABLE account(a INTEGER PRIMARY KEY,b,c)", "CREATE TABLE reference(a,b,c,d)"}) {
      check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
    }
  }
  ~Bare() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(database_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void execute(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }

  void insert(const StoreBatch& batch) {
    execute("BEGIN IMMEDIATE");
    for (const LogRow& row : batch.log) {
      put(0, "INSERT INTO log VALUES(?,?,?,?,?,?,?,?,?)", std::int64_t(++last_), id(row.name),
          std::int64_t(row.parent_tag), id(row.record), std::int64_t(1), row.reason, row.received_ms, row.hash.view(),
          row.change);
    }
    for (const RecordRow& row : batch.records) {
      put(1, "INSERT INTO record VALUES(?,?,?,?,?,?,?)", id(row.id), std::int64_t(row.kind), row.unit,
          std::int64_t(row.version), std::int64_t(row.live), row.state, "");
    }
    for (const PersonalRow& row : batch.personal)
      put(2, "INSERT INTO personal VALUES(?,?)", id(row.record), row.values);
    for (const SearchRow& row : batch.search)
      put(3, "INSERT INTO search VALUES(?,?,?)", id(row.record), row.unit, row.text);
    for (const auto& [key, record] : batch.matches_added) {
      put(4, "INSERT INTO match_key VALUES(?,?,?)", std::int64_t(key.number), static_cast<std::int64_t>(key.digest),
          id(record));
    }
    for (const AccountRow& row : batch.accounts) {
      put(5, "INSERT INTO account VALUES(?,?,?)", id(row.id), encode_cells(row.cells, ""), encode_claims(row.claims));
    }
    for (const ReferenceTo& row : batch.references_added) {
      put(6, "INSERT INTO reference VALUES(?,?,?,?)", id(row.target), id(row.source), std::int64_t(row.source_kind),
          std::int64_t(row.field));
    }
    execute("COMMIT");
  }

 private:
  static std::int64_t id(Name name) { return static_cast<std::int64_t>(name.packed()); }
  static void check(int result) {
    if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(result));
  }

  void bind(sqlite3_stmt* statement, int index, std::int64_t value) {
    check(sqlite3_bind_int64(statement, index, value));
  }
  void bind(sqlite3_stmt* statement, int index, std::string_view bytes) {
    check(sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC));
  }

  template <class... Values>
  void put(std::size_t table, const char* sql, const Values&... values) {
    sqlite3_stmt*& statement = statements_[table];
    if (statement == nullptr) check(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr));
    int index = 0;
    (bind(statement, ++index, values), ...);
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
    check(sqlite3_reset(statement));
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* statements_[7] = {};
  std::int64_t last_ = 0;
};

void by_bare_inserts(const std::string& path, const std::vector<StoreBatch>& batches) {
  Bare bare(path);
  measure("bare inserts, one table each, no index", path, batches.size() * kBatch, [&] {
    for (const StoreBatch& batch : batches) bare.insert(batch);
    bare.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  });
}

void measure_search(const std::string& path) {
  auto opened = SqliteStore::open(path);
  if (!opened.ok()) throw std::runtime_error(opened.fault().what);
  const std::vector<std::string> words = {"khanh", "lan", "77"};
  std::size_t found = 0;
  const double cpu = cpu_seconds();
  const auto done = (*opened)->read(0, [&](StoreReader& reader) { found = reader.search(words, {}, SIZE_MAX).size(); });
  if (!done.ok()) throw std::runtime_error(done.fault().what);
  std::printf("search of three words in all rows: %.1f ms, %zu found\n", 1e3 * (cpu_seconds() - cpu), found);
}

int run(const std::string& folder, std::size_t records) {
  const auto fresh = [&](const std::string& name) {
    const std::string path = folder + "/" + name;
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
    return path;
  };
  const std::vector<StoreBatch> batches = made_up(records, 0);
  SqliteOptions server;
  server.checkpoint_pages = kServerCheckpointPages;
  server.cache_kib = 64 * 1024;
  by_bare_inserts(fresh("bare.db"), batches);
  through_the_store("the store, as a server has it", fresh("server.db"), batches, server);
  through_the_store("the store, as a phone has it", fresh("phone.db"), batches, {});
  const std::vector<StoreBatch> few = made_up(20'000, 0);
  through_the_store("20,000 records on a phone", fresh("few.db"), few, {});
  measure_search(folder + "/few.db");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "measure_store FOLDER [RECORDS]\n");
    return 2;
  }
  const std::size_t records = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 200'000;
  try {
    return run(argv[1], std::max(records / kPerPhone, std::size_t{1}) * kPerPhone);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "measure_store: %s\n", error.what());
    return 1;
  }
}
