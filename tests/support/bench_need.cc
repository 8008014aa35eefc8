#include "tests/support/bench_need.h"

#include <array>
#include <chrono>

#include "shared/core/change_codec.h"

namespace songsong::bench {

namespace {

using List = std::vector<std::string_view>;

struct Vocabulary {
  List family, middle_boy, middle_girl, given_boy, given_girl, notes, prefixes;
};

const Vocabulary kMeasuredWords = {
    {"Nguyễn", "Trần",  "Lê", "Phạm",  "Hoàng", "Huỳnh", "Phan", "Vũ",   "Võ", "Đặng", "Bùi",  "Đỗ", "Hồ",
     "Ngô",    "Dương", "Lý", "Giàng", "Sùng",  "Lò",    "Vàng", "Thào", "Hờ", "Tẩn",  "Chảo", "Má", "Cháng"},
    {"Văn", "Hữu", "Đức", "Công", "Quang", "Minh", "Gia", "Xuân", "A", "Seo"},
    {"Thị", "Ngọc", "Thu", "Phương", "Thanh", "Khánh", "Bảo", "Hồng", "Thị", "Mai"},
    {"An",  "Bảo",  "Cường", "Dũng", "Đạt",   "Hải",  "Hiếu", "Huy", "Khang", "Khoa", "Long",
     "Nam", "Phúc", "Quân",  "Sơn",  "Thắng", "Tuấn", "Vinh", "Páo", "Sử",    "Chính"},
    {"Anh", "Chi", "Dung", "Giang", "Hà",    "Hạnh", "Hoa",   "Huyền", "Lan", "Linh", "Ly",
     "My",  "Nga", "Ngân", "Nhung", "Quỳnh", "Thảo", "Trang", "Vân",   "Yến", "Dở",   "Mỷ"},
    {"", "", "", "", "", "", "Nhà cách trường 7 km, đường đất", "Dùng chung điện thoại với anh trai",
     "Chỉ có sóng 3G ở đầu bản", "Bố mẹ đi làm xa, ở với bà", "Điện thoại hỏng màn hình",
     "Đã có máy tính bảng cũ, pin yếu", "Cần hỗ trợ gói cước dữ liệu", "Nhà chưa có điện lưới ổn định"},
    {"32", "35", "86", "91", "97", "98"}};

const Vocabulary kTrainingWords = {
    {"Đinh", "Trịnh", "Đoàn", "Lương", "Tạ",  "Cao",   "Châu", "Quách",  "Lường", "Quàng",
     "Cầm",  "Tòng",  "Hạng", "Mùa",   "Vừ",  "Thạch", "Kim",  "Phùng",  "Tô",    "Thái",
     "La",   "Triệu", "Bàn",  "Nông",  "Hứa", "Đàm",   "Mạc",  "Nghiêm", "Khổng"},
    {"Trọng", "Đình", "Nhật", "Tiến", "Hoài", "Thế", "Duy", "Quốc", "Chí", "Bá", "Viết", "Mạnh"},
    {"Diệu", "Kiều", "Như", "Tường", "Cẩm", "Ánh", "Tuyết", "Mỹ", "Hương", "Bích", "Lệ", "Thùy"},
    {"Kiên", "Trung", "Tùng", "Thành", "Toàn", "Lộc",  "Nghĩa",  "Phong", "Thịnh", "Trí",  "Việt",
     "Hùng", "Hưng",  "Lâm",  "Bình",  "Tâm",  "Khôi", "Nguyên", "Phát",  "Tài",   "Sang", "Chua"},
    {"Uyên",  "Vy",  "Trinh", "Trâm",  "Thư", "Tiên", "Loan", "Liên",   "Hiền", "Hằng", "Diễm",
     "Duyên", "Đào", "Cúc",   "Xuyến", "Thơ", "Nhi",  "Oanh", "Phượng", "Sen",  "Say",  "Dính"},
    {"",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "",
     "Phải đi bộ hai giờ mới đến lớp",
     "Gia đình có ba con đang học, một máy dùng luân phiên",
     "Sóng yếu khi trời mưa, phải lên đồi",
     "Mẹ ốm, cha làm thuê theo mùa",
     "Máy của chị gái bị vỡ kính, mất loa",
     "Xã cho mượn thiết bị đến hết học kỳ",
     "Đề nghị cấp thêm thẻ mạng hằng tháng",
     "Thôn mới kéo dây điện, hay bị cắt vào buổi tối",
     "Em ở bán trú, cuối tuần về với ông",
     "Thầy chủ nhiệm đã đến tận nơi xác nhận",
     "Không bắt được mạng trong nhà, chỉ ngoài sân",
     "Đang học nhờ máy của hàng xóm",
     "Chuyển từ tỉnh khác về năm ngoái",
     "Cháu khuyết tật vận động, cần bàn phím to",
     "Trước đây được tặng một chiếc điện thoại, nay không lên nguồn",
     "Xin một máy tính để bàn cho hai chị em",
     "Trường cho mượn máy tính xách tay trong giờ học",
     "Mẹ đi chợ mang theo điện thoại, tối mới về",
     "Khu vực này chỉ có mạng 2G",
     "Cha mẹ ly hôn, em sống cùng cô chú",
     "Hộ mới thoát nghèo, thu nhập chưa ổn định",
     "Nhà xa, đường đèo dốc, mùa lũ phải nghỉ học",
     "Pin chai, sạc một lần dùng được 30 phút",
     "Chưa có tài khoản học trực tuyến",
     "Gia đình không đủ tiền mua sim và nạp thẻ",
     "Đã đăng ký gói dữ liệu nhưng hết hạn",
     "Em út dùng chung máy với bố",
     "Điểm trường lẻ cách trung tâm xã 12 km",
     "Nhà dùng điện mặt trời, trời mưa thì không có điện",
     "Máy cũ chạy chậm, không cài được phần mềm",
     "Bà nội nuôi ba cháu, không ai biết dùng máy",
     "Đã nhận sách giáo khoa, chưa nhận thiết bị",
     "Bản ở đầu nguồn, sóng chập chờn",
     "Học sinh giỏi, cần máy để ôn thi",
     "Anh trai làm công nhân gửi tiền về hằng tháng",
     "Cần kiểm tra lại số điện thoại của phụ huynh",
     "Màn hình bị sọc, cảm ứng không nhạy",
     "Ở nhờ nhà người quen gần trường",
     "Hai anh em học khác buổi nên vẫn dùng chung được",
     "Bố mất, mẹ đi làm ở thành phố"},
    {"33", "34", "36", "37", "38", "39", "52", "56", "58", "59", "70", "76", "77", "78", "79",
     "81", "82", "83", "84", "85", "87", "88", "89", "90", "92", "93", "94", "96", "99"}};

const Vocabulary& vocabulary(Lists lists) { return lists == Lists::kMeasured ? kMeasuredWords : kTrainingWords; }

// Mulberry32, as fractions of 2^32; the generator of the common comparison is written in JavaScript with it.
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed) {}
  std::uint32_t next() {
    state_ += 0x6D2B79F5u;
    std::uint32_t t = (state_ ^ (state_ >> 15)) * (1u | state_);
    t = (t + (t ^ (t >> 7)) * (61u | t)) ^ t;
    return t ^ (t >> 14);
  }
  double fraction() { return next() / 4294967296.0; }
  std::size_t below(std::size_t size) { return static_cast<std::size_t>((std::uint64_t{next()} * size) >> 32); }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
  }
  template <class T>
  const T& pick(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::uint32_t state_;
};

