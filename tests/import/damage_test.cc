// Bytes that mean harm, or were cut short: a fault, never a crash, never memory without a bound.
#include <catch2/catch_test_macros.hpp>

#include "client/import/sheet.h"
#include "shared/core/csv.h"
#include "tests/import/workbook.h"
#include "tests/support/random.h"

namespace songsong::testing {
namespace {

std::string code_of(const std::string& bytes) {
  const Outcome<std::vector<Sheet>> sheets = read_sheets(bytes);
  return sheets ? "" : sheets.fault().code;
}

const std::string kRelations =
    R"(<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>)";
const std::string kWorkbook = R"(<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>)";

std::string package(const std::string& sheet, const std::string& strings = "<sst/>") {
  return zip_of({{"xl/workbook.xml", kWorkbook},
                 {"xl/_rels/workbook.xml.rels", kRelations},
                 {"xl/sharedStrings.xml", strings},
                 {"xl/worksheets/sheet1.xml", sheet}});
}

TEST_CASE("a small ZIP that unfolds to gigabytes is refused before it does") {
  const std::string zeros(kMaxMemberBytes + 1, ' ');
  const std::string bomb = package(zeros);
  CHECK(bomb.size() < 1'000'000);
  CHECK(code_of(bomb) == "file_too_large");
  CHECK(code_of(package("<worksheet/>", zeros)) == "file_too_large");
}

TEST_CASE("a small spreadsheet that says one long text over and over is refused before it fills the memory") {
  std::string cells;
  for (std::size_t row = 1; row <= 4000; ++row) cells += "<row><c t=\"s\"><v>0</v></c></row>";
  const std::string sheet = "<worksheet><sheetData>" + cells + "</sheetData></worksheet>";
  const std::string strings = "<sst><si><t>" + std::string(kMaxCellBytes, 'x') + "</t></si></sst>";
  CHECK(code_of(package(sheet, strings)) == "file_too_large");
  CHECK(code_of(package(sheet, "<sst><si><t>Lan</t></si></sst>")).empty());
}

TEST_CASE("a small spreadsheet whose cells all stand in the last column is refused before it fills the memory") {
  std::string cells;
  for (std::size_t row = 1; row <= kMaxCells / kMaxColumns + 1; ++row)
    cells += "<row><c r=\"IV" + std::to_string(row) + "\"><v>1</v></c></row>";
  CHECK(code_of(package("<worksheet><sheetData>" + cells + "</sheetData></worksheet>")) == "file_too_large");
  // A few sheets of one part each, with nothing but a cell far below.
  std::string names;
  for (std::size_t i = 0; i < kMaxSheets; ++i) names += R"(<sheet name="a" r:id="r1"/>)";
  const std::string far = "<worksheet><sheetData><row><c r=\"A" + std::to_string(kMaxRows) +
                          "\"><v>1</v></c></row></sheetData></worksheet>";
  CHECK(code_of(zip_of({{"xl/workbook.xml", "<workbook><sheets>" + names + "</sheets></workbook>"},
                        {"xl/_rels/workbook.xml.rels", kRelations},
                        {"xl/worksheets/sheet1.xml", far}})) == "file_too_large");
}

TEST_CASE("a list of commas alone is refused before it fills the memory, and no row has a column too many") {
  std::string commas;
  for (std::size_t row = 0; row <= kMaxCells / kMaxColumns; ++row) commas += std::string(kMaxColumns - 1, ',') + "\n";
  CHECK(code_of(commas) == "file_too_large");
  CHECK(code_of(std::string(kMaxColumns - 1, ',')).empty());
  CHECK(code_of(std::string(kMaxColumns, ',')) == "too_many_columns");
}

TEST_CASE("a ZIP that is no spreadsheet, and one whose parts are missing or no XML, are named as such") {
  CHECK(code_of(zip_of({{"letter.txt", "hello"}})) == "not_a_spreadsheet");
  CHECK(code_of(zip_of({{"xl/workbook.xml", kWorkbook}})) == "not_a_spreadsheet");
  CHECK(code_of(package("<worksheet><sheetData><row><c")) == "not_a_spreadsheet");
  CHECK(code_of(package("<worksheet><sheetData/></worksheet>")).empty());
}

TEST_CASE("cells that stand at impossible places, or point to texts that are not there, do no harm") {
  for (const char* const cell :
       {R"(<c r="ZZZZZZ1"><v>1</v></c>)", R"(<c r="A99999999999999999999"><v>1</v></c>)",
        R"(<c r="XFD1048576"><v>1</v></c>)", R"(<c r="A1" t="s"><v>77</v></c>)", R"(<c r="A1" t="s"><v>-1</v></c>)",
        R"(<c r="" t="s"><v>x</v></c>)", R"(<c r="A1" t="e"><v>#REF!</v></c>)", R"(<c r="A1" t="b"><v>1</v></c>)"}) {
    INFO(cell);
    const Outcome<std::vector<Sheet>> sheets =
        read_sheets(package(std::string("<worksheet><sheetData><row>") + cell + "</row></sheetData></worksheet>"));
    if (sheets) {
      std::size_t cells = 0;
      for (const auto& row : sheets->front().rows) cells += row.size();
      CHECK(cells <= kMaxColumns);
    } else {
      CHECK_FALSE(sheets.fault().code.empty());
    }
  }
}

TEST_CASE("an entity that names a file of this machine stays a name") {
  const std::string sheet =
      R"(<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>)";
  const Outcome<std::vector<Sheet>> sheets = read_sheets(package(sheet));
  REQUIRE(sheets.ok());
  CHECK(sheets->front().rows.at(0).at(0).text == "&x;");
}

TEST_CASE("a spreadsheet cut short anywhere, or with any byte altered, is a fault or a sheet") {
  const std::string whole = workbook({{{"Họ và tên"}, {"Lớp"}}, {{"Nguyễn Thị Hoa"}, {3.0}}});
  for (std::size_t length = 0; length < whole.size(); length += 7)
    CHECK_FALSE(code_of(whole.substr(0, length)).empty());
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string altered = whole;
    altered[random.below(altered.size())] = static_cast<char>(random.next());
    const Outcome<std::vector<Sheet>> sheets = read_sheets(altered);
    if (!sheets) CHECK_FALSE(sheets.fault().what.empty());
  }
}

TEST_CASE("any bytes are CSV or a fault with a row") {
  Random random(12);
  const std::string letters = "ab,;\t\"\"\r\n\xEF\xBB\xBF\xC3\xA9\xFF\xFE";
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    for (std::uint64_t length = random.below(40); length > 0; --length) bytes.push_back(random.pick(letters));
    const Outcome<std::vector<CsvRow>> rows = parse_csv(bytes);
    if (!rows) CHECK_FALSE(rows.fault().where.empty());
  }
}

}  // namespace
}  // namespace songsong::testing
