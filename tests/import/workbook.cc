#include "tests/import/workbook.h"

#include <xlsxwriter.h>
#include <zip.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/temporary_folder.h"

namespace songsong::testing {
namespace {

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

std::string workbook(const std::vector<std::vector<Cell>>& rows) {
  const TemporaryFolder folder;
  const std::string path = folder.file("list.xlsx");
  lxw_workbook* const book = workbook_new(path.c_str());
  lxw_worksheet* const sheet = workbook_add_worksheet(book, nullptr);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows[row].size(); ++column) {
      const auto at_row = static_cast<lxw_row_t>(row);
      const auto at_column = static_cast<lxw_col_t>(column);
      if (const double* const number = std::get_if<double>(&rows[row][column])) {
        worksheet_write_number(sheet, at_row, at_column, *number, nullptr);
      } else {
        worksheet_write_string(sheet, at_row, at_column, std::get<std::string>(rows[row][column]).c_str(), nullptr);
      }
    }
  }
  if (workbook_close(book) != LXW_NO_ERROR) throw std::runtime_error("no workbook could be made");
  return read_whole(path);
}

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  const TemporaryFolder folder;
  const std::string path = folder.file("made.zip");
  zip_t* const zip = zip_open(path.c_str(), ZIP_CREATE, nullptr);
  if (zip == nullptr) throw std::runtime_error("no ZIP could be made");
  for (const auto& [name, bytes] : members) {
    zip_source_t* const source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
    if (zip_file_add(zip, name.c_str(), source, ZIP_FL_OVERWRITE) < 0) throw std::runtime_error("no member was added");
  }
  if (zip_close(zip) != 0) throw std::runtime_error("no ZIP could be written");
  return read_whole(path);
}

}  // namespace songsong::testing
