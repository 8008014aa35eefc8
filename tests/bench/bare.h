// The physical limits: the same records without anything of ours: a plain row form, SQLite's C interface, zstd.
#pragma once

#include <sqlite3.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/change.h"

namespace songsong::bench {

// A change as a program without a codec would write it: name, time, unit, then fields with their values.
std::string plain_form(const Change& change);

// zstd -19 with a dictionary of 32 KiB, trained on other records; bytes a change in messages of so many.
double bare_zstd_bytes(std::span<const Change> changes, std::size_t in_message);

// A database with one table of rows.
class BareTable {
 public:
  explicit BareTable(const std::string& path);
  ~BareTable();
  BareTable(const BareTable&) = delete;
  BareTable& operator=(const BareTable&) = delete;

  // One transaction, synchronous as the server is.
  void insert(std::span<const std::string> rows);
  void checkpoint();

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

// Opens a database and reads one row.
double bare_open_ms(const std::string& path);
// Looks through every row's text for a word.
double bare_scan_ms(const std::string& path, const std::string& sql, std::string_view word);

}  // namespace songsong::bench
