// XLSX (ECMA-376): a ZIP of XML. Read are the cells' values: shared and inline strings, numbers, booleans, errors, and
// of formulas what they last came to. XML knows no outside entities here, and a ZIP that would grow beyond the limits
// is refused before it does.
#include <zip.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <pugixml.hpp>

#include "client/import/sheet.h"

namespace songsong {
namespace {

Fault broken(const char* what) { return Fault{.code = "not_a_spreadsheet", .where = "file", .what = what}; }

struct CloseZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};

class Package {
 public:
  static Outcome<Package> open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    if (source == nullptr) return broken("The file cannot be read.");
    Package package;
    package.zip_.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (package.zip_ == nullptr) {
      zip_source_free(source);
      return broken("The file was cut short, or is no spreadsheet.");
    }
    const zip_int64_t members = zip_get_num_entries(package.zip_.get(), 0);
    if (members < 0 || static_cast<std::size_t>(members) > kMaxZipMembers)
      return broken("The file has too many parts.");
    return package;
  }

  bool has(const std::string& name) const { return zip_name_locate(zip_.get(), name.c_str(), 0) >= 0; }

  // Counts what was really unfolded, not what the ZIP says.
  Outcome<std::string> read(const std::string& name) {
    zip_stat_t said;
    zip_stat_init(&said);
    if (zip_stat(zip_.get(), name.c_str(), 0, &said) != 0) return broken("A part of the spreadsheet is missing.");
    if ((said.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && said.encryption_method != ZIP_EM_NONE)
      return Fault{.code = "encrypted_spreadsheet", .where = "file", .what = "The spreadsheet has a password."};
    const std::unique_ptr<zip_file_t, CloseMember> member(zip_fopen(zip_.get(), name.c_str(), 0));
    if (member == nullptr) return broken("A part of the spreadsheet cannot be read.");
    std::string text;
    char buffer[64 * 1024];
    for (;;) {
      const zip_int64_t got = zip_fread(member.get(), buffer, sizeof(buffer));
      if (got < 0) return broken("A part of the spreadsheet is damaged.");
      if (got == 0) return text;
      unfolded_ += static_cast<std::size_t>(got);
      if (text.size() + static_cast<std::size_t>(got) > kMaxMemberBytes || unfolded_ > kMaxUnzippedBytes)
        return Fault{.code = "file_too_large", .where = "file", .what = "The spreadsheet unfolds to too much."};
      text.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  std::unique_ptr<zip_t, CloseZip> zip_;
  std::size_t unfolded_ = 0;
};

// Prefixes of namespaces are the writer's choice.
bool is(const pugi::xml_node& node, std::string_view name) {
  std::string_view whole = node.name();
  const std::size_t colon = whole.find(':');
  if (colon != std::string_view::npos) whole.remove_prefix(colon + 1);
  return whole == name;
}

std::string attribute(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_attribute& each : node.attributes()) {
    std::string_view whole = each.name();
    const std::size_t colon = whole.find(':');
    if (colon != std::string_view::npos) whole.remove_prefix(colon + 1);
    if (whole == name) return each.value();
  }
  return {};
}

// The text of a string item: of its runs, without the readings of phonetic guides.
std::string text_of(const pugi::xml_node& item) {
  std::string text;
  for (const pugi::xml_node& child : item.children()) {
    if (is(child, "t")) text += child.text().get();
    if (is(child, "r")) {
      for (const pugi::xml_node& part : child.children()) {
        if (is(part, "t")) text += part.text().get();
      }
    }
  }
  return text.substr(0, kMaxCellBytes);
}

Outcome<pugi::xml_document> parse(const std::string& text) {
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (!result) return broken("A part of the spreadsheet is no XML.");
  return document;
}

// "C7" is column 2 of row 7, both from 0; false for anything else.
bool parse_reference(const std::string& reference, std::size_t& row, std::size_t& column) {
  std::size_t at = 0, letters = 0, digits = 0;
  for (; at < reference.size() && reference[at] >= 'A' && reference[at] <= 'Z' && at < 4; ++at)
    letters = letters * 26 + static_cast<std::size_t>(reference[at] - 'A' + 1);
  for (; at < reference.size() && reference[at] >= '0' && reference[at] <= '9' && digits < 100'000'000; ++at)
    digits = digits * 10 + static_cast<std::size_t>(reference[at] - '0');
  if (letters == 0 || digits == 0 || at != reference.size()) return false;
  row = digits - 1;
  column = letters - 1;
  return true;
}

// As people read it: no exponent, no ".0".
std::string plain_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(value) || std::fabs(value) >= 1e15) return text;
  if (std::floor(value) == value) return std::to_string(static_cast<long long>(value));
  return text;
}

class Reader {
 public:
  explicit Reader(Package package) : package_(std::move(package)) {}

  Outcome<std::vector<Sheet>> run() {
    const Outcome<std::vector<std::string>> parts = sheet_parts();
    if (!parts) return parts.fault();
    if (package_.has("xl/sharedStrings.xml")) {
      const Outcome<Done> read = read_shared_strings();
      if (!read) return read.fault();
    }
    std::vector<Sheet> sheets;
    for (const std::string& part : *parts) {
      Outcome<Sheet> sheet = read_sheet(part);
      if (!sheet) return sheet.fault();
      sheets.push_back(std::move(*sheet));
    }
    return sheets;
  }

 private:
  Outcome<pugi::xml_document> document(const std::string& name) {
    const Outcome<std::string> text = package_.read(name);
    if (!text) return text.fault();
    return parse(*text);
  }

