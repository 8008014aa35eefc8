// Lists: whatever file a person picks, and spreadsheets whose ZIP is sound and whose parts are not.
#include "client/import/sheet.h"

#include "tests/fuzz/cases.pb.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/zip.h"

namespace songsong::fuzz {
namespace {

constexpr std::size_t kMostCells = kMaxRows * 4;

}  // namespace

void sheet(std::string_view bytes) {
  ListCase list;
  if (!list.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) list.set_file(std::string(bytes));
  const std::string file = list.file().empty() ? spreadsheet(list) : list.file();
  const Outcome<std::vector<Sheet>> sheets = read_sheets(file);
  if (!sheets) return hold_fault(sheets.fault());
  hold(sheets->size() <= kMaxSheets, "a file has no more sheets than its limit");
  std::size_t cells = 0;
  for (const Sheet& sheet : *sheets) {
    hold(sheet.rows.size() <= kMaxRows, "a sheet has no more rows than its limit");
    for (const auto& row : sheet.rows) {
      hold(row.size() <= kMaxColumns, "a row has no more columns than its limit");
      cells += row.size();
      for (const SheetCell& cell : row) hold(cell.text.size() <= kMaxCellBytes, "a cell is no longer than its limit");
    }
  }
  hold(cells <= kMostCells, "a small file makes no more cells than it pays for");
}

}  // namespace songsong::fuzz
