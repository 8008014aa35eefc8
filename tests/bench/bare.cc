#include "tests/bench/bare.h"

#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "shared/core/byte_reader.h"
#include "tests/bench/figure.h"
#include "tests/support/bench_need.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kDictionaryBytes = 32'768;
constexpr int kLevel = 19;

void check(int result) {
  if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(result));
}

std::size_t checked(std::size_t result) {
  if (ZSTD_isError(result)) throw std::runtime_error(ZSTD_getErrorName(result));
  return result;
}

const std::string& dictionary() {
  static const std::string trained = [] {
    std::string samples;
    std::vector<std::size_t> sizes;
    for (const Change& change : make_changes(make_needs(Lists::kTraining, 12'000, 4242), Author{.unit = "D04"})) {
      const std::string form = plain_form(change);
      samples += form;
      sizes.push_back(form.size());
    }
    std::string bytes(kDictionaryBytes, '\0');
    const std::size_t made = ZDICT_trainFromBuffer(bytes.data(), bytes.size(), samples.data(), sizes.data(),
                                                   static_cast<unsigned>(sizes.size()));
    if (ZDICT_isError(made)) throw std::runtime_error(ZDICT_getErrorName(made));
    bytes.resize(made);
    return bytes;
  }();
  return trained;
}

}  // namespace

std::string plain_form(const Change& change) {
  ByteWriter writer;
  writer.varint(change.name.packed());
  writer.zigzag(change.captured_ms);
  writer.bytes(change.unit);
  for (const Write& write : change.writes) {
    writer.varint(write.field);
    if (const std::int64_t* const number = write.value.integer()) writer.zigzag(*number);
    if (const std::string* const text = write.value.text()) writer.bytes(*text);
  }
  return std::move(writer).take();
}

double bare_zstd_bytes(std::span<const Change> changes, std::size_t in_message) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  checked(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel));
  checked(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_dictIDFlag, 0));
  checked(ZSTD_CCtx_loadDictionary(context.get(), dictionary().data(), dictionary().size()));
  std::size_t bytes = 0, count = 0;
  for (std::size_t at = 0; at + in_message <= changes.size(); at += in_message) {
    std::string message;
    for (const Change& change : changes.subspan(at, in_message)) message += plain_form(change);
    std::string out(ZSTD_compressBound(message.size()), '\0');
    bytes += checked(ZSTD_compress2(context.get(), out.data(), out.size(), message.data(), message.size()));
    count += in_message;
  }
  return static_cast<double>(bytes) / static_cast<double>(count);
}

BareTable::BareTable(const std::string& path) {
  check(sqlite3_open(path.c_str(), &database_));
  for (const char* const sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=16000",
                                "CREATE TABLE bare(a INTEGER PRIMARY KEY, b BLOB)"}) {
    check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
  }
  check(sqlite3_prepare_v2(database_, "INSERT INTO bare(b) VALUES(?)", -1, &insert_, nullptr));
}

BareTable::~BareTable() {
  sqlite3_finalize(insert_);
  sqlite3_close(database_);
}

void BareTable::insert(std::span<const std::string> rows) {
  check(sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
  for (const std::string& row : rows) {
    check(sqlite3_bind_blob64(insert_, 1, row.data(), row.size(), SQLITE_STATIC));
    if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
    check(sqlite3_reset(insert_));
  }
  check(sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr));
}

void BareTable::checkpoint() {
  check(sqlite3_exec(database_, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr));
}

double bare_open_ms(const std::string& path) { return bare_scan_ms(path, "SELECT ? FROM sqlite_schema LIMIT 1", ""); }

double bare_scan_ms(const std::string& path, const std::string& sql, std::string_view word) {
  const double began = wall_seconds();
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_open(path.c_str(), &database));
  check(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr));
  check(sqlite3_bind_text64(statement, 1, word.data(), word.size(), SQLITE_STATIC, SQLITE_UTF8));
  while (sqlite3_step(statement) == SQLITE_ROW) {
  }
  const double took = 1e3 * (wall_seconds() - began);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return took;
}

}  // namespace songsong::bench
