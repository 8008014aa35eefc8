// SealedFile: one opened file of a sealed store (sqlite_sealed.h): its pages, or the frames of its log ahead, over the
// file of the VFS below. SQLite's memory for an open file begins with it, and the file below follows.
//
// Plain functions, as SQLite's C interface calls them; results are SQLite's. One thread at a time for each file.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>

#include "shared/replica/sqlite_sealed.h"

namespace songsong {

struct Sealing {
  SealKey key;
  SealedFiles::Entropy entropy;
};

inline constexpr int kFrameHeadBytes = 24;

struct SealedFile {
  sqlite3_file base;
  const Sealing* sealing;
  sqlite3_file* under;
  bool is_log;
  std::array<std::uint8_t, 16> drawn;  // for this opening
  std::uint64_t sealed;                // since
  // The head of a frame arrives before its page, and both are written together.
  bool head_waits;
  sqlite3_int64 head_at;
  std::array<std::uint8_t, kFrameHeadBytes> head;
};

int read_sealed(SealedFile& file, std::uint8_t* into, int amount, sqlite3_int64 at);
int write_sealed(SealedFile& file, const std::uint8_t* from, int amount, sqlite3_int64 at);
// Before anything else is done with the file: a head that waits is written.
int write_waiting_head(SealedFile& file);

}  // namespace songsong
