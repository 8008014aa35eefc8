#include "tests/bacgiang/lists.h"

#include <utf8proc.h>
#include <xlsxwriter.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "client/import/cells.h"
#include "shared/core/civil_time.h"
#include "shared/core/csv.h"
#include "shared/core/fold.h"
#include "tests/bacgiang/reform.h"

namespace songsong::bacgiang {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kWrongRows = 240;

enum Column {
  kName,
  kBirth,
  kGender,
  kGrade,
  kSchool,
  kLevel,
  kHousehold,
  kLacks,
  kStudentCode,
  kCitizenId,
  kPhone,
  kGuardian,
  kColumns
};

// What the columns are called, by the taste of whoever made the list.
const std::array<std::vector<const char*>, kColumns> kHeadings{{
    {"Họ và tên", "Họ tên", "HỌ VÀ TÊN HỌC SINH", "Họ và tên học sinh"},
    {"Ngày sinh", "Ngày tháng năm sinh", "Ngày sinh (dd/mm/yyyy)"},
    {"Giới tính", "Nam/Nữ"},
    {"Lớp", "Khối"},
    {"Trường", "Mã trường", "Tên trường"},
    {"Cấp học", "Bậc học"},
    {"Hộ nghèo/cận nghèo", "Hoàn cảnh gia đình", "Đối tượng", "Diện"},
    {"Còn thiếu", "Thiết bị còn thiếu", "Nhu cầu"},
    {"Mã học sinh", "Mã HS"},
    {"Số định danh", "CCCD", "Số định danh cá nhân"},
    {"SĐT phụ huynh", "Điện thoại", "Số điện thoại"},
    {"Cha/mẹ", "Người giám hộ", "Phụ huynh"},
}};

// Names that no child of the world bears (world.cc).
constexpr std::array kStrangers{"Thế Vượng", "Trọng Nghĩa", "Ánh Nguyệt", "Tố Uyên", "Sỹ Luân", "Như Ý"};

struct Taste {
  bool xlsx = false;
  bool titled = false;
  bool numbered = false;  // a column STT
  char delimiter = ',';
  bool byte_order_mark = false;
  int date = 0;   // 0 dd/mm/yyyy, 1 d/m/yyyy, 2 dd-mm-yyyy; in XLSX 3: the program's own date
  int names = 0;  // 0 as they are, 1 old tone marks, 2 upper case, 3 decomposed, 4 loose spaces
  bool school_by_name = false;
  bool with_school = false;
  std::array<const char*, kColumns> headings{};
};

constexpr int kSpellings = 5;

using Cells = std::vector<std::string>;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// "Hoà" and "Hòa" are one name in two spellings.
std::string with_other_marks(std::string text) {
  constexpr std::array<std::pair<const char*, const char*>, 6> kPairs{
      {{"oà", "òa"}, {"oá", "óa"}, {"oè", "òe"}, {"uỳ", "ùy"}, {"uý", "úy"}, {"oạ", "ọa"}}};
  text.push_back(' ');  // the mark wanders only in an open syllable: Hoà, but Hoàng
  for (const auto& [one, other] : kPairs) replace_all(text, std::string(one) + " ", std::string(other) + " ");
  text.pop_back();
  return text;
}

std::string upper(const std::string& text) {
  std::string out;
  for (const char32_t point : code_points(text)) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t count = utf8proc_encode_char(utf8proc_toupper(static_cast<utf8proc_int32_t>(point)), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  }
  return out;
}

// As some keyboards write it: the letter, then its marks.
std::string decomposed(std::string text) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kPairs{{{"à", "a\xCC\x80"},
                                                                       {"á", "a\xCC\x81"},
                                                                       {"ị", "i\xCC\xA3"},
                                                                       {"ọ", "o\xCC\xA3"},
                                                                       {"ò", "o\xCC\x80"},
                                                                       {"ạ", "a\xCC\xA3"},
                                                                       {"ầ", "a\xCC\x82\xCC\x80"},
                                                                       {"ễ", "e\xCC\x82\xCC\x83"}}};
  for (const auto& [whole, parts] : kPairs) replace_all(text, whole, parts);
  return text;
}

std::string loose(std::string text) {
  replace_all(text, " ", "  ");
  return " " + text + " ";
}

