#include "shared/core/csv.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace songsong {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Fault at_row(const char* code, std::size_t row, const char* what) {
  return Fault{.code = code, .where = "row " + std::to_string(row), .what = what};
}

void append_utf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (point >> 6)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (point >> 12)));
    out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (point >> 18)));
    out.push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

// Excel's "Unicode text". A surrogate without its other half becomes U+FFFD.
std::string from_utf16(std::string_view bytes, bool little) {
  std::string out;
  const auto unit = [&](std::size_t i) {
    const auto one = static_cast<std::uint8_t>(bytes[i]), other = static_cast<std::uint8_t>(bytes[i + 1]);
    return static_cast<char32_t>(little ? one | other << 8 : one << 8 | other);
  };
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    char32_t point = unit(i);
    if (point >= 0xD800 && point < 0xDC00 && i + 3 < bytes.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    } else if (point >= 0xD800 && point < 0xE000) {
      point = 0xFFFD;
    }
    append_utf8(out, point);
  }
  return out;
}

// The byte at which the text stops being UTF-8; its length if it is.
std::size_t valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<std::uint8_t>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    const auto next = length > 1 ? static_cast<std::uint8_t>(text[i + 1]) : std::uint8_t{0};
    const bool overlong = (lead == 0xE0 && next < 0xA0) || (lead == 0xF0 && next < 0x90);
    const bool beyond = (lead == 0xED && next >= 0xA0) || (lead == 0xF4 && next >= 0x90);
    if (overlong || beyond) return i;
    i += length;
  }
  return text.size();
}

char delimiter_of(std::string_view text) {
  constexpr char kDelimiters[] = {',', ';', '\t'};
  std::size_t counts[std::size(kDelimiters)] = {};
  bool quoted = false;
  bool any = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') {
      if (any) break;  // the first line that has one decides
      continue;
    }
    for (std::size_t i = 0; i < std::size(kDelimiters); ++i) {
      if (c == kDelimiters[i]) ++counts[i], any = true;
    }
  }
  return kDelimiters[std::max_element(std::begin(counts), std::end(counts)) - std::begin(counts)];
}

class Parser {
 public:
  Parser(std::string_view text, const CsvLimits& limits)
      : text_(text), limits_(limits), delimiter_(delimiter_of(text)) {}

  Outcome<std::vector<CsvRow>> run() {
    while (at_ < text_.size()) {
      const Outcome<Done> read = read_cell();
      if (!read) return read.fault();
    }
    if (!row_.empty()) end_row();
    if (rows_.size() > limits_.rows) return at_row("too_many_rows", limits_.rows, "The list has too many rows.");
    return std::move(rows_);
  }

 private:
  Outcome<Done> read_cell() {
    std::string cell;
    if (text_[at_] == '"') {
      const std::size_t opened = rows_.size() + 1;
      for (++at_;; ++at_) {
        if (at_ >= text_.size()) return at_row("quote_open", opened, "A quote is opened and never closed.");
        if (text_[at_] == '"') {
          if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
          ++at_;
        }
        cell.push_back(text_[at_]);
        if (cell.size() > limits_.cell_bytes) return at_row("cell_too_long", opened, "A cell is too long.");
      }
      ++at_;
    }
    const std::size_t end = std::min(text_.find_first_of(std::string_view(stops_, 3), at_), text_.size());
    cell.append(text_.substr(at_, end - at_));
    if (cell.size() > limits_.cell_bytes) return at_row("cell_too_long", rows_.size() + 1, "A cell is too long.");
    const Outcome<Done> added = add_cell(std::move(cell));
    if (!added) return added;
    at_ = end;
    if (at_ == text_.size()) return Done{};
    const char stop = text_[at_++];
    if (stop == delimiter_) return at_ == text_.size() ? add_cell({}) : Done{};
    if (stop == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    end_row();
    if (rows_.size() > limits_.rows) return at_row("too_many_rows", limits_.rows, "The list has too many rows.");
    return Done{};
  }

  Outcome<Done> add_cell(std::string cell) {
    if (row_.size() == limits_.columns)
      return at_row("too_many_columns", rows_.size() + 1, "The list has too many columns.");
    if (++cells_ > limits_.cells) return at_row("file_too_large", rows_.size() + 1, "The list has too many cells.");
    row_.push_back(std::move(cell));
    return Done{};
  }

  void end_row() {
    if (row_.size() == 1 && row_.front().empty()) row_.clear();
    rows_.push_back(std::move(row_));
    row_.clear();
  }

  std::string_view text_;
  const CsvLimits& limits_;
  char delimiter_;
  const char stops_[3] = {delimiter_, '\r', '\n'};
  std::size_t at_ = 0;
  std::size_t cells_ = 0;
  CsvRow row_;
  std::vector<CsvRow> rows_;
};

}  // namespace

Outcome<std::vector<CsvRow>> parse_csv(std::string_view bytes, const CsvLimits& limits) {
  std::string converted;
  std::string_view text = bytes;
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    converted = from_utf16(bytes, bytes.starts_with("\xFF\xFE"));
    text = converted;
  } else if (bytes.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  const std::size_t valid = valid_utf8(text);
  if (valid != text.size()) {
    const auto row =
        static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(valid), '\n')) + 1;
    return at_row("not_utf8", row, "The list is not UTF-8; save it as CSV UTF-8.");
  }
  return Parser(text, limits).run();
}

std::string write_csv_row(const CsvRow& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line.push_back(',');
    const std::string& cell = row[i];
    if (cell.find_first_of(",;\t\"\r\n") == std::string::npos) {
      line.append(cell);
      continue;
    }
    line.push_back('"');
    for (const char c : cell) {
      if (c == '"') line.push_back('"');
      line.push_back(c);
    }
    line.push_back('"');
  }
  return line + "\r\n";
}

}  // namespace songsong
