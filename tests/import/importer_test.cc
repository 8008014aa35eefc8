// Lists as schools keep them: what goes in, what is told as wrong, and what a second import adds.
#include "client/import/importer.h"

#include <catch2/catch_test_macros.hpp>

#include "client/import/sheet.h"
#include "tests/import/workbook.h"
#include "tests/support/must.h"
#include "tests/support/phone.h"

namespace songsong::testing {
namespace {

constexpr ReplicaId kPhone{7};

ImportOptions options(Random& random, const std::string& profile = "school_list") {
  ImportOptions options;
  options.profile = profile;
  options.entropy = [&random](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  };
  return options;
}

class School {
 public:
  ImportReport import(const std::string& bytes, const std::string& profile = "school_list") {
    return must(import_list(phone_.replica(), "list", bytes, options(random_, profile)));
  }
  std::string refused(const std::string& bytes, const std::string& profile = "school_list") {
    const Outcome<ImportReport> report = import_list(phone_.replica(), "list", bytes, options(random_, profile));
    return report ? "" : report.fault().code;
  }
  std::vector<RecordId> pupils() {
    std::vector<RecordId> ids;
    must(phone_.replica().list(programme().kind_named("pupil")->number(), [&ids](const RecordView& view) {
      ids.push_back(view.state.id);
      return true;
    }));
    return ids;
  }
  std::string shown(std::size_t index, const std::string& field) { return phone_.shown(pupils().at(index), field); }
  Phone& phone() { return phone_; }

 private:
  Phone phone_{kPhone};
  Random random_{1};
};

const std::string kHeading = "STT,Họ và tên,Ngày sinh,Lớp,Cấp học,Hoàn cảnh,Nhu cầu thiết bị\n";

std::string fault_of(const ImportReport& report, std::size_t row) {
  for (const RowFault& each : report.faults) {
    if (each.row == row) return each.column + ": " + each.fault.code;
  }
  return "";
}

TEST_CASE("a list with a title above it and a sum below goes in; the title and the sum do not") {
  School school;
  const ImportReport report = school.import(
      "TRƯỜNG TIỂU HỌC SỐ 1\n\n" + kHeading +
      "1,Nguyễn Thị Hoa,05/09/2013,3A,Tiểu học,Hộ nghèo,\n2,Trần Văn Bình,6/10/2012,Lớp 4,tieu hoc,Cận nghèo,\n"
      ",Tổng cộng: 2 em,,,,,\n");
  CHECK(report.faults.empty());
  CHECK(report.rows == 2);
  CHECK(report.imported == 2);
  CHECK(school.pupils().size() == 2);
}

TEST_CASE("a child whose name begins like the line of a sum is a child") {
  School school;
  const ImportReport report = school.import(
      kHeading + "1,Tống Công Phúc,05/09/2013,3A,Tiểu học,Hộ nghèo,\n,Tống Công Minh,,,,,\n,Tổng số 35,,,,,\n");
  CHECK(report.imported == 1);
  CHECK(school.shown(0, "full_name") == "Tống Công Phúc");
  // A name alone is a row too, and a wrong one: it says nothing else.
  CHECK(report.wrong_rows == 1);
  CHECK(fault_of(report, 3) != "");
  CHECK(fault_of(report, 4) == "");
}

TEST_CASE("dates are read as schools write them, and an impossible one is told where it stands") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"05/09/2013", "2013-09-05"},         {"5/9/2013", "2013-09-05"},   {"5-9-2013", "2013-09-05"},
      {"5.9.2013", "2013-09-05"},           {"2013-09-05", "2013-09-05"}, {"5/9/13", "2013-09-05"},
      {"2013-09-05 00:00:00", "2013-09-05"}};
  for (const auto& [written, meant] : cases) {
    School school;
    INFO(written);
    school.import(kHeading + "1,Nguyễn Thị Hoa," + written + ",3A,Tiểu học,Hộ nghèo,\n");
    REQUIRE(school.pupils().size() == 1);
    CHECK(school.shown(0, "birth_date") == meant);
  }
  School school;
  const ImportReport report = school.import(kHeading + "1,Nguyễn Thị Hoa,31/02/2013,3A,Tiểu học,Hộ nghèo,\n");
  CHECK(fault_of(report, 2) == "Ngày sinh: date_impossible");
  CHECK(school.pupils().empty());
}

TEST_CASE("wrong rows are told with row, column and reason, the right ones beside them go in") {
  School school;
  const ImportReport report = school.import(kHeading +
                                            "1,Nguyễn Thị Hoa,05/09/2013,3A,Tiểu học,Hộ nghèo,\n"
                                            "2,,05/09/2013,3A,Tiểu học,Hộ nghèo,\n"
                                            "3,Lê Văn Nam,chưa rõ,3A,Tiểu học,Hộ nghèo,\n"
                                            "4,Phạm Thị Lan,05/09/2013,13A,Tiểu học,Hộ nghèo,\n"
                                            "5,Vũ Văn Hải,05/09/2013,3A,Đại học,Hộ nghèo,\n");
  CHECK(report.imported == 1);
  CHECK(report.wrong_rows == 4);
  CHECK(fault_of(report, 3) == "Họ và tên: required");
  CHECK(fault_of(report, 4) == "Ngày sinh: date_malformed");
  CHECK(fault_of(report, 5) == "Lớp: out_of_range");
  CHECK(fault_of(report, 6) == "Cấp học: unknown_value");
  CHECK(errors_csv(report, Language::kVietnamese).find("Tiểu học (Primary), Trung học cơ sở") != std::string::npos);
}