std::string padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::int64_t days(int year, std::int64_t month, std::int64_t day) {
  const auto date = std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day);
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::int64_t weighted(Random& random) {
  constexpr std::array<double, 7> kWeights = {.34, .27, .08, .18, .03, .04, .06};
  double left = random.fraction();
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    left -= kWeights[i];
    if (left < 0) return static_cast<std::int64_t>(i + 1);
  }
  return 7;
}

// Whole draws are spelt, and what is too much is cut off.
std::string hexadecimal(Random& random, std::size_t length) {
  std::string digits;
  while (digits.size() < length) {
    const std::uint32_t drawn = random.next();
    for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(drawn >> shift) & 15];
  }
  return digits.substr(0, length);
}

std::string random_id(Random& random) {
  std::string id = hexadecimal(random, 8) + "-";
  id += hexadecimal(random, 4) + "-4";
  id += hexadecimal(random, 3) + "-a";
  id += hexadecimal(random, 3) + "-";
  return id += hexadecimal(random, 12);
}

// What differs between the two besides the lists.
struct Setting {
  std::int64_t schools, districts, users, first_month, months;
};
constexpr Setting kMeasuredSetting = {300, 10, 400, 9, 1};
constexpr Setting kTrainingSetting = {990, 60, 2000, 3, 8};

Need make_need(Random& random, const Vocabulary& words, const Setting& setting, std::size_t index) {
  Need need;
  const auto school = static_cast<std::int64_t>(random.below(static_cast<std::size_t>(setting.schools)));
  const bool girl = random.fraction() < .49;
  constexpr std::array<std::array<std::int64_t, 2>, 3> kGrades = {{{1, 5}, {6, 9}, {10, 12}}};
  const auto [lowest, highest] = kGrades[static_cast<std::size_t>(school % 3)];
  need.grade = random.between(lowest, highest);
  const int born = static_cast<int>(2026 - 6 - (need.grade - 1) - (random.fraction() < .08 ? 1 : 0));
  need.id = random_id(random);
  need.school_id = "S" + padded(1 + school, 3);
  need.district_id = "D" + padded(1 + school % setting.districts, 2);
  need.student_code = need.school_id + "-" + padded(static_cast<std::int64_t>(index), 6);
  need.full_name = std::string(random.pick(words.family)) + " ";
  need.full_name += std::string(random.pick(girl ? words.middle_girl : words.middle_boy)) + " ";
  need.full_name += random.pick(girl ? words.given_girl : words.given_boy);
  const std::int64_t birth_month = random.between(1, 12);
  need.birth_date = days(born, birth_month, random.between(1, 28));
  need.gender = girl ? 2 : 1;
  need.household_category = weighted(random);
  need.guardian_phone = "0" + std::string(random.pick(words.prefixes));
  need.guardian_phone += padded(random.between(0, 9999999), 7);
  need.lacks_device = random.fraction() < .62;
  need.lacks_signal = random.fraction() < .21;
  need.siblings_sharing = random.between(0, 3);
  const std::size_t month = setting.months == 1 ? 0 : random.below(static_cast<std::size_t>(setting.months));
  const std::int64_t day = days(2026, setting.first_month + static_cast<std::int64_t>(month), random.between(1, 28));
  const std::int64_t hour = random.between(7, 17);
  const std::int64_t minute = random.between(0, 59);
  need.recorded_at = (((day * 24 + hour) * 60 + minute) * 60 + random.between(0, 59)) * 1000;
  need.recorded_by = "U" + padded(random.between(1, setting.users), 4);
  need.note = random.pick(words.notes);
  return need;
}

}  // namespace

