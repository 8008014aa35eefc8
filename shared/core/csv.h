// CSV: lists as spreadsheets write them (RFC 4180, and what is found in the wild).
//
// UTF-8 with or without a byte order mark, or UTF-16 with one; lines end in CRLF, LF or CR; the delimiter is the comma,
// semicolon or tab that the first line has most of outside of quotes. A quoted cell may hold delimiters, line breaks
// and doubled quotes; whatever follows its closing quote up to the next delimiter is taken as it stands. Empty lines
// are rows without cells, so that row numbers are those of the sheet.
//
// Pure functions, any thread. Decoding never throws and takes memory in proportion to the bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/outcome.h"

namespace songsong {

struct CsvLimits {
  std::size_t rows = 200'000;
  std::size_t columns = 256;
  std::size_t cell_bytes = std::size_t{64} << 10;
  std::size_t cells = 4'000'000;  // in all: an empty one costs a byte of the file, and thirty times that in memory
};

using CsvRow = std::vector<std::string>;

// Faults, with the row in `where`: "not_utf8", "too_many_rows", "too_many_columns", "cell_too_long", "file_too_large"
// (too many cells), "quote_open" (a quote that is never closed).
Outcome<std::vector<CsvRow>> parse_csv(std::string_view bytes, const CsvLimits& limits = {});

// One line, with CRLF: cells are quoted where they have to be.
std::string write_csv_row(const CsvRow& row);

}  // namespace songsong
