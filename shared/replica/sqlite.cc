#include "shared/replica/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <memory>

namespace songsong {
namespace {

bool is_full(int os_error) { return os_error == ENOSPC || os_error == EFBIG || os_error == EDQUOT; }
bool is_denied(int os_error) { return os_error == EACCES || os_error == EPERM || os_error == EROFS; }

struct Meaning {
  const char* code;
  const char* what;
};

constexpr Meaning kFull = {"storage_full", "There is no room left, nothing was written."};
constexpr Meaning kReadOnly = {"storage_read_only", "The store may only be read here."};
constexpr Meaning kDamaged = {"storage_damaged", "The store's file is damaged."};
constexpr Meaning kBusy = {"storage_busy", "Another program kept the store locked for too long."};
constexpr Meaning kFailed = {"storage_failed", "The store could not be used."};

Meaning meaning(int result, int os_error) {
  if (result == SQLITE_IOERR_DATA) return kDamaged;  // a sealed page that cannot be opened
  switch (result & 0xFF) {
    case SQLITE_FULL:
      return kFull;
    case SQLITE_IOERR:
      return is_full(os_error) ? kFull : is_denied(os_error) ? kReadOnly : kFailed;
    case SQLITE_CANTOPEN:
      return is_denied(os_error) ? kReadOnly : kFailed;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return kReadOnly;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return kDamaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return kBusy;
    default:
      return kFailed;
  }
}

int open_flags(SqliteAccess access) {
  switch (access) {
    case SqliteAccess::kReadOnly:
      return SQLITE_OPEN_READONLY;
    case SqliteAccess::kReadWrite:
      return SQLITE_OPEN_READWRITE;
    case SqliteAccess::kCreate:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  throw std::logic_error("no such access");
}

// SQLite counts every byte that it allocates unless told not to before its first use, which costs a tenth of the speed
// of admission. If somebody used SQLite before, it goes on counting.
void stop_counting_memory() {
  static const int kTold = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)kTold;
}

// The signs that mean something in the address of a file (sqlite.org/uri.html).
std::string in_address(std::string_view text) {
  std::string address;
  for (const char c : text) {
    if (c == '%')
      address += "%25";
    else if (c == '?')
      address += "%3f";
    else if (c == '#')
      address += "%23";
    else if (c == '&')
      address += "%26";
    else
      address += c;
  }
  return address;
}

std::string place(const std::string& path, std::string_view table) {
  return table.empty() ? path : path + ", table " + std::string(table);
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, const std::string& vfs, SqliteAccess access,
                                   int busy_timeout_ms)
    : path_(path), busy_timeout_ms_(busy_timeout_ms) {
  // SQLite takes an empty path for a file of its own that vanishes.
  if (path.empty()) throw StorageError({kFailed.code, "", "A store needs the path of its file."});
  stop_counting_memory();
  // make_anew() names a VFS within an address ("file:…"); a path is never taken for one.
  const int flags = open_flags(access) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  const std::string opened = path.starts_with("file:") ? "./" + path : path;
  const int result = sqlite3_open_v2(opened.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  try {
    if (handle_ == nullptr) throw StorageError({kFailed.code, path_, sqlite3_errstr(result)});
    if (result != SQLITE_OK) fail(result, "");
    set_busy_timeout(busy_timeout_ms);
    // A misspelt column is an error, not a text; and nobody writes past SQLite into its own tables.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

SqliteConnection::~SqliteConnection() { sqlite3_close_v2(handle_); }

// What the system said is taken from errno: SQLite itself keeps it where a statement fails, but not where a commit
// does.
void SqliteConnection::execute(const std::string& sql) {
  errno = 0;
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(result, "", errno != 0 ? errno : sqlite3_system_errno(handle_));
}

std::string SqliteConnection::first_value(const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  int result = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &prepared, nullptr);
  if (result != SQLITE_OK) fail(result, "");
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  result = sqlite3_step(prepared);
  if (result == SQLITE_DONE) return {};
  if (result != SQLITE_ROW) fail(result, "");
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, 0));
  return text == nullptr ? std::string() : std::string(text);
}

// Of several processes that make one store at the same time one does it; SQLite lets the others not wait, lest they
// wait for each other, so they try again.
std::string SqliteConnection::write_ahead() {
  constexpr int kPauseMs = 5;
  for (int waited_ms = 0;; waited_ms += kPauseMs) {
    try {
      return first_value("PRAGMA journal_mode=WAL");
    } catch (const StorageError& error) {
      if (error.fault().code != kBusy.code || waited_ms >= busy_timeout_ms_) throw;
    }
    sqlite3_sleep(kPauseMs);
  }
}

void SqliteConnection::sync_write_ahead() {
  sqlite3_file* log = nullptr;
  int result = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  const bool is_open = log != nullptr && log->pMethods != nullptr;
  if (result == SQLITE_OK && is_open) result = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  if (result != SQLITE_OK) fail(result, "");
}

void SqliteConnection::reserve(int bytes) {
  const int result = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
  if (result != SQLITE_OK) fail(result, "");
}

void SqliteConnection::make_anew(const std::string& path, const std::string& vfs, int reserved) {
  reserve(reserved);
  // An absolute path has an empty authority before it, or "//…" would be taken for one.
  std::string address = (path.starts_with('/') ? "file://" : "file:") + in_address(path);
  if (!vfs.empty()) address += "?vfs=" + in_address(vfs);
  const std::unique_ptr<char, void (*)(void*)> sql(sqlite3_mprintf("VACUUM INTO %Q", address.c_str()), sqlite3_free);
  execute(sql.get());
}

void SqliteConnection::copy_into(SqliteConnection& target) {
  sqlite3_backup* const backup = sqlite3_backup_init(target.handle_, "main", handle_, "main");
  if (backup == nullptr) target.fail(sqlite3_errcode(target.handle_), "");
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) fail(stepped, "");
  if (finished != SQLITE_OK) target.fail(finished, "");
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
bool SqliteConnection::read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

void SqliteConnection::set_busy_timeout(int milliseconds) {
  busy_timeout_ms_ = milliseconds;
  sqlite3_busy_timeout(handle_, milliseconds);
}

void SqliteConnection::set_checkpoint_on_close(bool on) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

void SqliteConnection::fail(int result, std::string_view table) const {
  fail(result, table, sqlite3_system_errno(handle_));
}

void SqliteConnection::fail(int result, std::string_view table, int os_error) const {
  const Meaning means = meaning(result, os_error);
  throw StorageError(
      {means.code, place(path_, table),
       std::string(means.what) + " SQLite says: " + sqlite3_errmsg(handle_) + " (" + std::to_string(result) + ")."});
}

void SqliteConnection::fail_damaged(std::string_view where, std::string_view what) const {
  throw StorageError(
      {kDamaged.code, place(path_, where), std::string(kDamaged.what) + " In this row " + std::string(what) + "."});
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }

sqlite3_stmt* SqliteStatement::prepared() {
  if (handle_ != nullptr) return handle_;
  const int result = sqlite3_prepare_v3(connection_->handle_, sql_, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (result != SQLITE_OK) connection_->fail(result, table_);
  return handle_;
}

SqliteQuery::~SqliteQuery() { sqlite3_reset(handle_); }

bool SqliteQuery::step() {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  statement_->connection_->fail(result, statement_->table_);
}

bool SqliteQuery::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

std::int64_t SqliteQuery::integer(int column) const {
  if (sqlite3_column_type(handle_, column) != SQLITE_INTEGER) fail_damaged("a number is missing");
  return sqlite3_column_int64(handle_, column);
}

std::string_view SqliteQuery::text(int column) const {
  const int type = sqlite3_column_type(handle_, column);
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) fail_damaged("a text is missing");
  // Of an empty blob SQLite gives a null pointer.
  const auto* start = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return size == 0 ? std::string_view() : std::string_view(start, size);
}

void SqliteQuery::fail_damaged(std::string_view what) const {
  std::string key;
  if (statement_->key_ == RowKey::kName) {
    key = to_text(Name::from_packed(from_ordered(sqlite3_column_int64(handle_, 0))));
  } else if (sqlite3_column_bytes(handle_, 0) > 0) {
    key = reinterpret_cast<const char*>(sqlite3_column_text(handle_, 0));
  }
  statement_->connection_->fail_damaged(std::string(statement_->table_) + ", row " + key, what);
}

void SqliteQuery::bind(int index, std::int64_t value) { check_bound(sqlite3_bind_int64(handle_, index, value)); }

// The length is given apart, so a text may hold zeroes; an empty view may have no pointer, which would bind a null.
void SqliteQuery::bind(int index, std::string_view text) {
  check_bound(
      sqlite3_bind_text64(handle_, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteQuery::bind(int index, SqliteBytes bytes) {
  check_bound(sqlite3_bind_blob64(handle_, index, bytes.view.empty() ? "" : bytes.view.data(), bytes.view.size(),
                                  SQLITE_STATIC));
}

void SqliteQuery::bind_null(int index) { check_bound(sqlite3_bind_null(handle_, index)); }

void SqliteQuery::check_bound(int result) const {
  if (result != SQLITE_OK) statement_->connection_->fail(result, statement_->table_);
}

SqliteTransaction::SqliteTransaction(SqliteConnection& connection, SqliteLock lock) : connection_(&connection) {
  connection.execute(lock == SqliteLock::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

// A full disk may have made SQLite roll back already. Rolling back cannot leave the transaction open, whatever it says.
SqliteTransaction::~SqliteTransaction() {
  if (!connection_->in_transaction()) return;
  try {
    connection_->execute("ROLLBACK");
  } catch (const StorageError&) {
    return;
  }
}

void SqliteTransaction::commit() { connection_->execute("COMMIT"); }

}  // namespace songsong
