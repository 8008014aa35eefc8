// Sqlite: the thin coat over SQLite's C interface. Nothing else includes sqlite3.h but sqlite_sealed.cc.
//
//   SqliteConnection   one open file
//   SqliteStatement    one SQL text, prepared at its first use and kept for the connection's life
//   SqliteQuery        one use of a statement: binds, steps, reads columns, and resets the statement when it goes
//   SqliteTransaction  rolls back when it goes, unless it was committed
//
// Threads: a connection and all that hangs on it is used by one thread at a time; it may pass from one to another under
// the caller's lock. Ownership: a connection outlives its statements, a statement its queries; texts and bytes that are
// bound are borrowed until the query goes, and those that are read until its next step. Errors: StorageError, which
// carries the Fault that the store gives back (codes in store.h); `where` names the file, the table and the row.
//
// Numbers: 64-bit names and digests are unsigned and SQLite's integers are signed, so they are stored with the top bit
// turned: the order in the table is then the order of the unsigned numbers.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "shared/core/name.h"
#include "shared/core/outcome.h"

struct sqlite3;
struct sqlite3_stmt;

namespace songsong {

class StorageError : public std::runtime_error {
 public:
  explicit StorageError(Fault fault) : std::runtime_error(fault.code + ": " + fault.what), fault_(std::move(fault)) {}
  const Fault& fault() const { return fault_; }

 private:
  Fault fault_;
};

enum class SqliteAccess {
  kReadOnly,
  kReadWrite,  // a file that is there
  kCreate,     // the file is made where there is none
};

class SqliteConnection {
 public:
  // An empty `vfs` is the system's own.
  SqliteConnection(const std::string& path, const std::string& vfs, SqliteAccess access, int busy_timeout_ms);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  const std::string& path() const { return path_; }
  void execute(const std::string& sql);             // without results, such as a pragma
  std::string first_value(const std::string& sql);  // of the first row, as text; empty where there is none
  // Makes the file one that is written ahead, whatever else it was; the journal mode that it has then.
  std::string write_ahead();
  // What the write-ahead log holds is on the disk when this returns, whoever wrote it.
  void sync_write_ahead();
  // So many bytes at the end of each page are left free, of a file that is to be made.
  void reserve(int bytes);
  // The whole database into a new file of that VFS, with so many bytes left free in each page.
  void make_anew(const std::string& path, const std::string& vfs, int reserved);
  // The whole database as it stands at this moment, into another one, which it replaces. Others may go on writing.
  void copy_into(SqliteConnection& target);
  bool in_transaction() const;
  bool read_only() const;
  void set_busy_timeout(int milliseconds);
  // Whether the last connection to the file folds the write-ahead log into it when it closes (so by default).
  void set_checkpoint_on_close(bool on);

  // Throws what SQLite's result code means here. `table` may be empty.
  [[noreturn]] void fail(int result, std::string_view table) const;
  [[noreturn]] void fail_damaged(std::string_view where, std::string_view what) const;

 private:
  friend class SqliteStatement;

  [[noreturn]] void fail(int result, std::string_view table, int os_error) const;

  std::string path_;
  int busy_timeout_ms_;
  sqlite3* handle_ = nullptr;
};

// How the first column, which every SELECT here keys its rows by, is shown in a fault.
enum class RowKey { kName, kNumber, kText };

class SqliteStatement {
 public:
  // `table` and `sql` are literals.
  SqliteStatement(SqliteConnection& connection, const char* table, RowKey key, const char* sql)
      : connection_(&connection), table_(table), key_(key), sql_(sql) {}
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

 private:
  friend class SqliteQuery;

  sqlite3_stmt* prepared();

  SqliteConnection* connection_;
  const char* table_;
  RowKey key_;
  const char* sql_;
  sqlite3_stmt* handle_ = nullptr;
};

// An unsigned number of 64 bits whose order matters.
struct Unsigned64 {
  std::uint64_t value = 0;
};

// Bytes that are no text.
struct SqliteBytes {
  std::string_view view;
};

constexpr std::int64_t to_ordered(std::uint64_t value) { return static_cast<std::int64_t>(value ^ (1ull << 63)); }
constexpr std::uint64_t from_ordered(std::int64_t stored) { return static_cast<std::uint64_t>(stored) ^ (1ull << 63); }

class SqliteQuery {
 public:
  template <class... Values>
  explicit SqliteQuery(SqliteStatement& statement, const Values&... values)
      : statement_(&statement), handle_(statement.prepared()) {
    int index = 0;
    (bind(++index, values), ...);
  }
  ~SqliteQuery();
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  // Whether there is a row (more).
  bool step();
  // Of a statement without rows.
  void run() { (void)step(); }

  bool is_null(int column) const;
  Name name(int column) const { return Name::from_packed(unsigned64(column)); }
  std::uint64_t unsigned64(int column) const { return from_ordered(integer(column)); }
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view bytes(int column) const { return text(column); }
  bool flag(int column) const { return number<std::uint8_t>(column, 1) == 1; }

  // At most `most`; anything else is damage.
  template <std::unsigned_integral Number>
  Number number(int column, Number most = std::numeric_limits<Number>::max()) const {
    const std::int64_t stored = integer(column);
    if (stored < 0 || static_cast<std::uint64_t>(stored) > most) fail_damaged("a number is out of range");
    return static_cast<Number>(stored);
  }

  // Names the table and the row.
  [[noreturn]] void fail_damaged(std::string_view what) const;

 private:
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind(int index, SqliteBytes bytes);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, Name name) { bind(index, to_ordered(name.packed())); }
  void bind(int index, Unsigned64 number) { bind(index, to_ordered(number.value)); }
  // Numbers that nothing here reaches (a place in a feed beyond its end, no limit) are held at the greatest there is.
  template <std::integral Number>
  void bind(int index, Number value) {
    if constexpr (std::unsigned_integral<Number> && sizeof(Number) == sizeof(std::int64_t)) {
      constexpr auto kMost = static_cast<Number>(std::numeric_limits<std::int64_t>::max());
      bind(index, static_cast<std::int64_t>(value < kMost ? value : kMost));
    } else {
      bind(index, static_cast<std::int64_t>(value));
    }
  }
  template <class Value>
  void bind(int index, const std::optional<Value>& value) {
    if (value)
      bind(index, *value);
    else
      bind_null(index);
  }
  void bind_null(int index);
  void check_bound(int result) const;

  SqliteStatement* statement_;
  sqlite3_stmt* handle_;
};

enum class SqliteLock {
  kRead,   // one snapshot, from the first row read
  kWrite,  // the only writer; waits for another process as long as the connection's busy timeout says
};

class SqliteTransaction {
 public:
  SqliteTransaction(SqliteConnection& connection, SqliteLock lock);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  // Durable when it returns.
  void commit();

 private:
  SqliteConnection* connection_;
};

}  // namespace songsong
