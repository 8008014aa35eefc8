#include "shared/replica/sqlite_schema.h"

#include <array>
#include <charconv>
#include <string>

namespace songsong {
namespace {

// Ids, names and digests are stored with their top bit turned (sqlite.h). No column says NOT NULL: the checks would
// cost a tenth of the speed of admission, every column is bound by the one writer, and the reader takes a null for
// damage. The step at index n makes version n + 1 out of version n. A released step may not change.
constexpr std::array<const char*, kStoreVersion> kSteps = {R"sql(
  CREATE TABLE log(
    sequence INTEGER PRIMARY KEY, name INTEGER, parent_tag INTEGER, record INTEGER,
    verdict INTEGER, reason TEXT, received_ms INTEGER, hash BLOB,
    change BLOB, previous INTEGER) STRICT;
  CREATE TABLE segment(
    replica INTEGER, lane INTEGER, first INTEGER, store_first INTEGER,
    count INTEGER, PRIMARY KEY(replica, lane, first)) STRICT, WITHOUT ROWID;

  CREATE TABLE record(
    id INTEGER PRIMARY KEY, kind INTEGER, unit TEXT, version INTEGER, live INTEGER,
    state BLOB, base BLOB, last_logged INTEGER, base_epoch INTEGER, base_version INTEGER) STRICT;
  CREATE INDEX record_feed ON record(unit, version);
  CREATE TABLE departure(
    unit TEXT, version INTEGER, record INTEGER, home TEXT,
    PRIMARY KEY(unit, version, record)) STRICT, WITHOUT ROWID;

  CREATE TABLE personal(record INTEGER PRIMARY KEY, body BLOB) STRICT;
  CREATE TABLE search(record INTEGER PRIMARY KEY, unit TEXT, body TEXT) STRICT;
  CREATE TABLE match_key(
    number INTEGER, digest INTEGER, record INTEGER,
    PRIMARY KEY(number, digest, record)) STRICT, WITHOUT ROWID;

  CREATE TABLE reference(
    target INTEGER, source INTEGER, kind INTEGER, field INTEGER,
    PRIMARY KEY(target, source, kind, field)) STRICT, WITHOUT ROWID;
  CREATE TABLE class_name(record INTEGER PRIMARY KEY, account INTEGER) STRICT;
  CREATE TABLE account(id INTEGER PRIMARY KEY, cells BLOB, claims BLOB) STRICT;
  CREATE TABLE claim(
    number INTEGER, key BLOB, claimant INTEGER,
    PRIMARY KEY(number, key, claimant)) STRICT, WITHOUT ROWID;
  CREATE TABLE total(unit TEXT PRIMARY KEY, own BLOB, subtree BLOB) STRICT, WITHOUT ROWID;
  CREATE TABLE open_case(id TEXT PRIMARY KEY, body BLOB) STRICT, WITHOUT ROWID;

  CREATE TABLE unit(
    record INTEGER PRIMARY KEY, code TEXT, name TEXT, level TEXT, parent TEXT,
    parent_ms INTEGER, parent_by INTEGER) STRICT;
  CREATE TABLE run(
    replica INTEGER, first INTEGER, tag INTEGER, last INTEGER,
    parent_tag INTEGER, key_tag INTEGER, PRIMARY KEY(replica, first, tag)) STRICT, WITHOUT ROWID;
  CREATE TABLE tip(name INTEGER PRIMARY KEY, hash BLOB) STRICT;
  CREATE TABLE block_key(
    replica INTEGER, block INTEGER, tag INTEGER, key BLOB,
    PRIMARY KEY(replica, block, tag)) STRICT, WITHOUT ROWID;
  CREATE TABLE setting(name TEXT PRIMARY KEY, body BLOB) STRICT, WITHOUT ROWID;
)sql",
                                                           R"sql(
  CREATE TABLE change_key(name INTEGER PRIMARY KEY, key BLOB) STRICT;
  CREATE TABLE erased(name INTEGER PRIMARY KEY, version INTEGER, commitments BLOB) STRICT;
)sql"};

constexpr int kMovedVersion = 1'000'000'000;  // no version of the store, and newer than all

int number(SqliteConnection& connection, const std::string& sql) {
  const std::string text = connection.first_value(sql);
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

[[noreturn]] void refuse(const SqliteConnection& connection, const char* code, const std::string& what) {
  throw StorageError({code, connection.path(), what});
}

// Within a transaction: read one by one, the three would not belong together while another process makes the store.
StoreFile inspect(SqliteConnection& connection) {
  const int application = number(connection, "PRAGMA application_id");
  const int version = number(connection, "PRAGMA user_version");
  if (application == 0 && version == 0 && number(connection, "SELECT count(*) FROM sqlite_schema") == 0) {
    return StoreFile::kNew;
  }
  if (application != kStoreApplicationId) {
    refuse(connection, "storage_failed", "This file belongs to another program; it was left as it is.");
  }
  if (version > kStoreVersion) {
    refuse(connection, "storage_newer",
           "This file was written by a newer program (version " + std::to_string(version) + " of the store, here " +
               std::to_string(kStoreVersion) + "); it was left as it is. Install the newer program.");
  }
  if (version < 1) refuse(connection, "storage_damaged", "The store's file does not say its version.");
  return version < kStoreVersion ? StoreFile::kOlder : StoreFile::kCurrent;
}

}  // namespace

StoreFile inspect_store_file(SqliteConnection& connection) {
  SqliteTransaction transaction(connection, SqliteLock::kRead);
  const StoreFile found = inspect(connection);
  transaction.commit();
  return found;
}

void upgrade_store_file(SqliteConnection& connection) {
  SqliteTransaction transaction(connection, SqliteLock::kWrite);
  const StoreFile found = inspect(connection);
  if (found == StoreFile::kCurrent) return;
  const int version = found == StoreFile::kNew ? 0 : number(connection, "PRAGMA user_version");
  for (int step = version; step < kStoreVersion; ++step) connection.execute(kSteps[static_cast<std::size_t>(step)]);
  connection.execute("PRAGMA application_id=" + std::to_string(kStoreApplicationId));
  connection.execute("PRAGMA user_version=" + std::to_string(kStoreVersion));
  transaction.commit();
}

void mark_store_file_moved(SqliteConnection& connection) {
  connection.execute("PRAGMA user_version=" + std::to_string(kMovedVersion));
}

void unmark_store_file_moved(SqliteConnection& connection) {
  connection.execute("PRAGMA user_version=" + std::to_string(kStoreVersion));
}

bool is_moved_store_file(SqliteConnection& connection) {
  return number(connection, "PRAGMA application_id") == kStoreApplicationId &&
         number(connection, "PRAGMA user_version") == kMovedVersion;
}

}  // namespace songsong
