#include "tests/bacgiang/world.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <stdexcept>

#include "shared/core/fold.h"

namespace songsong::bacgiang {
namespace {

// The published figures (figures.json). Of the two that are published as "over 4,700" and "over 8,400" the sum is given
// by the rest, 13,249.
constexpr std::size_t kPrimary = 11'967, kLowerSecondary = 4'482, kUpperAndContinuing = 600;
constexpr std::size_t kContinuing = 96;
constexpr std::size_t kNearPoor = 3'800, kPoor = 4'763;
constexpr std::size_t kChildren = kPrimary + kLowerSecondary + kUpperAndContinuing;

constexpr std::size_t kListedTwice = 330, kInTwoSchools = 90, kLookalikes = 25;
constexpr std::size_t kCorrections = 300, kDisagreements = 40;
constexpr std::size_t kHandovers = 560, kDoubleHandovers = 24, kReturns = 18, kWrongDevices = 6;

struct Type {
  const char* name;
  std::size_t received;
};
constexpr std::array<Type, 4> kReceived{{{"desktop", 114}, {"laptop", 122}, {"tablet", 119}, {"smartphone", 651}}};

struct District {
  const char* code;
  const char* name;
};
constexpr std::array<District, 10> kDistricts{{{"BG01", "Thành phố Bắc Giang"},
                                               {"BG02", "Huyện Hiệp Hoà"},
                                               {"BG03", "Huyện Việt Yên"},
                                               {"BG04", "Huyện Tân Yên"},
                                               {"BG05", "Huyện Yên Thế"},
                                               {"BG06", "Huyện Lạng Giang"},
                                               {"BG07", "Huyện Yên Dũng"},
                                               {"BG08", "Huyện Lục Nam"},
                                               {"BG09", "Huyện Lục Ngạn"},
                                               {"BG10", "Huyện Sơn Động"}}};
constexpr std::size_t kCommunesInDistrict = 8, kSchoolsInDistrict = 30;

constexpr std::array kFamily{"Nguyễn", "Trần", "Lê",    "Phạm", "Hoàng", "Phan",  "Vũ",   "Đặng", "Bùi",  "Đỗ",
                             "Hồ",     "Ngô",  "Dương", "Lý",   "Giáp",  "Thân",  "Nông", "Vi",   "Chu",  "Lục",
                             "Trương", "Đinh", "Tạ",    "Hà",   "Đào",   "Lương", "Mai",  "Tống", "Đoàn", "La"};
constexpr std::array kMiddleBoy{"Văn", "Hữu",  "Đức", "Công", "Quang", "Minh",
                                "Gia", "Xuân", "Bá",  "Đình", "Tiến",  "Quốc"};
constexpr std::array kMiddleGirl{"Thị", "Ngọc", "Thu", "Phương", "Thanh", "Khánh",
                                 "Bảo", "Hồng", "Kim", "Mai",    "Diệu",  "Thuỳ"};
constexpr std::array kGivenBoy{"An",    "Bảo",  "Cường", "Dũng",  "Đạt",  "Hải",   "Hiếu", "Huy",
                               "Khang", "Khoa", "Long",  "Nam",   "Phúc", "Quân",  "Sơn",  "Thắng",
                               "Tuấn",  "Vinh", "Kiên",  "Trung", "Tùng", "Thành", "Lộc",  "Hoà"};
constexpr std::array kGivenGirl{"Anh",  "Chi",   "Dung", "Giang", "Hà",   "Hạnh", "Hoa",   "Huyền",
                                "Lan",  "Linh",  "Ly",   "My",    "Nga",  "Ngân", "Nhung", "Quỳnh",
                                "Thảo", "Trang", "Vân",  "Yến",   "Thuý", "Hoè",  "Loan",  "Diễm"};
constexpr std::array kPlaces{"Đồng", "Tân", "An", "Bình", "Yên",   "Phúc",  "Thanh", "Hoà", "Xuân", "Minh",
                             "Lâm",  "Sơn", "Hà", "Long", "Quang", "Trung", "Đông",  "Tây", "Nam",  "Bắc"};
constexpr std::array kPlaceEnds{"Sơn", "Lạc", "Thịnh", "Phú", "Hưng", "Tiến", "Lập", "Giang", "Thắng", "Khê"};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) { world_.seed = seed; }

  World make() {
    make_units();
    make_children();
    make_lookalikes();
    list_children();
    make_corrections();
    make_devices();
    make_handovers();
    make_disagreements();
    return std::move(world_);
  }

