// A rollback journal of a file that is being made, in memory only, so that nothing lies bare. A file whose making was
// broken off is none that anybody goes on with.
#pragma once

#include <sqlite3.h>

#include <cstddef>

namespace songsong {

inline constexpr std::size_t kMostJournalBytes = std::size_t{64} << 20;  // then SQLite is told that the disk is full

// What SQLite's memory for an open file has to have room for.
std::size_t memory_journal_bytes();
// Opens an empty one in that memory.
void open_memory_journal(sqlite3_file* file);

}  // namespace songsong
