// Sqlite schema: the tables of a store's file, and how a file of an older version becomes one of this version.
//
// A file is known by SQLite's application_id, and its version is SQLite's user_version. STORE.md says what the tables
// are for. Errors: StorageError; the thread is the connection's.
#pragma once

#include "shared/replica/sqlite.h"

namespace songsong {

inline constexpr int kStoreApplicationId = 0x536F6E67;  // "Song"
inline constexpr int kStoreVersion = 2;

enum class StoreFile {
  kNew,      // nothing in it yet
  kOlder,    // ours, of a version that has to be brought up
  kCurrent,  // ours, of this version
};

// Throws "storage_newer" for a file of a later version, "storage_failed" for one of another program. Writes nothing.
StoreFile inspect_store_file(SqliteConnection& connection);

// Brings a new or older file to this version in one transaction; another process may have done it meanwhile.
void upgrade_store_file(SqliteConnection& connection);

// The store is going elsewhere: whoever has the file open, or opens it, is refused from then on ("storage_newer").
void mark_store_file_moved(SqliteConnection& connection);
// It stays after all.
void unmark_store_file_moved(SqliteConnection& connection);
bool is_moved_store_file(SqliteConnection& connection);

}  // namespace songsong