std::string spelled(const std::string& name, int taste) {
  switch (taste) {
    case 1:
      return with_other_marks(name);
    case 2:
      return upper(name);
    case 3:
      return decomposed(name);
    case 4:
      return loose(name);
    default:
      return name;
  }
}

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string date_text(const Child& child, int taste) {
  const std::string year = std::to_string(child.year);
  if (taste == 1) return std::to_string(child.day) + "/" + std::to_string(child.month) + "/" + year;
  const char* const mark = taste == 2 ? "-" : "/";
  return two(child.day) + mark + two(child.month) + mark + year;
}

class Writer {
 public:
  Writer(const World& world, std::string folder)
      : world_(world), folder_(std::move(folder)), random_(world.seed ^ 0xB1A5), places_(world.rows.size()) {}

  Written write() {
    if (fs::exists(folder_ + "/lists")) throw std::runtime_error("there is a world already: " + folder_);
    for (const char* below : {"lists", "devices", "work"}) fs::create_directories(folder_ + "/" + below);
    write_units();
    write_lists();
    write_devices();
    write_work();
    write_truth();
    return written_;
  }

 private:
  void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream file(folder_ + "/" + path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot be written: " + path);
  }

  void write_units() {
    std::string csv = write_csv_row({"code", "name", "level", "parent", "area"});
    for (const std::vector<std::string>& unit : world_.units) csv += write_csv_row(unit);
    write_file("units.csv", csv);
    csv = write_csv_row({"code", "name", "level", "parent", "area", "closed"});
    for (const std::vector<std::string>& unit : reformed_units(world_)) csv += write_csv_row(unit);
    write_file("units-2025.csv", csv);
  }

  Taste taste_of_school() {
    Taste taste;
    taste.xlsx = random_.chance(3, 5);
    taste.titled = random_.chance(1, 2);
    taste.numbered = random_.chance(4, 5);
    taste.delimiter = random_.chance(1, 2) ? ';' : ',';
    taste.byte_order_mark = random_.chance(1, 2);
    taste.date = static_cast<int>(random_.below(taste.xlsx ? 4 : 3));
    taste.names = static_cast<int>(random_.below(kSpellings));
    taste.with_school = random_.chance(2, 3);
    taste.school_by_name = random_.chance(1, 3);
    for (std::size_t i = 0; i < kColumns; ++i) taste.headings[i] = random_.pick(kHeadings[i]);
    return taste;
  }

  Cells cells_of(const ListedChild& row, const Taste& taste) {
    const Child& child = world_.children[row.child];
    const School& school = world_.schools[row.school];
    constexpr std::array kLevels{"Tiểu học", "THCS", "THPT", "GDTX"};
    constexpr std::array<std::array<const char*, 2>, 3> kHouseholds{
        {{"Hộ nghèo", "nghèo"}, {"Hộ cận nghèo", "cận nghèo"}, {"Hoàn cảnh khó khăn khác", "khó khăn"}}};
    Cells cells(kColumns);
    // Another hand, another way to write a name.
    cells[kName] = spelled(row.name, row.again ? (taste.names + 2) % kSpellings : taste.names);
    cells[kBirth] = date_text(child, taste.date);
    cells[kGender] = child.girl ? "Nữ" : "Nam";
    cells[kGrade] =
        std::to_string(child.grade) + (random_.chance(1, 2) ? random_.pick(std::array{"A", "B", "C", "A1", "A2"}) : "");
    if (taste.with_school) cells[kSchool] = taste.school_by_name ? school.name : school.code;
    cells[kLevel] = kLevels[static_cast<std::size_t>(school.level)];
    cells[kHousehold] = random_.pick(kHouseholds[static_cast<std::size_t>(child.listed)]);
    cells[kLacks] = child.lacks == "device" ? "thiết bị" : child.lacks == "both" ? "cả hai" : "sóng";
    if (row.with_student_code) cells[kStudentCode] = child.student_code;
    if (row.with_citizen_id) cells[kCitizenId] = child.citizen_id;
    cells[kPhone] = row.phone;
    cells[kGuardian] = child.guardian;
    return cells;
  }

