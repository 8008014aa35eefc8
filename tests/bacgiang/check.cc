#include "tests/bacgiang/check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "client/import/columns.h"
#include "client/import/profiles.h"
#include "schemas/programme_table.h"
#include "shared/core/civil_time.h"
#include "shared/core/csv.h"
#include "shared/core/fold.h"

namespace songsong::bacgiang {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kFieldReplicas = 20;
constexpr std::int64_t kSpreadsheetEpochDay = -25569;

// What a right row says.
struct Said {
  std::string name, phone, citizen_id, student_code, level, household;
  std::int64_t birth = 0;
};

struct Record {  // of the truth
  std::string key, school, household;
  std::size_t child = 0;
  std::optional<Said> said;
};

struct Device {
  std::string type, school;
  std::size_t replica = 0;
};

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot be read: " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string key_of(const Json& pupil) {
  return pupil["school"].get<std::string>() + "/" + pupil["phone"].get<std::string>() + "/" +
         pupil["birth_date"].get<std::string>();
}

std::string two(std::size_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string word_for(const std::map<std::string, std::string>& words, const std::string& text) {
  const auto found = words.find(fold(text));
  return found == words.end() ? std::string() : found->second;
}

bool is_digits(const std::string& text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most && text.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<std::int64_t> birth_of(const SheetCell& cell) {
  if (cell.number) return std::stoll(cell.text) + kSpreadsheetEpochDay;
  const Outcome<std::int64_t> date = parse_list_date(cell.text);
  return date ? std::optional(*date) : std::nullopt;
}

// Nothing where a teacher would say that the row is wrong.
std::optional<Said> said_by(const std::map<std::string, SheetCell>& cells) {
  static const std::map<std::string, std::string> kLevels{
      {"tieu hoc", "primary"}, {"thcs", "lower_secondary"}, {"thpt", "upper_secondary"}, {"gdtx", "continuing"}};
  static const std::map<std::string, std::string> kHouseholds{{"ho ngheo", "poor"},
                                                              {"ngheo", "poor"},
                                                              {"ho can ngheo", "near_poor"},
                                                              {"can ngheo", "near_poor"},
                                                              {"hoan canh kho khan khac", "other_hardship"},
                                                              {"kho khan", "other_hardship"}};
  const auto text = [&](const char* field) {
    const auto found = cells.find(field);
    return found == cells.end() ? std::string() : found->second.text;
  };
  Said said{.name = fold_key(text("full_name")),
            .phone = text("phone"),
            .citizen_id = text("citizen_id"),
            .student_code = text("student_code"),
            .level = word_for(kLevels, text("school_level")),
            .household = word_for(kHouseholds, text("household"))};
  const auto birth = cells.find("birth_date");
  const std::optional<std::int64_t> day = birth == cells.end() ? std::nullopt : birth_of(birth->second);
  const std::string grade = text("grade").substr(0, text("grade").find_first_not_of("0123456789"));
  const bool grade_is_right = is_digits(grade, 1, 2) && std::stoi(grade) >= 1 && std::stoi(grade) <= 12;
  const bool id_is_right = said.citizen_id.empty() || is_digits(said.citizen_id, 12, 12);
  if (said.name.empty() || said.level.empty() || said.household.empty() || !day || !grade_is_right || !id_is_right)
    return std::nullopt;
  said.birth = *day;
  return said;
}

class Check {
 public:
  Check(std::string folder, const std::string& figures)
      : folder_(std::move(folder)), figures_(Json::parse(read_whole(figures)).at("bac_giang")) {}

  Counted run() {
    read_units();
    read_truth();
    for (std::size_t replica = 0; replica < kFieldReplicas; ++replica) read_field_work(replica);
    for (const std::string& district : districts_) read_district_work(district);
    read_lists();
    compare_rows();
    compare_households();
    compare_pairs();
    compare_totals();
    compare_devices();
    compare_handovers();
    return std::move(counted_);
  }

 private:
  void differs(const std::string& what) { counted_.differences.push_back(what); }
  template <class Number>
  void same(const std::string& what, Number wanted, std::size_t found) {
    if (static_cast<std::size_t>(wanted) != found)
      differs(what + ": " + std::to_string(wanted) + " said, " + std::to_string(found) + " counted");
  }

  std::vector<CsvRow> read_csv(const std::string& path) {
    Outcome<std::vector<CsvRow>> rows = parse_csv(read_whole(folder_ + "/" + path));
    if (!rows) throw std::runtime_error("not CSV: " + path);
    return std::move(rows).value();
  }

  void read_units() {
    std::vector<std::string> names;
    for (const CsvRow& row : read_csv("units.csv")) {
      if (row.size() != 5 || row[0] == "code") continue;
      if (!row[3].empty() && !parents_.contains(row[3])) differs("a unit before its parent: " + row[0]);
      parents_[row[0]] = row[3];
      if (row[2] == "school") ++schools_;
      if (row[2] != "district") continue;
      districts_.push_back(row[0]);
      names.push_back(fold(row[1].starts_with("Huyện ") ? row[1].substr(sizeof("Huyện")) : row[1]));
    }
    std::vector<std::string> published;
    for (const Json& name : figures_.at("districts")) published.push_back(fold(name.get<std::string>()));
    std::sort(names.begin(), names.end());
    std::sort(published.begin(), published.end());
    if (names != published) differs("the districts are not the published ones");
  }

  void read_truth() {
    truth_ = Json::parse(read_whole(folder_ + "/truth.json"));
    for (const Json& each : truth_.at("records")) {
      Record record{.key = key_of(each),
                    .school = each["school"],
                    .household = each["household"],
                    .child = each["child"],
                    .said = std::nullopt};
      if (!by_key_.emplace(record.key, records_.size()).second) differs("two records look the same: " + place(each));
      if (!by_place_.emplace(place(each), records_.size()).second) differs("two records in one row: " + place(each));
      by_child_[record.child].push_back(records_.size());
      records_.push_back(std::move(record));
    }
    counted_.children = by_child_.size();
  }

  static std::string place(const Json& each) { return place(each["file"], each["row"].get<std::size_t>()); }
  static std::string place(const std::string& file, std::size_t row) { return file + ":" + std::to_string(row); }

  // The record that a line of work means; nothing, and a difference, where there is none that the units cover.
  const Record* meant(const Json& line, const std::set<std::string>& units, const std::string& who) {
    const auto found = by_key_.find(key_of(line["pupil"]));
    if (found != by_key_.end()) {
      const Record& record = records_[found->second];
      for (std::string unit = record.school; !unit.empty(); unit = parents_[unit]) {
        if (units.contains(unit)) return &record;
      }
    }
    differs(who + " means a pupil that it does not have");
    return nullptr;
  }

  void read_field_work(std::size_t replica) {
    const std::string name = two(replica + 1);
    const Json work = Json::parse(read_whole(folder_ + "/work/" + name + ".json"));
    const std::set<std::string> units(work["units"].begin(), work["units"].end());
    for (const Json& list : work["lists"]) {
      if (!units.contains(parents_[list["school"]])) differs(name + " has a list of a school that it does not cover");
      if (!lists_.emplace(list["file"], list["school"]).second) differs("a list for two: " + std::string(list["file"]));
    }
    for (const CsvRow& row : read_csv(work["devices"])) {
      if (row.size() < 5 || row[0] == "STT") continue;
      if (!units.contains(parents_[row[3]])) differs(name + " has a device of a school that it does not cover");
      devices_.emplace(row[2], Device{.type = fold(row[1]), .school = row[3], .replica = replica});
    }
    for (const Json& line : work["corrections"]) {
      if (const Record* const record = meant(line, units, name)) corrected_[record->key] = line["household"];
    }
    for (const Json& line : work["handovers"]) {
      const Record* const record = meant(line, units, name);
      if (record == nullptr) continue;
      const auto [from, to] = devices_.equal_range(line["serial"]);
      if (std::none_of(from, to, [&](const auto& each) { return each.second.replica == replica; }))
        differs(name + " hands over a device that it does not have");
      handovers_.emplace_back(record->child, line);
    }
    for (const Json& line : work["second_thoughts"]) {
      if (const Record* const record = meant(line, units, name)) thoughts_[record->key].push_back(line["household"]);
    }
  }

  void read_district_work(const std::string& district) {
    const Json work = Json::parse(read_whole(folder_ + "/work/" + district + ".json"));
    for (const Json& line : work["second_thoughts"]) {
      if (const Record* const record = meant(line, {district}, district))
        thoughts_[record->key].push_back(line["household"]);
    }
  }

  void read_lists() {
    const Outcome<Policies> policies = Policies::parse(programme_policy_table());
    if (!policies) throw std::runtime_error("the programme's table cannot be read");
    const auto kinds = kinds_of_profile("school_list", *policies);
    if (!kinds) throw std::runtime_error("there is no profile of school lists");
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/lists")) {
      const std::string file = "lists/" + entry.path().filename().string();
      if (!lists_.contains(file)) differs("nobody imports " + file);
    }
    for (const auto& [file, school] : lists_) read_list(file, *kinds);
    counted_.lists = lists_.size();
  }

  void read_list(const std::string& file, const std::vector<const KindPolicy*>& kinds) {
    const Outcome<std::vector<Sheet>> sheets = read_sheets(read_whole(folder_ + "/" + file));
    if (!sheets || sheets->size() != 1) return differs("not one sheet: " + file);
    const Sheet& sheet = sheets->front();
    const std::optional<ListLayout> layout = find_layout(sheet, kinds);
    if (!layout) return differs("no heading: " + file);
    for (const std::string& heading : layout->unknown) differs("a heading that means nothing: " + heading);
    for (std::size_t i = layout->heading_row + 1; i < sheet.rows.size(); ++i) {
      std::map<std::string, SheetCell> cells;
      for (const ListColumn& column : layout->columns) {
        if (column.column < sheet.rows[i].size()) cells[column.field->name()] = sheet.rows[i][column.column];
      }
      said_[place(file, i + 1)] = said_by(cells);
    }
  }

  void compare_rows() {
    for (const auto& [where, said] : said_) {
      ++(said ? counted_.right_rows : counted_.wrong_rows);
      const auto found = by_place_.find(where);
      if (said.has_value() != (found != by_place_.end())) {
        differs((said ? "a right row of nobody: " : "a wrong row of somebody: ") + where);
      } else if (said) {
        Record& record = records_[found->second];
        record.said = said;
        if (record.key != record.school + "/" + said->phone + "/" + print_date(said->birth))
          differs("a row says something else than the truth: " + where);
      }
    }
    for (const auto& [where, index] : by_place_) {
      if (!said_.contains(where)) differs("a row that is not there: " + where);
    }
  }

  void compare_households() {
    for (const Record& record : records_) {
      if (!record.said) continue;
      const auto corrected = corrected_.find(record.key);
      const std::string in_the_end = corrected == corrected_.end() ? record.said->household : corrected->second;
      if (in_the_end != record.household) differs("a household that nobody corrects: " + record.school);
    }
    for (const auto& [key, thoughts] : thoughts_) {
      const std::string& truth = records_[by_key_.at(key)].household;
      if (thoughts.size() != 2 || thoughts[0] == thoughts[1] || thoughts[0] == truth || thoughts[1] == truth)
        differs("second thoughts that do not disagree, or change nothing");
    }
    counted_.corrections = corrected_.size();
    counted_.disagreements = thoughts_.size();
  }

  // The match keys of schemas/programme/pupil.proto.
  void compare_pairs() {
    std::map<std::string, std::vector<std::size_t>> sharing;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (!records_[i].said) continue;
      const Said& said = *records_[i].said;
      if (!said.citizen_id.empty()) sharing["citizen_id " + said.citizen_id].push_back(i);
      if (!said.student_code.empty()) sharing["student_code " + said.student_code].push_back(i);
      sharing["name " + said.name + print_date(said.birth)].push_back(i);
    }
    std::set<std::pair<std::size_t, std::size_t>> likely, alike;
    for (const auto& [key, indexes] : sharing) {
      for (std::size_t i = 0; i < indexes.size(); ++i) {
        for (std::size_t k = i + 1; k < indexes.size(); ++k) {
          const bool one_child = records_[indexes[i]].child == records_[indexes[k]].child;
          (one_child ? likely : alike).emplace(indexes[i], indexes[k]);
        }
      }
    }
    counted_.lookalikes = alike.size();
    same("pairs of children who look alike", truth_["lookalikes"].get<std::size_t>(), alike.size());
    for (const auto& [child, indexes] : by_child_) {
      if (indexes.size() == 1) continue;
      if (indexes.size() > 2 || !likely.contains({indexes[0], indexes[1]}))
        differs("a child is listed twice and no match key tells: " + records_[indexes[0]].school);
      ++counted_.listed_twice;
      const Record &one = records_[indexes[0]], &other = records_[indexes[1]];
      if (one.school != other.school) ++counted_.in_two_schools;
      if (one.said && other.said && one.said->name != other.said->name) ++counted_.told_by_number;
    }
    same("children listed twice", truth_["listed_twice"].get<std::size_t>(), counted_.listed_twice);
  }

  void compare_totals() {
    std::map<std::string, std::size_t> levels, households;
    for (const auto& [child, indexes] : by_child_) {
      const Record& record = records_[indexes.front()];
      if (record.said) ++levels[record.said->level];
      ++households[record.household];
    }
    same("pupils", figures_["pupils_without_device"].get<std::size_t>(), by_child_.size());
    const Json& by_level = figures_["by_level"];
    same("primary", by_level["primary"].get<std::size_t>(), levels["primary"]);
    same("lower secondary", by_level["lower_secondary"].get<std::size_t>(), levels["lower_secondary"]);
    same("upper secondary and continuing", by_level["upper_secondary_and_continuing"].get<std::size_t>(),
         levels["upper_secondary"] + levels["continuing"]);
    for (const auto& [household, published] : figures_["by_household_published"].items()) {
      const std::string text = published;
      const bool over = text.starts_with("over ");
      const std::size_t least = std::stoul(over ? text.substr(5) : text);
      if (over ? households[household] <= least : households[household] != least)
        differs(household + ": " + text + " published, " + std::to_string(households[household]) + " counted");
    }
    if (levels["continuing"] == 0 || levels["upper_secondary"] == 0) differs("a level without pupils");
  }

  void compare_devices() {
    static const std::map<std::string, std::string> kTypes{{"may tinh de ban", "desktop"},
                                                           {"may tinh xach tay", "laptop"},
                                                           {"may tinh bang", "tablet"},
                                                           {"dien thoai thong minh", "smartphone"}};
    std::map<std::string, std::size_t> received;
    for (const auto& [serial, device] : devices_) ++received[word_for(kTypes, device.type)];
    for (const Json& each : truth_["wrong_devices"]) {
      const auto [from, to] = devices_.equal_range(each["serial"]);
      const std::string school = each["school"];
      const auto wrong = std::find_if(from, to, [&](const auto& one) { return one.second.school == school; });
      if (std::distance(from, to) != 2 || wrong == to) {
        differs("a device that is said to be recorded wrongly is not recorded twice");
        continue;
      }
      --received[word_for(kTypes, wrong->second.type)];
      ++counted_.wrong_devices;
    }
    counted_.devices = devices_.size() - counted_.wrong_devices;
    for (const char* type : {"desktop", "laptop", "tablet", "smartphone"})
      same(std::string(type) + "s received", figures_["received"][type].get<std::size_t>(), received[type]);
    for (auto at = devices_.begin(); at != devices_.end(); ++at)
      type_of_[at->first] = word_for(kTypes, at->second.type);
  }

  void compare_handovers() {
    std::set<std::pair<std::string, std::string>> voids;
    for (const Json& each : truth_["void_handovers"]) voids.emplace(each["serial"], each["date"]);
    std::map<std::string, std::size_t> handed_over;
    std::set<std::string> serials;
    std::map<std::size_t, std::size_t> supported, asked;
    for (const auto& [child, line] : handovers_) {
      const std::string serial = line["serial"], date = line["date"];
      if (!serials.insert(serial).second || devices_.count(serial) != 1) differs("a device in two hands");
      ++asked[child];
      if (voids.contains({serial, date})) {
        ++counted_.void_handovers;
      } else if (line["returned"]) {
        ++counted_.returns;
      } else {
        ++counted_.handovers;
        ++handed_over[type_of_[serial]];
        if (++supported[child] > 1) differs("a child is supported twice when all is settled");
      }
    }
    const auto twice = std::count_if(asked.begin(), asked.end(), [](const auto& each) { return each.second > 1; });
    same("children handed a device twice", voids.size(), static_cast<std::size_t>(twice));
    same("void handovers", voids.size(), counted_.void_handovers);
    same("handovers", truth_["handovers"]["all"].get<std::size_t>(), counted_.handovers);
    for (const auto& [type, count] : truth_["handovers"]["by_type"].items())
      same(type + "s handed over", count.get<std::size_t>(), handed_over[type]);
  }

  const std::string folder_;
  const Json figures_;
  Json truth_;
  Counted counted_;
  std::size_t schools_ = 0;
  std::map<std::string, std::string> parents_;  // of units
  std::vector<std::string> districts_;
  std::vector<Record> records_;
  std::map<std::string, std::size_t> by_key_, by_place_;  // indexes of records
  std::map<std::size_t, std::vector<std::size_t>> by_child_;
  std::map<std::string, std::string> lists_;         // file → school
  std::map<std::string, std::optional<Said>> said_;  // by place
  std::map<std::string, std::string> corrected_;
  std::map<std::string, std::vector<std::string>> thoughts_;
  std::multimap<std::string, Device> devices_;  // by serial
  std::map<std::string, std::string> type_of_;  // of a serial
  std::vector<std::pair<std::size_t, Json>> handovers_;
};

}  // namespace

Counted check_world(const std::string& folder, const std::string& figures) { return Check(folder, figures).run(); }

}  // namespace songsong::bacgiang