 private:
  void make_units() {
    world_.units.push_back({"BG", "Tỉnh Bắc Giang", "province", "", "mountain"});
    for (std::size_t d = 0; d < kDistricts.size(); ++d) {
      const District& district = kDistricts[d];
      world_.districts.emplace_back(district.code);
      world_.units.push_back({district.code, district.name, "district", "BG", d == 0 ? "other" : "mountain"});
      std::vector<std::string> communes;
      for (std::size_t c = 0; c < kCommunesInDistrict; ++c) {
        const std::string code = std::string(district.code) + "-X" + std::to_string(c + 1);
        world_.units.push_back({code, "Xã " + place(c + 1), "commune", district.code, "mountain"});
        communes.push_back(code);
      }
      // Two replicas a district, half of its communes each.
      for (std::size_t half = 0; half < 2; ++half) {
        world_.replica_units.emplace_back(
            communes.begin() + static_cast<std::ptrdiff_t>(half * kCommunesInDistrict / 2),
            communes.begin() + static_cast<std::ptrdiff_t>((half + 1) * kCommunesInDistrict / 2));
      }
      for (std::size_t s = 0; s < kSchoolsInDistrict; ++s) {
        School school;
        school.level = s < 18   ? Level::kPrimary
                       : s < 27 ? Level::kLowerSecondary
                       : s < 29 ? Level::kUpperSecondary
                                : Level::kContinuing;
        const std::size_t commune = s % kCommunesInDistrict;
        constexpr std::array kKinds{"Trường Tiểu học", "Trường THCS", "Trường THPT", "Trung tâm GDNN-GDTX"};
        school.commune = communes[commune];
        school.district = district.code;
        school.code = std::string(district.code) + "-T" + (s < 9 ? "0" : "") + std::to_string(s + 1);
        school.name = std::string(kKinds[static_cast<std::size_t>(school.level)]) + " " + place(s + 1);
        school.replica = d * 2 + (commune < kCommunesInDistrict / 2 ? 0 : 1);
        world_.units.push_back({school.code, school.name, "school", school.commune, "mountain"});
        world_.schools.push_back(std::move(school));
      }
    }
  }

  // One draw a statement, here and below: in which order a compiler takes the parts of a sum is its own affair.
  std::string place(std::size_t number) {
    const std::string begin = random_.pick(kPlaces);
    const std::string end = random_.pick(kPlaceEnds);
    return begin + " " + end + " " + std::to_string(number);
  }

  std::string digits(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.push_back(static_cast<char>('0' + random_.below(10)));
    return text;
  }

  // No two children who are not made to share a name and a birth date do: nobody could tell them apart, and the lists
  // would have more likely duplicates than were planned.
  bool claim_identity(const Child& child) {
    return identities_
        .insert(fold(child.name) + "/" + std::to_string(child.year) + "-" + std::to_string(child.month) + "-" +
                std::to_string(child.day))
        .second;
  }

  std::string unique_phone() {
    for (;;) {
      std::string phone = {'0', "35789"[random_.below(5)]};
      phone += digits(8);
      if (phones_.insert(phone).second) return phone;
    }
  }

  // Built as the real ones are (province, century and sex, year of birth, six digits), but of a century that has not
  // come: so it is nobody's.
  std::string citizen_id_of(const Child& child) {
    for (;;) {
      const std::string year = std::to_string(child.year % 100);
      const std::string id = std::string("024") + (child.girl ? "7" : "6") + (year.size() < 2 ? "0" : "") + year;
      std::string whole = id + digits(6);
      if (codes_.insert(whole).second) return whole;
    }
  }

  Child make_child(Level level, std::size_t school, Household household) {
    Child child;
    child.school = school;
    child.household = child.listed = household;
    const auto grade = [&](int low, int high) { return static_cast<int>(random_.between(low, high)); };
    child.grade = level == Level::kPrimary          ? grade(1, 5)
                  : level == Level::kLowerSecondary ? grade(6, 9)
                                                    : grade(10, 12);
    do {
      child.girl = random_.chance(1, 2);
      child.name = random_.pick(kFamily);
      child.name += std::string(" ") + (child.girl ? random_.pick(kMiddleGirl) : random_.pick(kMiddleBoy));
      child.name += std::string(" ") + (child.girl ? random_.pick(kGivenGirl) : random_.pick(kGivenBoy));
      child.year = 2021 - 5 - child.grade;
      child.month = static_cast<int>(random_.between(1, 12));
      child.day = static_cast<int>(random_.between(1, 28));
    } while (!claim_identity(child));
    const std::uint64_t lacks = random_.below(10);
    child.lacks = lacks < 7 ? "device" : lacks < 9 ? "both" : "signal";
    if (random_.chance(3, 4)) child.citizen_id = citizen_id_of(child);
    if (random_.chance(1, 2)) {
      do {
        child.student_code = "24" + digits(8);
      } while (!codes_.insert(child.student_code).second);
    }
    child.phone = unique_phone();
    child.guardian = random_.pick(kFamily);
    child.guardian += std::string(" Văn ") + random_.pick(kGivenBoy);
    return child;
  }