  // A row as a tired hand writes it, of a child who is not in need: nobody else in the world is meant.
  Cells wrong_row(const Cells& like) {
    Cells cells = like;
    const std::string& name = like[kName];
    cells[kName] = name.substr(0, name.find(' ', 1)) + " " + kStrangers[random_.below(kStrangers.size())];
    for (const Column column : {kCitizenId, kStudentCode, kPhone}) cells[column].clear();
    switch (random_.below(8)) {
      case 0:
        cells[kName].clear();
        break;
      case 1:
        cells[kBirth] = "31/02/2013";
        break;
      case 2:
        cells[kHousehold] = random_.pick(std::array{"không rõ", "có", "hộ B"});
        break;
      case 3:
        cells[kCitizenId] = "02421300" + std::to_string(random_.between(100, 999));  // eleven digits
        break;
      case 4:
        cells[kGrade] = "15";
        break;
      case 5:
        cells[kLevel].clear();
        break;
      case 6:
        cells[kHousehold].clear();
        break;
      default:
        cells[kLevel] = "mẫu giáo";
        break;
    }
    ++written_.wrong_rows;
    return cells;
  }

  void write_lists() {
    std::vector<std::vector<std::size_t>> by_school(world_.schools.size());
    for (std::size_t i = 0; i < world_.rows.size(); ++i) by_school[world_.rows[i].school].push_back(i);
    std::vector<std::size_t> with_rows;
    for (std::size_t s = 0; s < by_school.size(); ++s) {
      if (!by_school[s].empty()) with_rows.push_back(s);
    }
    std::map<std::size_t, std::size_t> wrong;
    for (std::size_t i = 0; i < kWrongRows; ++i) ++wrong[random_.pick(with_rows)];
    for (const std::size_t s : with_rows) {
      const Taste taste = taste_of_school();
      std::vector<Cells> rows;
      std::vector<const Child*> children;  // null for a wrong row
      const std::string path = "lists/" + world_.schools[s].code + (taste.xlsx ? ".xlsx" : ".csv");
      const std::size_t first_row = rows_above(taste) + 2;  // as people count, below the heading
      for (const std::size_t index : by_school[s]) {
        places_[index] = {path, first_row + rows.size()};
        rows.push_back(cells_of(world_.rows[index], taste));
        children.push_back(&world_.children[world_.rows[index].child]);
        if (wrong[s] == 0) continue;
        --wrong[s];
        rows.push_back(wrong_row(rows.back()));
        children.push_back(nullptr);
      }
      for (; wrong[s] > 0; --wrong[s]) {
        rows.push_back(wrong_row(rows.front()));
        children.push_back(nullptr);
      }
      files_[s] = path;
      ++written_.lists;
      written_.rows += rows.size();
      if (taste.xlsx) {
        write_xlsx(path, world_.schools[s], taste, rows, children);
      } else {
        write_csv(path, world_.schools[s], taste, rows);
      }
    }
  }

  // A title, the school's name; in a spreadsheet an empty row after them.
  static std::size_t rows_above(const Taste& taste) { return !taste.titled ? 0 : taste.xlsx ? 3 : 2; }

  bool has_column(const Taste& taste, std::size_t column) const { return column != kSchool || taste.with_school; }

