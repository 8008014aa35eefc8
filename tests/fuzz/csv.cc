// CSV, as lists come in.
#include "shared/core/csv.h"

#include "tests/fuzz/target.h"

namespace songsong::fuzz {

void csv(std::string_view bytes) {
  const CsvLimits limits{.rows = 4096, .columns = 64, .cell_bytes = 4096};
  const Outcome<std::vector<CsvRow>> rows = parse_csv(bytes, limits);
  if (!rows) return hold_fault(rows.fault());
  hold(rows->size() <= limits.rows, "a list has no more rows than its limit");
  // The delimiter is what the first line has most of; a heading of enough cells says it is the comma.
  std::string again = write_csv_row(CsvRow(60, "x"));
  for (const CsvRow& row : *rows) {
    hold(row.size() <= limits.columns, "a row has no more columns than its limit");
    for (const std::string& cell : row) hold(cell.size() <= limits.cell_bytes, "a cell is no longer than its limit");
    again += write_csv_row(row);
  }
  const std::vector<CsvRow> read = must(parse_csv(again));
  hold(read.size() == rows->size() + 1, "a list that is written has as many rows");
  for (std::size_t i = 0; i < rows->size(); ++i) {
    // A row of one empty cell is an empty line.
    const CsvRow& row = (*rows)[i];
    hold(read[i + 1] == row || (row.size() == 1 && row[0].empty() && read[i + 1].empty()),
         "a list that is written reads as the same");
  }
}

}  // namespace songsong::fuzz