  void make_children() {
    std::array<std::vector<std::size_t>, 4> schools;
    for (std::size_t i = 0; i < world_.schools.size(); ++i)
      schools[static_cast<std::size_t>(world_.schools[i].level)].push_back(i);
    std::vector<Household> households(kChildren, Household::kOther);
    for (std::size_t i = 0; i < kPoor + kNearPoor; ++i)
      households[i] = i < kPoor ? Household::kPoor : Household::kNearPoor;
    for (std::size_t i = households.size(); i > 1; --i) std::swap(households[i - 1], households[random_.below(i)]);
    for (std::size_t i = 0; i < kChildren; ++i) {
      const Level level = i < kPrimary                     ? Level::kPrimary
                          : i < kPrimary + kLowerSecondary ? Level::kLowerSecondary
                          : i < kChildren - kContinuing    ? Level::kUpperSecondary
                                                           : Level::kContinuing;
      world_.children.push_back(
          make_child(level, random_.pick(schools[static_cast<std::size_t>(level)]), households[i]));
    }
  }

  // Two children with one name and one birth date in one district: only their numbers tell them apart.
  void make_lookalikes() {
    for (std::size_t made = 0; made < kLookalikes; ++made) {
      Child& one = pick_free_child();
      Child* other = nullptr;
      do {
        other = &pick_free_child();
      } while (other == &one || world_.schools[other->school].district != world_.schools[one.school].district ||
               other->grade != one.grade);
      other->name = one.name;
      other->girl = one.girl;
      other->year = one.year;
      other->month = one.month;
      other->day = one.day;
      for (Child* child : {&one, other}) {
        child->citizen_id = citizen_id_of(*child);
      }
      ++world_.lookalikes;
    }
  }

  // Each child has one part in the story at most, so that the truth stays simple.
  Child& pick_free_child() {
    for (;;) {
      const std::size_t index = random_.below(world_.children.size());
      if (taken_.insert(index).second) return world_.children[index];
    }
  }
  std::size_t index_of(const Child& child) const { return static_cast<std::size_t>(&child - world_.children.data()); }

