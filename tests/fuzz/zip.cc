#include "tests/fuzz/zip.h"

#include <zip.h>

#include "tests/fuzz/target.h"

namespace songsong::fuzz {
namespace {

const std::string kRelations =
    R"(<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>)";
const std::string kWorkbook = R"(<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>)";

void add(zip_t* zip, const char* name, const std::string& bytes) {
  zip_source_t* const source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
  const zip_int64_t index = source == nullptr ? -1 : zip_file_add(zip, name, source, ZIP_FL_OVERWRITE);
  hold(index >= 0, "a member is added");
  // Stored: folding would cost more than reading.
  hold(zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0) == 0, "a member is stored");
}

}  // namespace

std::string spreadsheet(const ListCase& list) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const buffer = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* const zip = zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
  hold(zip != nullptr, "a ZIP is made");
  zip_source_keep(buffer);
  const std::string& relations = list.relations().empty() ? kRelations : list.relations();
  const std::string& workbook = list.workbook().empty() ? kWorkbook : list.workbook();
  add(zip, "xl/workbook.xml", workbook);
  add(zip, "xl/_rels/workbook.xml.rels", relations);
  if (!list.strings().empty()) add(zip, "xl/sharedStrings.xml", list.strings());
  add(zip, "xl/worksheets/sheet1.xml", list.sheet());
  hold(zip_close(zip) == 0, "a ZIP is written");
  zip_stat_t said;
  zip_stat_init(&said);
  hold(zip_source_stat(buffer, &said) == 0 && zip_source_open(buffer) == 0, "a ZIP is read back");
  std::string bytes(static_cast<std::size_t>(said.size), '\0');
  const zip_int64_t got = zip_source_read(buffer, bytes.data(), bytes.size());
  zip_source_close(buffer);
  zip_source_free(buffer);
  hold(got == static_cast<zip_int64_t>(bytes.size()), "a ZIP is read whole");
  return bytes;
}

}  // namespace songsong::fuzz
