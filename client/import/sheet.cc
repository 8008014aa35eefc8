#include "client/import/sheet.h"

#include <algorithm>

#include "shared/core/csv.h"

namespace songsong {
namespace {

Fault fault(const char* code, const char* what) { return Fault{.code = code, .where = "file", .what = what}; }

// A list of text has no byte that only programs write.
bool looks_binary(std::string_view bytes) {
  const std::string_view begin = bytes.substr(0, 4096);
  if (begin.starts_with("\xFF\xFE") || begin.starts_with("\xFE\xFF")) return false;
  return std::any_of(begin.begin(), begin.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\r' && c != '\n';
  });
}

bool begins_as_page(std::string_view bytes) {
  std::string begin(bytes.substr(0, 256));
  for (char& c : begin) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const std::size_t at = begin.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const std::string_view rest = std::string_view(begin).substr(std::min(at, begin.size()));
  return rest.starts_with("<!doctype") || rest.starts_with("<html") || rest.starts_with("<?xml");
}

}  // namespace

Outcome<std::vector<Sheet>> read_sheets(std::string_view bytes) {
  if (bytes.size() > kMaxListBytes) return fault("file_too_large", "The list is too large.");
  if (bytes.starts_with("PK\x03\x04")) return read_xlsx(bytes);
  // The container of old Office files; new ones with a password lie in it as well.
  if (bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
    constexpr std::string_view kEncrypted("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32);
    if (bytes.find(kEncrypted) != std::string_view::npos)
      return fault("encrypted_spreadsheet", "The spreadsheet has a password.");
    return fault("old_excel", "This is a spreadsheet of old Excel (.xls).");
  }
  if (bytes.empty() || looks_binary(bytes) || begins_as_page(bytes) || bytes.starts_with("%PDF"))
    return fault("not_a_spreadsheet", "This is neither CSV nor XLSX.");
  Outcome<std::vector<CsvRow>> rows = parse_csv(
      bytes, CsvLimits{.rows = kMaxRows, .columns = kMaxColumns, .cell_bytes = kMaxCellBytes, .cells = kMaxCells});
  if (!rows) return rows.fault();
  Sheet sheet;
  for (CsvRow& row : *rows) {
    sheet.rows.emplace_back();
    for (std::string& cell : row)
      sheet.rows.back().push_back(SheetCell{.text = std::move(cell), .number = false, .error = false});
  }
  return std::vector<Sheet>{std::move(sheet)};
}

}  // namespace songsong