  void list_children() {
    std::vector<ListedChild> rows;
    for (std::size_t i = 0; i < world_.children.size(); ++i) {
      const Child& child = world_.children[i];
      rows.push_back(ListedChild{.child = i,
                                 .school = child.school,
                                 .name = child.name,
                                 .phone = child.phone,
                                 .with_citizen_id = true,
                                 .with_student_code = true});
    }
    for (std::size_t i = 0; i < kListedTwice; ++i) {
      const bool two_schools = i < kInTwoSchools;
      const Child& child = pick_free_child();
      ListedChild again{.child = index_of(child),
                        .school = child.school,
                        .name = child.name,
                        .phone = unique_phone(),
                        .with_citizen_id = random_.chance(1, 2),
                        .with_student_code = random_.chance(1, 2)};
      again.again = true;
      if (again.with_citizen_id && !child.citizen_id.empty() && random_.chance(1, 3)) shorten(again, child);
      if (two_schools) again.school = other_school(child);
      if (two_schools) twice_.emplace_back(again.child, rows.size());
      rows.push_back(std::move(again));
    }
    // By school, in the order in which the lists have them.
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.below(i)]);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t one, std::size_t other) { return rows[one].school < rows[other].school; });
    std::vector<std::size_t> place(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[order[i]] = i;
      world_.rows.push_back(rows[order[i]]);
    }
    for (auto& [first, second] : twice_) {
      first = place[first];  // the child's own row has the child's number before the order is made
      second = place[second];
    }
  }

  // Without the middle name, so that only the citizen number tells that it is the same child.
  void shorten(ListedChild& row, const Child& child) {
    Child shorter = child;
    const std::size_t first = child.name.find(' '), last = child.name.rfind(' ');
    shorter.name = child.name.substr(0, first) + child.name.substr(last);
    if (claim_identity(shorter)) row.name = shorter.name;
  }

  // Of the same level, in the district's other half, so that another replica has it.
  std::size_t other_school(const Child& child) {
    const School& own = world_.schools[child.school];
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < world_.schools.size(); ++i) {
      const School& school = world_.schools[i];
      if (school.district == own.district && school.level == own.level && school.replica != own.replica)
        fitting.push_back(i);
    }
    if (fitting.empty()) return child.school;
    return random_.pick(fitting);
  }

  Household another(Household household) {
    return static_cast<Household>((static_cast<std::size_t>(household) + 1 + random_.below(2)) % 3);
  }

  void make_corrections() {
    for (std::size_t i = 0; i < kCorrections; ++i) {
      Child& child = pick_free_child();
      child.listed = another(child.household);
    }
  }

  void make_devices() {
    for (const Type& type : kReceived) {
      for (std::size_t i = 0; i < type.received; ++i) {
        std::string serial;
        do {
          serial = "BG" + digits(7);
        } while (!codes_.insert(serial).second);
        world_.devices.push_back(Device{.type = type.name,
                                        .serial = serial,
                                        .school = random_.below(world_.schools.size()),
                                        .recorded_wrongly = false});
      }
    }
    // A school wrote down a device that stands in another of its district.
    const std::size_t right = world_.devices.size();
    std::set<std::size_t> doubled;
    while (doubled.size() < kWrongDevices) {
      const std::size_t index = random_.below(right);
      const Device device = world_.devices[index];
      std::size_t school = 0;
      do {
        school = random_.below(world_.schools.size());
      } while (world_.schools[school].district != world_.schools[device.school].district || school == device.school);
      if (!doubled.insert(index).second) continue;
      world_.devices.push_back(
          Device{.type = device.type, .serial = device.serial, .school = school, .recorded_wrongly = true});
    }
    for (const std::size_t index : doubled) unavailable_.insert(index);
  }

  // A device of a school that the same replica covers, which nobody has.
  std::optional<std::size_t> free_device(std::size_t replica) {
    for (std::size_t tries = 0; tries < 400; ++tries) {
      const std::size_t index = random_.below(world_.devices.size());
      const Device& device = world_.devices[index];
      if (device.recorded_wrongly || world_.schools[device.school].replica != replica) continue;
      if (unavailable_.insert(index).second) return index;
    }
    return std::nullopt;
  }

  std::string date_in_autumn(int month) {
    const int day = static_cast<int>(random_.between(1, 28));
    return "2021-" + std::string(month < 10 ? "0" : "") + std::to_string(month) + "-" + (day < 10 ? "0" : "") +
           std::to_string(day);
  }

  void hand_over(std::size_t row, int month, bool by_mistake, bool returned) {
    const std::optional<std::size_t> device = free_device(world_.schools[world_.rows[row].school].replica);
    if (!device) return;
    world_.handovers.push_back(Handover{
        .row = row, .device = *device, .date = date_in_autumn(month), .by_mistake = by_mistake, .returned = returned});
  }

  void make_handovers() {
    for (std::size_t i = 0; i < kDoubleHandovers && i < twice_.size(); ++i) {
      const auto [first, second] = twice_[i];
      if (world_.schools[world_.rows[first].school].replica == world_.schools[world_.rows[second].school].replica)
        continue;
      const std::size_t before = world_.handovers.size();
      hand_over(first, 10, false, false);
      if (world_.handovers.size() > before) hand_over(second, 11, true, false);
    }
    std::size_t returns = 0;
    for (std::size_t i = 0; i < kHandovers; ++i) {
      const std::size_t row = random_.below(world_.rows.size());
      if (!taken_.insert(world_.rows[row].child).second) continue;
      hand_over(row, 10 + static_cast<int>(random_.below(2)), false, returns < kReturns);
      ++returns;
    }
  }

  void make_disagreements() {
    while (world_.disagreements.size() < kDisagreements) {
      const std::size_t row = random_.below(world_.rows.size());
      const std::size_t child = world_.rows[row].child;
      if (!taken_.insert(child).second) continue;
      const Household truth = world_.children[child].household;
      const Household wrong = another(truth);
      const bool field_is_right = random_.chance(1, 2);
      // Neither writes what the record holds already, which would be no change: one of the two writes a third value.
      const Household third = static_cast<Household>(3 - static_cast<int>(truth) - static_cast<int>(wrong));
      world_.disagreements.push_back(Disagreement{
          .row = row, .field = field_is_right ? third : wrong, .district = field_is_right ? wrong : third});
    }
  }

  Random random_;
  World world_;
  std::set<std::string> identities_, codes_, phones_;
  std::set<std::size_t> taken_;                             // children with a part in the story
  std::set<std::size_t> unavailable_;                       // devices that somebody has, or that are in dispute
  std::vector<std::pair<std::size_t, std::size_t>> twice_;  // rows of one child in two schools
};

}  // namespace

const char* name_of(Level level) {
  constexpr std::array kNames{"primary", "lower_secondary", "upper_secondary", "continuing"};
  return kNames[static_cast<std::size_t>(level)];
}

const char* name_of(Household household) {
  constexpr std::array kNames{"poor", "near_poor", "other_hardship"};
  return kNames[static_cast<std::size_t>(household)];
}

World make_world(std::uint64_t seed) { return Maker(seed).make(); }

}  // namespace songsong::bacgiang
