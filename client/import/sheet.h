// Sheet: the cells of a list, whatever file it came in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/outcome.h"

namespace songsong {

struct SheetCell {
  std::string text;
  bool number = false;  // a spreadsheet's number: leading zeroes are lost, and a date is a count of days
  bool error = false;   // "#REF!" and the like

  bool operator==(const SheetCell&) const = default;
};

struct Sheet {
  std::vector<std::vector<SheetCell>> rows;  // row 1 of the sheet first; rows without anything are there, empty
};

inline constexpr std::size_t kMaxListBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxUnzippedBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMaxMemberBytes = std::size_t{128} << 20;
inline constexpr std::size_t kMaxZipMembers = 4096;
inline constexpr std::size_t kMaxRows = 200'000;
inline constexpr std::size_t kMaxColumns = 256;
inline constexpr std::size_t kMaxCellBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxSheets = 64;
// Of all sheets together: a spreadsheet can name one text, or a far corner, a million times in few bytes.
inline constexpr std::size_t kMaxCells = 4'000'000;
inline constexpr std::size_t kMaxTextInCells = std::size_t{128} << 20;

// By what the bytes are, not by the name. Faults: "file_too_large", "not_a_spreadsheet", "old_excel",
// "encrypted_spreadsheet", "too_many_rows", "too_many_columns", those of parse_csv.
Outcome<std::vector<Sheet>> read_sheets(std::string_view bytes);

// Of a ZIP whose bytes these are.
Outcome<std::vector<Sheet>> read_xlsx(std::string_view bytes);

}  // namespace songsong
