#include "shared/replica/sealing_store.h"

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_schema.h"

namespace songsong {
namespace {

constexpr int kBusyMs = 10'000;

// Throws StorageError.
void make_sealed(SqliteConnection& from, const std::string& path, const SealedFiles& sealed) {
  from.make_anew(path, sealed.name(), kSealedReserve);
  SqliteConnection made(path, sealed.name(), SqliteAccess::kReadWrite, 0);
  made.execute("PRAGMA synchronous=FULL");
  (void)made.write_ahead();
  const std::string found = made.first_value("PRAGMA integrity_check(1)");
  if (found != "ok") throw StorageError({"storage_damaged", path, "The sealed copy is damaged. SQLite says: " + found});
}

}  // namespace

Outcome<Done> copy_sealed(const std::string& bare, const std::string& to, const SealedFiles& sealed, int busy_ms) {
  try {
    SqliteConnection from(bare, "", SqliteAccess::kReadWrite, busy_ms);
    from.execute("PRAGMA synchronous=FULL");
    // From here on nobody else has it open.
    from.execute("PRAGMA locking_mode=EXCLUSIVE");
    from.execute("BEGIN EXCLUSIVE");
    from.execute("COMMIT");
    if (inspect_store_file(from) != StoreFile::kCurrent)
      throw StorageError({"storage_failed", bare, "To be sealed, a store must be of this program's version."});
    make_sealed(from, to, sealed);
    mark_store_file_moved(from);
    // All that the log has is in the file, and the log is left as long as it is, so that it can be overwritten.
    (void)from.first_value("PRAGMA wal_checkpoint(FULL)");
    from.set_checkpoint_on_close(false);
    return Done{};
  } catch (const StorageError& error) {
    return error.fault();
  }
}

Outcome<bool> is_moved(const std::string& bare) {
  try {
    SqliteConnection connection(bare, "", SqliteAccess::kReadWrite, kBusyMs);
    connection.set_checkpoint_on_close(false);
    return is_moved_store_file(connection);
  } catch (const StorageError& error) {
    return error.fault();
  }
}

Outcome<Done> take_back(const std::string& bare) {
  try {
    SqliteConnection connection(bare, "", SqliteAccess::kReadWrite, kBusyMs);
    if (is_moved_store_file(connection)) unmark_store_file_moved(connection);
    return Done{};
  } catch (const StorageError& error) {
    return error.fault();
  }
}

}  // namespace songsong