  Cells heading(const Taste& taste) const {
    Cells cells;
    if (taste.numbered) cells.emplace_back("STT");
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (has_column(taste, i)) cells.emplace_back(taste.headings[i]);
    }
    return cells;
  }

  Cells line(const Taste& taste, const Cells& row, std::size_t number) const {
    Cells cells;
    if (taste.numbered) cells.push_back(std::to_string(number));
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (has_column(taste, i)) cells.push_back(row[i]);
    }
    return cells;
  }

  void write_csv(const std::string& path, const School& school, const Taste& taste, const std::vector<Cells>& rows) {
    std::string csv = taste.byte_order_mark ? "\xEF\xBB\xBF" : "";
    const auto add = [&](const Cells& cells) {
      std::string text;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) text.push_back(taste.delimiter);
        const bool quoted = cells[i].find_first_of(",;\"") != std::string::npos;
        text += quoted ? "\"" + cells[i] + "\"" : cells[i];
      }
      csv += text + "\r\n";
    };
    if (taste.titled) {
      add({"DANH SÁCH HỌC SINH THIẾU THIẾT BỊ HỌC TRỰC TUYẾN"});
      add({school.name});
    }
    add(heading(taste));
    for (std::size_t i = 0; i < rows.size(); ++i) add(line(taste, rows[i], i + 1));
    write_file(path, csv);
  }

  void write_xlsx(const std::string& path, const School& school, const Taste& taste, const std::vector<Cells>& rows,
                  const std::vector<const Child*>& children) {
    const std::string whole = folder_ + "/" + path;
    lxw_workbook* const workbook = workbook_new(whole.c_str());
    lxw_doc_properties properties{};
    properties.created = 1'632'000'000;  // in September 2021: the same seed makes the same bytes
    workbook_set_properties(workbook, &properties);
    lxw_worksheet* const sheet = workbook_add_worksheet(workbook, "Danh sách");
    lxw_format* const date = workbook_add_format(workbook);
    format_set_num_format(date, "dd/mm/yyyy");
    auto at = static_cast<lxw_row_t>(rows_above(taste));
    const auto text = [&](lxw_row_t row, std::size_t column, const std::string& value) {
      worksheet_write_string(sheet, row, static_cast<lxw_col_t>(column), value.c_str(), nullptr);
    };
    if (taste.titled) {
      worksheet_merge_range(sheet, 0, 0, 0, 8, "DANH SÁCH HỌC SINH THIẾU THIẾT BỊ HỌC TRỰC TUYẾN", nullptr);
      text(1, 0, school.name);
    }
    const Cells head = heading(taste);
    for (std::size_t i = 0; i < head.size(); ++i) text(at, i, head[i]);
    const std::size_t birth = (taste.numbered ? 1 : 0) + static_cast<std::size_t>(kBirth);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++at;
      const Cells cells = line(taste, rows[i], i + 1);
      for (std::size_t k = 0; k < cells.size(); ++k) {
        if (cells[k].empty()) continue;
        if (taste.numbered && k == 0) {
          worksheet_write_number(sheet, at, 0, static_cast<double>(i + 1), nullptr);
        } else if (k == birth && taste.date == 3 && children[i] != nullptr) {
          lxw_datetime day{};
          day.year = children[i]->year;
          day.month = children[i]->month;
          day.day = children[i]->day;
          worksheet_write_datetime(sheet, at, static_cast<lxw_col_t>(k), &day, date);
        } else {
          text(at, k, cells[k]);
        }
      }
    }
    if (workbook_close(workbook) != LXW_NO_ERROR) throw std::runtime_error("cannot be written: " + path);
  }

  void write_devices() {
    const std::map<std::string, const char*> words{{"desktop", "Máy tính để bàn"},
                                                   {"laptop", "Máy tính xách tay"},
                                                   {"tablet", "Máy tính bảng"},
                                                   {"smartphone", "Điện thoại thông minh"}};
    std::vector<std::string> lists(kFieldReplicas,
                                   write_csv_row({"STT", "Loại thiết bị", "Số máy", "Mã trường", "Tình trạng"}));
    std::vector<std::size_t> counts(kFieldReplicas, 0);
    for (const Device& device : world_.devices) {
      const School& school = world_.schools[device.school];
      lists[school.replica] += write_csv_row(
          {std::to_string(++counts[school.replica]), words.at(device.type), device.serial, school.code, "tốt"});
    }
    for (std::size_t i = 0; i < lists.size(); ++i) write_file("devices/" + replica_name(i) + ".csv", lists[i]);
  }

  static std::string replica_name(std::size_t replica) { return two(static_cast<int>(replica) + 1); }

  // How a record of a pupil is recognised, by a person and by the tool that plays one.
  Json key_of(std::size_t row) const {
    const ListedChild& listed = world_.rows[row];
    const Child& child = world_.children[listed.child];
    return Json{{"school", world_.schools[listed.school].code},
                {"phone", listed.phone},
                {"birth_date", std::to_string(child.year) + "-" + two(child.month) + "-" + two(child.day)}};
  }

  void write_work() {
    std::vector<Json> work(kFieldReplicas);
    for (std::size_t i = 0; i < kFieldReplicas; ++i) {
      work[i] = Json{{"units", world_.replica_units[i]},
                     {"lists", Json::array()},
                     {"devices", "devices/" + replica_name(i) + ".csv"},
                     {"corrections", Json::array()},
                     {"handovers", Json::array()},
                     {"second_thoughts", Json::array()}};
    }
    for (const auto& [school, path] : files_) {
      const School& one = world_.schools[school];
      work[one.replica]["lists"].push_back(Json{{"school", one.code}, {"file", path}});
    }
    for (std::size_t i = 0; i < world_.rows.size(); ++i) {
      const Child& child = world_.children[world_.rows[i].child];
      if (child.listed == child.household) continue;
      const std::size_t replica = world_.schools[world_.rows[i].school].replica;
      work[replica]["corrections"].push_back(Json{{"pupil", key_of(i)}, {"household", name_of(child.household)}});
    }
    for (const Handover& handover : world_.handovers) {
      const std::size_t replica = world_.schools[world_.rows[handover.row].school].replica;
      work[replica]["handovers"].push_back(Json{{"pupil", key_of(handover.row)},
                                                {"serial", world_.devices[handover.device].serial},
                                                {"date", handover.date},
                                                {"returned", handover.returned}});
    }
    // A district has its own papers: the register of households, the delivery notes of devices.
    std::map<std::string, Json> districts;
    for (const std::string& district : world_.districts) {
      districts[district] = Json{{"units", {district}},
                                 {"second_thoughts", Json::array()},
                                 {"register", Json::array()},
                                 {"void_handovers", Json::array()},
                                 {"wrong_devices", Json::array()}};
    }
    for (const Disagreement& each : world_.disagreements) {
      const School& school = world_.schools[world_.rows[each.row].school];
      work[school.replica]["second_thoughts"].push_back(
          Json{{"pupil", key_of(each.row)}, {"household", name_of(each.field)}});
      Json& district = districts[school.district];
      district["second_thoughts"].push_back(Json{{"pupil", key_of(each.row)}, {"household", name_of(each.district)}});
      const Child& child = world_.children[world_.rows[each.row].child];
      district["register"].push_back(Json{{"pupil", key_of(each.row)}, {"household", name_of(child.household)}});
    }
    for (const Handover& handover : world_.handovers) {
      if (!handover.by_mistake) continue;
      const School& school = world_.schools[world_.rows[handover.row].school];
      districts[school.district]["void_handovers"].push_back(
          Json{{"serial", world_.devices[handover.device].serial}, {"date", handover.date}});
    }
    for (const Device& device : world_.devices) {
      if (!device.recorded_wrongly) continue;
      const School& school = world_.schools[device.school];
      districts[school.district]["wrong_devices"].push_back(Json{{"serial", device.serial}, {"school", school.code}});
    }
    for (std::size_t i = 0; i < kFieldReplicas; ++i) write_file("work/" + replica_name(i) + ".json", work[i].dump(1));
    for (const auto& [district, papers] : districts) write_file("work/" + district + ".json", papers.dump(1));
  }

  void write_truth() {
    Json records = Json::array(), voids = Json::array(), wrong_devices = Json::array();
    for (std::size_t i = 0; i < world_.rows.size(); ++i) {
      const Child& child = world_.children[world_.rows[i].child];
      Json record = key_of(i);
      record["child"] = world_.rows[i].child;
      record["household"] = name_of(child.household);
      record["file"] = places_[i].first;
      record["row"] = places_[i].second;
      records.push_back(std::move(record));
    }
    std::map<std::string, std::size_t> received, handed_over;
    std::size_t all = 0;
    for (const Device& device : world_.devices) {
      if (device.recorded_wrongly) {
        wrong_devices.push_back(Json{{"serial", device.serial}, {"school", world_.schools[device.school].code}});
      } else {
        ++received[device.type];
      }
    }
    for (const Handover& handover : world_.handovers) {
      if (handover.by_mistake) {
        voids.push_back(Json{{"serial", world_.devices[handover.device].serial}, {"date", handover.date}});
      } else if (!handover.returned) {
        ++handed_over[world_.devices[handover.device].type];
        ++all;
      }
    }
    const Json truth{{"seed", world_.seed},
                     {"children", world_.children.size()},
                     {"listed_twice", world_.rows.size() - world_.children.size()},
                     {"lookalikes", world_.lookalikes},
                     {"handovers", Json{{"all", all}, {"by_type", handed_over}}},
                     {"devices", received},
                     {"void_handovers", voids},
                     {"wrong_devices", wrong_devices},
                     {"records", records}};
    write_file("truth.json", truth.dump(1));
  }

  const World& world_;
  const std::string folder_;
  Random random_;
  Written written_;
  std::vector<std::pair<std::string, std::size_t>> places_;  // of each row: file and row
  std::map<std::size_t, std::string> files_;                 // of each school that has a list
};

}  // namespace

Written write_world(const World& world, const std::string& folder) { return Writer(world, folder).write(); }

}  // namespace songsong::bacgiang
