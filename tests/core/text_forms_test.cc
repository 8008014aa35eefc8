// The forms in which totals, lists and messages leave the core: JSON, CSV, and what people read.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "shared/core/csv.h"
#include "shared/core/messages.h"
#include "shared/core/report.h"
#include "tests/support/must.h"
#include "tests/support/phone.h"
#include "tests/support/random.h"

namespace songsong::testing {
namespace {

TEST_CASE("a row of CSV is read back as it was written, whatever its cells hold") {
  Random random(5);
  const std::vector<std::string> parts{"a", ",", "\"", "\r\n", "\n", ";", "\t", "ế", " ", "=1"};
  for (int i = 0; i < 2000; ++i) {
    CsvRow row(1 + random.below(5));
    for (std::string& cell : row) {
      for (std::uint64_t left = random.below(5); left > 0; --left) cell += random.pick(parts);
    }
    if (row.size() == 1 && row[0].empty()) row[0] = "x";  // an empty line is a row without cells
    // The delimiter is the one that the first line has most of; so it is given one that says.
    const std::string heading = write_csv_row(CsvRow(40, "h"));
    const std::vector<CsvRow> back = must(parse_csv(heading + write_csv_row(row)));
    REQUIRE(back.size() == 2);
    CHECK(back[1] == row);
  }
}

TEST_CASE("the limits of CSV are held, and name the row") {
  const CsvLimits limits{.rows = 3, .columns = 2, .cell_bytes = 4};
  const auto fault = [&](const std::string& bytes) {
    const Outcome<std::vector<CsvRow>> rows = parse_csv(bytes, limits);
    return rows ? "" : rows.fault().code + " " + rows.fault().where;
  };
  CHECK(fault("a,b\nc,d\ne,f\n").empty());
  CHECK(fault("a\nb\nc\nd\n").starts_with("too_many_rows"));
  CHECK(fault("a,b\na,b,c\n") == "too_many_columns row 2");
  CHECK(fault("a,b\nabcde,b\n") == "cell_too_long row 2");
}

TEST_CASE("a total is one JSON, the same for every program, with every measure and no empty cells") {
  Phone phone(ReplicaId{3});
  const RecordId pupil = phone.add("pupil", {{"full_name", "Hoa"},
                                             {"school", "school-1"},
                                             {"school_level", "primary"},
                                             {"household", "poor"},
                                             {"grade", "3"},
                                             {"birth_date", "2013-09-05"}});
  phone.add("need", {{"pupil", to_text(pupil)}, {"lacks", "device"}});
  const std::optional<TotalsRow> row = must(phone.replica().totals("school-1"));
  REQUIRE(row.has_value());
  const Cells& cells = row->subtree;
  const std::string text = to_json(make_report("school-1", cells, programme()), 1'634'002'200'000);
  CHECK(text.starts_with(R"({"unit":"school-1","as_of":"2021-10-12T01:30:00Z","measures":{)"));
  const nlohmann::json json = nlohmann::json::parse(text);
  for (const char* measure : {"pupils_in_need", "devices_received", "cases_open"})
    CHECK(json["measures"].contains(measure));
  CHECK(json["measures"]["pupils_in_need"] == 1);
  CHECK(json["by"]["household"]["poor"]["pupils_in_need"] == 1);
  for (const auto& [dimension, values] : json["by"].items()) {
    for (const auto& [value, measures] : values.items()) {
      for (const auto& [measure, count] : measures.items()) CHECK(count != 0);
    }
  }
}

// What the sources give as a code: `.code = "…"`, fault("…", refused("…", at_row("…", Fault{"…".
std::set<std::string> codes_in_sources() {
  std::set<std::string> codes;
  for (const char* folder : {"shared", "client", "server"}) {
    const std::filesystem::path root = std::filesystem::path(SONGSONG_SOURCE_DIR) / folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      for (const std::string_view mark : {".code = \"", "fault(\"", "refused(\"", "at_row(\"", "Fault{\""}) {
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
          const std::size_t begin = at + mark.size();
          const std::string code = text.substr(begin, text.find('"', begin) - begin);
          // A sentence is no code.
          if (code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) codes.insert(code);
        }
      }
    }
  }
  return codes;
}

TEST_CASE("every fault has a sentence in both languages") {
  const std::set<std::string> codes = codes_in_sources();
  CHECK(codes.size() > 80);
  for (const std::string& code : codes) {
    if (code == "refused") continue;  // told by the server's code
    INFO(code);
    CHECK(has_message(code));
    const Fault fault{.code = code, .where = "here", .what = "?"};
    CHECK_FALSE(message_for(fault, Language::kVietnamese).what.empty());
    CHECK_FALSE(message_for(fault, Language::kEnglish).what.empty());
    CHECK(message_for(fault, Language::kVietnamese).what != message_for(fault, Language::kEnglish).what);
  }
}

TEST_CASE("the language is Vietnamese unless the settings say English") {
  const auto choose = [](std::map<std::string, std::string> settings) {
    return choose_language([settings](const char* name) {
      const auto found = settings.find(name);
      return found == settings.end() ? nullptr : found->second.c_str();
    });
  };
  CHECK(choose({}) == Language::kVietnamese);
  CHECK(choose({{"LANG", "en_GB.UTF-8"}}) == Language::kEnglish);
  CHECK(choose({{"LANG", "en_GB.UTF-8"}, {"LC_ALL", "vi_VN"}}) == Language::kVietnamese);
  CHECK(choose({{"LC_ALL", "C"}, {"SONGSONG_LANG", "en"}}) == Language::kEnglish);
}

}  // namespace
}  // namespace songsong::testing
