#include "tests/bench/bare_store.h"

#include <stdexcept>
#include <string_view>

#include "shared/replica/store_rows.h"

namespace songsong::bench {
namespace {

std::int64_t id(Name name) { return static_cast<std::int64_t>(name.packed()); }

void check(int result) {
  if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(result));
}

void bind(sqlite3_stmt* statement, int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement, index, value));
}
void bind(sqlite3_stmt* statement, int index, std::string_view bytes) {
  check(sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC));
}

}  // namespace

BareStore::BareStore(const std::string& path) {
  check(sqlite3_open(path.c_str(), &database_));
  for (const char* sql :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=16000",
        "PRAGMA cache_size=-65536", "CREATE TABLE log(a INTEGER PRIMARY KEY,b,c,d,e,f,g,h,i)",
        "CREATE TABLE record(a INTEGER PRIMARY KEY,b,c,d,e,f,g)", "CREATE TABLE personal(a INTEGER PRIMARY KEY,b)",
        "CREATE TABLE search(a INTEGER PRIMARY KEY,b,c)", "CREATE TABLE match_key(a,b,c)",
        "CREATE TABLE account(a INTEGER PRIMARY KEY,b,c)", "CREATE TABLE reference(a,b,c,d)"}) {
    execute(sql);
  }
}

BareStore::~BareStore() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

void BareStore::execute(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }

void BareStore::checkpoint() { execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

template <class... Values>
void BareStore::put(std::size_t table, const char* sql, const Values&... values) {
  sqlite3_stmt*& statement = statements_[table];
  if (statement == nullptr) check(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr));
  int index = 0;
  (bind(statement, ++index, values), ...);
  if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
  check(sqlite3_reset(statement));
}

void BareStore::insert(const StoreBatch& batch) {
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
  for (const PersonalRow& row : batch.personal) put(2, "INSERT INTO personal VALUES(?,?)", id(row.record), row.values);
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

}  // namespace songsong::bench