std::vector<Need> make_needs(Lists lists, std::size_t count, std::uint32_t seed) {
  Random random(seed);
  const Setting& setting = lists == Lists::kMeasured ? kMeasuredSetting : kTrainingSetting;
  std::vector<Need> needs;
  for (std::size_t i = 0; i < count; ++i) needs.push_back(make_need(random, vocabulary(lists), setting, i));
  return needs;
}

std::vector<Change> make_changes(std::span<const Need> needs, const Author& author) {
  Random random(author.seed);
  std::int64_t clock = days(2026, 9, 28) * 86400000 + 5 * 3600000 + random.between(0, 9999999);
  std::vector<Change> changes;
  for (const Need& need : needs) {
    clock += author.pace == Pace::kTeacher ? random.between(5000, 180000) : random.between(0, 3);
    Change change;
    change.name = Name(author.replica, author.first + static_cast<Sequence>(changes.size()), author.tag);
    change.record = change.name;
    change.kind = kNeedKind;
    change.captured_ms = clock;
    change.correction_ms = -734;
    change.uncertainty_ms = 310;
    change.unit = author.unit;
    change.revision = 1;
    FieldNumber field = 0;
    const auto write = [&](bool personal, Value value) {
      change.writes.push_back({++field, Shape::kRegister, personal, std::move(value)});
    };
    write(true, Value(Text{need.student_code}));
    write(true, Value(Text{need.full_name}));
    write(true, Value(need.birth_date));
    write(true, Value(need.gender));
    write(false, Value(need.grade));
    write(false, Value(Text{need.school_id}));
    write(false, Value(Text{need.district_id}));
    write(false, Value(need.household_category));
    write(true, Value(Text{need.guardian_phone}));
    write(false, Value(std::int64_t{need.lacks_device}));
    write(false, Value(std::int64_t{need.lacks_signal}));
    write(false, Value(need.siblings_sharing));
    write(false, Value(need.recorded_at));
    write(false, Value(Text{need.recorded_by}));
    if (!need.note.empty()) write(true, Value(Text{need.note}));
    changes.push_back(std::move(change));
  }
  return changes;
}

Act need_act(const Change& change) {
  Act act;
  act.kind = change.kind;
  for (const Write& write : change.writes) {
    act.inputs.push_back(Input{.field = write.field, .shape = write.shape, .value = write.value});
  }
  return act;
}

State fresh_state(const Change& change) {
  State state;
  state.id = change.record;
  state.kind = change.kind;
  state.opened = true;
  state.opened_in = change.unit;
  state.applied = {change.name};
  for (const Write& write : change.writes) {
    Register field;
    field.field = write.field;
    field.heads.push_back({change.name, change.captured_ms, write.personal, false, write.value});
    state.registers.push_back(std::move(field));
  }
  return state;
}

std::vector<std::string> training_pieces() {
  constexpr std::size_t kAlone = 48;
  constexpr std::size_t kByTwenty = 6;
  constexpr std::size_t kMany = 400;
  const std::vector<Need> needs = make_needs(Lists::kTraining, kAlone + 20 * kByTwenty + kMany, 77);
  Random random(4);
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < needs.size();) {
    const std::size_t size = pieces.size() < kAlone ? 1 : pieces.size() < kAlone + kByTwenty ? 20 : kMany;
    const Author author = {.replica = random.next() >> 8,
                           .first = 1 + static_cast<Sequence>(random.below(4000)),
                           .tag = random.next() >> 12,
                           .unit = needs[at].district_id,
                           .seed = random.next()};
    pieces.push_back(encode_changes(make_changes(std::span(needs).subspan(at, size), author)));
    at += size;
  }
  return pieces;
}

std::vector<std::string_view> words_of(Lists lists) {
  const Vocabulary& words = vocabulary(lists);
  std::vector<std::string_view> all;
  for (const List* list : {&words.family, &words.middle_boy, &words.middle_girl, &words.given_boy, &words.given_girl,
                           &words.notes, &words.prefixes}) {
    for (const std::string_view word : *list) {
      if (!word.empty()) all.push_back(word);
    }
  }
  return all;
}

}  // namespace songsong::bench