TEST_CASE("the file of errors opens in a spreadsheet, and imports when it is mended") {
  School school;
  const ImportReport report =
      school.import(kHeading + "1,\"Lê Văn \"\"Tèo\"\" Nam\",31/02/2013,3A,Tiểu học,Hộ nghèo,\n");
  std::string errors = errors_csv(report, Language::kVietnamese);
  CHECK(errors.starts_with("\xEF\xBB\xBF"));
  const std::size_t wrong = errors.find("31/02/2013");
  REQUIRE(wrong != std::string::npos);
  errors.replace(wrong, 10, "28/02/2013");
  CHECK(school.import(errors).imported == 1);
  CHECK(school.shown(0, "full_name") == "Lê Văn \"Tèo\" Nam");
}

TEST_CASE("the same list again adds nothing; a new row in it does; two alike rows are two children") {
  School school;
  const std::string list = kHeading + "1,Nguyễn Thị Hoa,05/09/2013,3A,Tiểu học,Hộ nghèo,\n";
  CHECK(school.import(list).imported == 1);
  const ImportReport again = school.import(list);
  CHECK(again.imported == 0);
  CHECK(again.known == 1);
  const std::string longer = list + "2,Trần Văn Bình,06/10/2012,4A,Tiểu học,Hộ nghèo,\n" +
                             "3,Nguyễn Thị Hoa,05/09/2013,3A,Tiểu học,Hộ nghèo,\n";
  const ImportReport third = school.import(longer);
  CHECK(third.imported == 2);
  CHECK(third.known == 1);
  CHECK(school.pupils().size() == 3);
}

TEST_CASE("columns in another order, other words, other encodings say the same") {
  const std::vector<std::string> lists{
      "Lớp;Họ tên học sinh;Sinh ngày;Cấp;Hoàn cảnh gia đình\n3A;Nguyễn Thị Hoa;05/09/2013;Tiểu học;Hộ nghèo\n",
      "full_name\tbirth_date\tgrade\tschool_level\thousehold\nNguyễn Thị Hoa\t2013-09-05\t3\tprimary\tpoor\n"};
  for (const std::string& list : lists) {
    School school;
    const ImportReport report = school.import(list);
    INFO((report.unknown_headings.empty() ? "" : report.unknown_headings.front()));
    CHECK(report.imported == 1);
    REQUIRE(school.pupils().size() == 1);
    CHECK(school.shown(0, "full_name") == "Nguyễn Thị Hoa");
    CHECK(school.shown(0, "grade") == "3");
  }
  School school;
  std::string wide = "\xFF\xFE";
  for (const char16_t unit :
       std::u16string(u"Họ và tên,Ngày sinh,Lớp,Cấp học,Hoàn cảnh\nHoa,05/09/2013,3A,Tiểu học,nghèo\n")) {
    wide.push_back(static_cast<char>(unit & 0xFF));
    wide.push_back(static_cast<char>(unit >> 8));
  }
  CHECK(school.import(wide).imported == 1);
}

TEST_CASE("a spreadsheet's numbers are dates, and phones that lost their zero get it back") {
  School school;
  const std::string bytes =
      workbook({{{"Họ và tên"}, {"Ngày sinh"}, {"Lớp"}, {"Cấp học"}, {"Điện thoại phụ huynh"}, {"Hoàn cảnh"}},
                {{"Nguyễn Thị Hoa"}, {41522.0}, {3.0}, {"Tiểu học"}, {912345678.0}, {"Hộ nghèo"}}});
  const ImportReport report = school.import(bytes);
  for (const RowFault& each : report.faults) UNSCOPED_INFO(each.column << " " << each.fault.code);
  REQUIRE(report.imported == 1);
  CHECK(school.shown(0, "birth_date") == "2013-09-05");
  CHECK(school.shown(0, "phone") == "0912345678");
}

TEST_CASE("what is no list is refused with the reason, and saves nothing") {
  School school;
  CHECK(school.refused("") == "not_a_spreadsheet");
  CHECK(school.refused("<!DOCTYPE html><html><body>Đăng nhập</body></html>") == "not_a_spreadsheet");
  CHECK(school.refused("%PDF-1.4 ...") == "not_a_spreadsheet");
  CHECK(school.refused("a,b,c\n1,2,3\n") == "no_heading");
  CHECK(school.refused(kHeading + "1,\"Hoa\n") == "quote_open");
  CHECK(school.refused(kHeading + "1,Ho\xFF"
                                  "a\n") == "not_utf8");
  CHECK(school.refused(kHeading, "nothing") == "unknown_profile");
  std::string old_excel(600, '\0');
  old_excel.replace(0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
  CHECK(school.refused(old_excel) == "old_excel");
  CHECK(school.phone().log().empty());
}

}  // namespace
}  // namespace songsong::testing
