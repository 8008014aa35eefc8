// Importer: lists as schools keep them, XLSX or CSV, become records. It reads bytes, not files, and prints nothing, so
// that the browser uses it as the command line does.
//
// The right rows of a list go in, the wrong ones are told with row, column and reason. The same list again adds
// nothing, also after a kill: each row leaves a mark in the transaction that saves its records, a keyed digest of what
// it says (and of how many rows of the list before it say the same). A row that says something else is a new row.
//
// One thread; borrows the replica. Bounded by SheetLimits.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/messages.h"
#include "shared/replica/replica.h"

namespace songsong {

struct ImportOptions {
  std::string profile;  // a kind's name, or a profile of profiles.h
  std::string unit;     // where rows belong that name no unit; the replica's first, if empty
  bool dry_run = false;
  std::function<void(std::span<std::uint8_t>)> entropy;
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

struct RowFault {
  std::size_t row = 0;             // as in the sheet, 1 being its first
  std::string column;              // the heading as the list has it; a field's label where the list has no such column
  Fault fault;                     // quotes no value
  std::vector<std::string> cells;  // of the row, for the file of errors
};

struct ImportReport {
  std::size_t rows = 0;      // with anything in them
  std::size_t imported = 0;  // rows that made records now
  std::size_t known = 0;     // rows that had made theirs before
  std::size_t records = 0;   // made now
  std::vector<RowFault> faults;
  std::size_t wrong_rows = 0;
  std::vector<std::string> headings;          // of the list
  std::vector<std::string> unknown_headings;  // that meant nothing
};

// Faults: "unknown_profile", "not_a_spreadsheet", "old_excel", "encrypted_spreadsheet", "no_heading" (no row of the
// first twenty looks like a heading), those of parse_csv and of the store. Rows that were saved before a fault stay.
Outcome<ImportReport> import_list(Replica& replica, std::string_view file_name, std::string_view bytes,
                                  const ImportOptions& options);

// What a file of errors holds: row, column and reason, then the row's own cells, so that they can be mended and
// imported from there. UTF-8 with a byte order mark, as spreadsheets want it.
std::string errors_csv(const ImportReport& report, Language language);

}  // namespace songsong