  Outcome<std::vector<std::string>> sheet_parts() {
    if (!package_.has("xl/workbook.xml")) return broken("This ZIP is no spreadsheet.");
    const Outcome<pugi::xml_document> relations = document("xl/_rels/workbook.xml.rels");
    if (!relations) return relations.fault();
    std::map<std::string, std::string> targets;
    for (const pugi::xml_node& relation : relations->document_element().children()) {
      std::string target = attribute(relation, "Target");
      target = target.starts_with("/") ? target.substr(1) : "xl/" + target;
      targets[attribute(relation, "Id")] = target;
    }
    const Outcome<pugi::xml_document> workbook = document("xl/workbook.xml");
    if (!workbook) return workbook.fault();
    std::vector<std::string> parts;
    for (const pugi::xml_node& node : workbook->document_element().children()) {
      if (!is(node, "sheets")) continue;
      for (const pugi::xml_node& sheet : node.children()) {
        const auto target = targets.find(attribute(sheet, "id"));
        if (target == targets.end() || !package_.has(target->second)) continue;
        if (attribute(sheet, "state") != "" && attribute(sheet, "state") != "visible") continue;
        if (parts.size() < kMaxSheets) parts.push_back(target->second);
      }
    }
    if (parts.empty()) return broken("The spreadsheet has no sheet.");
    return parts;
  }

  Outcome<Done> read_shared_strings() {
    const Outcome<pugi::xml_document> strings = document("xl/sharedStrings.xml");
    if (!strings) return strings.fault();
    for (const pugi::xml_node& item : strings->document_element().children()) {
      if (is(item, "si")) shared_.push_back(text_of(item));
    }
    return Done{};
  }

  SheetCell cell_of(const pugi::xml_node& node) const {
    const std::string type = attribute(node, "t");
    std::string value;
    for (const pugi::xml_node& child : node.children()) {
      if (is(child, "v")) value = child.text().get();
      if (is(child, "is")) return SheetCell{.text = text_of(child), .number = false, .error = false};
    }
    value.resize(std::min(value.size(), kMaxCellBytes));
    if (type == "s") {
      const std::size_t index = std::strtoul(value.c_str(), nullptr, 10);
      return SheetCell{
          .text = index < shared_.size() && !value.empty() ? shared_[index] : "", .number = false, .error = false};
    }
    if (type == "e") return SheetCell{.text = value, .number = false, .error = true};
    if (type == "b") return SheetCell{.text = value == "1" ? "true" : "false", .number = false, .error = false};
    if (type == "str" || type == "d") return SheetCell{.text = value, .number = false, .error = false};
    return SheetCell{.text = plain_number(value), .number = !value.empty(), .error = false};
  }

  Outcome<Sheet> read_sheet(const std::string& part) {
    const Outcome<pugi::xml_document> sheet = document(part);
    if (!sheet) return sheet.fault();
    Sheet read;
    for (const pugi::xml_node& data : sheet->document_element().children()) {
      if (!is(data, "sheetData")) continue;
      for (const pugi::xml_node& row : data.children()) {
        const Outcome<Done> taken = read_row(row, read);
        if (!taken) return taken.fault();
      }
    }
    return read;
  }

  Outcome<Done> read_row(const pugi::xml_node& row, Sheet& into) {
    const std::string said = attribute(row, "r");
    std::size_t number = said.empty() ? into.rows.size() : std::strtoul(said.c_str(), nullptr, 10) - 1;
    std::size_t column = 0;
    for (const pugi::xml_node& node : row.children()) {
      if (!is(node, "c")) continue;
      SheetCell cell = cell_of(node);
      std::size_t named_row = 0, named_column = 0;
      if (parse_reference(attribute(node, "r"), named_row, named_column)) {
        number = named_row;
        column = named_column;
      }
      if (!cell.text.empty() || cell.error) {
        if (number >= kMaxRows)
          return Fault{.code = "too_many_rows", .where = "file", .what = "The sheet has too many rows."};
        if (column >= kMaxColumns)
          return Fault{.code = "too_many_columns",
                       .where = "row " + std::to_string(number + 1),
                       .what = "The sheet has too many columns."};
        const Outcome<Done> put = put_cell(std::move(cell), number, column, into);
        if (!put) return put;
      }
      ++column;
    }
    return Done{};
  }

  // Makes the room that the place asks for, up to the limits.
  Outcome<Done> put_cell(SheetCell cell, std::size_t row, std::size_t column, Sheet& into) {
    if (into.rows.size() <= row) cells_ += row + 1 - into.rows.size();  // a row costs about what a cell does
    const std::size_t there = row < into.rows.size() ? into.rows[row].size() : 0;
    if (there <= column) cells_ += column + 1 - there;
    text_bytes_ += cell.text.size();
    if (cells_ > kMaxCells || text_bytes_ > kMaxTextInCells)
      return Fault{.code = "file_too_large", .where = "file", .what = "The spreadsheet has too many cells."};
    if (into.rows.size() <= row) into.rows.resize(row + 1);
    if (there <= column) into.rows[row].resize(column + 1);
    into.rows[row][column] = std::move(cell);
    return Done{};
  }

  Package package_;
  std::vector<std::string> shared_;
  std::size_t cells_ = 0;  // of all sheets, as text_bytes_
  std::size_t text_bytes_ = 0;
};

}  // namespace

Outcome<std::vector<Sheet>> read_xlsx(std::string_view bytes) {
  Outcome<Package> package = Package::open(bytes);
  if (!package) return package.fault();
  return Reader(std::move(*package)).run();
}

}  // namespace songsong
