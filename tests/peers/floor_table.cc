#include "tests/peers/floor_table.h"

// What the system's SQLite is built with, and its header hides otherwise.
#define SQLITE_ENABLE_SESSION
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <sqlite3.h>

#include <array>
#include <stdexcept>

#include "shared/core/civil_time.h"

namespace songsong::bench::floor {
namespace {

constexpr int kBusyMs = 5000;

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS needs(id TEXT PRIMARY KEY, student_code TEXT, full_name TEXT, birth_date TEXT, gender "
    "INT, grade INT, school_id TEXT, district_id TEXT, household_category INT, guardian_phone TEXT, lacks_device INT, "
    "lacks_signal INT, siblings_sharing INT, recorded_at TEXT, recorded_by TEXT, note TEXT) WITHOUT ROWID";
constexpr const char* kInsert = "INSERT INTO needs VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr const char* kLog = "INSERT INTO conflicts(id, field, mine, theirs, sender) VALUES(?,?,?,?,?)";

void check(sqlite3* database, int result) {
  if (result != SQLITE_OK && result != SQLITE_DONE && result != SQLITE_ROW)
    throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(database));
}

struct Applying {
  sqlite3* database;
  RowId sender;
};

// Both wrote the field: what stood there goes into the log.
void log_replaced(const Applying& applying, sqlite3_changeset_iter* changeset) {
  const char* table = nullptr;
  int columns = 0, operation = 0, indirect = 0;
  check(applying.database, sqlite3changeset_op(changeset, &table, &columns, &operation, &indirect));
  sqlite3_value* id = nullptr;
  sqlite3changeset_old(changeset, 0, &id);
  sqlite3_stmt* insert = nullptr;
  check(applying.database, sqlite3_prepare_v2(applying.database, kLog, -1, &insert, nullptr));
  for (int column = 1; column < columns; ++column) {
    sqlite3_value *theirs = nullptr, *mine = nullptr;
    if (sqlite3changeset_new(changeset, column, &theirs) != SQLITE_OK || theirs == nullptr) continue;
    if (sqlite3changeset_conflict(changeset, column, &mine) != SQLITE_OK || mine == nullptr) continue;
    sqlite3_bind_value(insert, 1, id);
    sqlite3_bind_int(insert, 2, column);
    sqlite3_bind_value(insert, 3, mine);
    sqlite3_bind_value(insert, 4, theirs);
    sqlite3_bind_int64(insert, 5, applying.sender);
    check(applying.database, sqlite3_step(insert));
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
}

int on_conflict(void* context, int conflict, sqlite3_changeset_iter* changeset) {
  const Applying& applying = *static_cast<Applying*>(context);
  if (conflict == SQLITE_CHANGESET_DATA && applying.sender != 0) log_replaced(applying, changeset);
  const bool can_replace = conflict == SQLITE_CHANGESET_DATA || conflict == SQLITE_CHANGESET_CONFLICT;
  return can_replace ? SQLITE_CHANGESET_REPLACE : SQLITE_CHANGESET_OMIT;
}

}  // namespace

Statement::Statement(sqlite3* database, const char* sql) : database_(database) {
  check(database, sqlite3_prepare_v2(database, sql, -1, &handle_, nullptr));
}
Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(std::int64_t number) {
  check(database_, sqlite3_bind_int64(handle_, ++bound_, number));
  return *this;
}
Statement& Statement::bind(const std::string& text) {
  check(database_, sqlite3_bind_text(handle_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
  return *this;
}
Statement& Statement::bind_bytes(const std::string& bytes) {
  check(database_,
        sqlite3_bind_blob(handle_, ++bound_, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(handle_);
  check(database_, result);
  return result == SQLITE_ROW;
}

void Statement::run() {
  step();
  sqlite3_reset(handle_);
  bound_ = 0;
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

std::string Statement::text(int column) const {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  return bytes == nullptr ? std::string()
                          : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

Table::Table(const std::string& path, const char* also, Durability durability) {
  check(database_, sqlite3_open(path.c_str(), &database_));
  sqlite3_busy_timeout(database_, kBusyMs);
  execute("PRAGMA journal_mode=WAL");
  execute(durability == Durability::kFull ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  execute(kTable);
  execute(also);
}
Table::~Table() { sqlite3_close(database_); }

void Table::execute(const char* sql) { check(database_, sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }

void Table::transact(const std::function<void()>& work) {
  execute("BEGIN IMMEDIATE");
  try {
    work();
  } catch (...) {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
  execute("COMMIT");
}

void Table::capture(const std::function<void()>& work, const std::function<void(const std::string&)>& keep) {
  sqlite3_session* session = nullptr;
  check(database_, sqlite3session_create(database_, "main", &session));
  check(database_, sqlite3session_attach(session, "needs"));
  transact([&] {
    work();
    int size = 0;
    void* bytes = nullptr;
    check(database_, sqlite3session_changeset(session, &size, &bytes));
    const std::string changeset(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    sqlite3_free(bytes);
    keep(changeset);
  });
  sqlite3session_delete(session);
}

void Table::apply(const std::string& changeset, RowId logs) {
  Applying applying{.database = database_, .sender = logs};
  std::string bytes = changeset;  // the interface takes it as writable
  check(database_, sqlite3changeset_apply(database_, static_cast<int>(bytes.size()), bytes.data(), nullptr, on_conflict,
                                          &applying));
}

void Table::insert(std::span<const Need> needs) {
  Statement insert(database_, kInsert);
  for (const Need& need : needs) {
    insert.bind(need.id).bind(need.student_code).bind(need.full_name).bind(print_date(need.birth_date));
    insert.bind(need.gender).bind(need.grade).bind(need.school_id).bind(need.district_id);
    insert.bind(need.household_category).bind(need.guardian_phone).bind(std::int64_t{need.lacks_device});
    insert.bind(std::int64_t{need.lacks_signal}).bind(need.siblings_sharing).bind(print_instant(need.recorded_at));
    insert.bind(need.recorded_by).bind(need.note).run();
  }
}

void Table::set(const std::string& column, const std::string& value, const std::string& id) {
  Statement(database_, ("UPDATE needs SET " + column + "=? WHERE id=?").c_str()).bind(value).bind(id).run();
}

std::map<std::string, Table::Held> Table::held() {
  std::map<std::string, Held> all;
  Statement select(database_, "SELECT id, note, guardian_phone FROM needs");
  while (select.step()) all[select.text(0)] = Held{.note = select.text(1), .phone = select.text(2)};
  return all;
}

}  // namespace songsong::bench::floor
