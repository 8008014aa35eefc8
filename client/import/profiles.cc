#include "client/import/profiles.h"

#include <algorithm>
#include <array>

namespace songsong {
namespace {

constexpr std::string_view kSchoolList = "school_list";

}  // namespace

Outcome<std::vector<const KindPolicy*>> kinds_of_profile(std::string_view profile, const Policies& policies) {
  if (profile == kSchoolList) {
    const KindPolicy* const pupil = policies.kind_named("pupil");
    const KindPolicy* const need = policies.kind_named("need");
    if (pupil != nullptr && need != nullptr) return std::vector<const KindPolicy*>{pupil, need};
  }
  const KindPolicy* const kind = policies.kind_named(profile);
  if (kind != nullptr && !kind->internal()) return std::vector<const KindPolicy*>{kind};
  std::string allowed(kSchoolList);
  for (const KindPolicy& each : policies.table().kind()) {
    if (!each.internal()) allowed += ", " + each.name();
  }
  return Fault{.code = "unknown_profile",
               .where = std::string(profile),
               .what = "There is no such list profile; allowed: " + allowed};
}

const std::vector<ProfileHeading>& school_headings() {
  static const std::vector<ProfileHeading> all{
      {"Họ và tên", "pupil", "full_name"},
      {"Họ tên", "pupil", "full_name"},
      {"Họ và tên học sinh", "pupil", "full_name"},
      {"Họ tên học sinh", "pupil", "full_name"},
      {"Tên học sinh", "pupil", "full_name"},
      {"Ngày sinh", "pupil", "birth_date"},
      {"Ngày tháng năm sinh", "pupil", "birth_date"},
      {"Ngày, tháng, năm sinh", "pupil", "birth_date"},
      {"Sinh ngày", "pupil", "birth_date"},
      {"Giới tính", "pupil", "gender"},
      {"Nam/Nữ", "pupil", "gender"},
      {"Lớp", "pupil", "grade"},
      {"Khối", "pupil", "grade"},
      {"Khối lớp", "pupil", "grade"},
      {"Trường", "pupil", "school"},
      {"Mã trường", "pupil", "school"},
      {"Tên trường", "pupil", "school"},
      {"Trường học", "pupil", "school"},
      {"Cấp học", "pupil", "school_level"},
      {"Cấp", "pupil", "school_level"},
      {"Bậc học", "pupil", "school_level"},
      {"Hộ nghèo/cận nghèo", "pupil", "household"},
      {"Hộ nghèo, cận nghèo", "pupil", "household"},
      {"Hoàn cảnh", "pupil", "household"},
      {"Hoàn cảnh gia đình", "pupil", "household"},
      {"Đối tượng", "pupil", "household"},
      {"Diện", "pupil", "household"},
      {"Mã học sinh", "pupil", "student_code"},
      {"Mã HS", "pupil", "student_code"},
      {"Mã định danh", "pupil", "citizen_id"},
      {"Số định danh", "pupil", "citizen_id"},
      {"Số định danh cá nhân", "pupil", "citizen_id"},
      {"CCCD", "pupil", "citizen_id"},
      {"CMND/CCCD", "pupil", "citizen_id"},
      {"Số CCCD", "pupil", "citizen_id"},
      {"SĐT", "pupil", "phone"},
      {"Số điện thoại", "pupil", "phone"},
      {"Điện thoại", "pupil", "phone"},
      {"SĐT phụ huynh", "pupil", "phone"},
      {"Điện thoại phụ huynh", "pupil", "phone"},
      {"Cha/mẹ", "pupil", "guardian"},
      {"Họ tên cha/mẹ", "pupil", "guardian"},
      {"Phụ huynh", "pupil", "guardian"},
      {"Người giám hộ", "pupil", "guardian"},
      {"Khu vực", "pupil", "area"},
      {"Vùng", "pupil", "area"},
      {"Ghi chú", "pupil", "note"},
      {"Thiếu", "need", "lacks"},
      {"Còn thiếu", "need", "lacks"},
      {"Thiết bị còn thiếu", "need", "lacks"},
      {"Nhu cầu", "need", "lacks"},
      {"Thiết bị mong muốn", "need", "wanted"},
      {"Thiết bị đề nghị", "need", "wanted"},
      {"Đề nghị hỗ trợ", "need", "wanted"},
      {"Loại thiết bị", "device", "device_type"},
      {"Loại máy", "device", "device_type"},
      {"Số máy", "device", "serial"},
      {"Số sê-ri", "device", "serial"},
      {"Đơn vị", "device", "school"},
      {"Trường", "device", "school"},
      {"Mã trường", "device", "school"},
      {"Tình trạng", "device", "condition"},
      {"Ghi chú", "device", "note"},
  };
  return all;
}

bool is_ignored_heading(std::string_view folded) {
  constexpr std::array<std::string_view, 5> kIgnored{"stt", "tt", "so tt", "so thu tu", "no"};
  return std::find(kIgnored.begin(), kIgnored.end(), folded) != kIgnored.end();
}

CellForm form_of(const KindPolicy& kind, const FieldPolicy& field) {
  if (kind.name() != "pupil") return CellForm::kPlain;
  if (field.name() == "phone") return CellForm::kPhone;
  if (field.name() == "citizen_id") return CellForm::kCode;
  if (field.name() == "grade") return CellForm::kClass;
  return CellForm::kPlain;
}

}  // namespace songsong
