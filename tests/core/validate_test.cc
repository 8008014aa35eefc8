#include "shared/core/validate.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "schemas/limits.h"
#include "shared/core/change.h"
#include "shared/core/civil_time.h"

using namespace songsong;

namespace {

constexpr FieldNumber kName = 1;
constexpr FieldNumber kSchool = 2;
constexpr FieldNumber kCitizenId = 3;
constexpr FieldNumber kGrade = 4;
constexpr FieldNumber kBirthDate = 5;
constexpr FieldNumber kLacks = 6;
constexpr FieldNumber kWanted = 7;
constexpr FieldNumber kState = 8;
constexpr FieldNumber kStateDate = 9;
constexpr FieldNumber kRefusal = 10;
constexpr FieldNumber kPupil = 11;
constexpr FieldNumber kPhotos = 12;
constexpr FieldNumber kPoor = 13;
constexpr FieldNumber kSeen = 14;
constexpr FieldNumber kLevel = 15;
constexpr FieldNumber kPhoto = 16;
constexpr FieldNumber kStateGroup = 1001;

constexpr std::int64_t kVerified = 1;
constexpr std::int64_t kRefused = 2;

using Shown = std::map<FieldNumber, Value>;

Value integer(std::int64_t number) { return Value(number); }
Value text(std::string utf8) { return Value(Text{std::move(utf8)}); }

void ask_when(FieldPolicy* field, FieldNumber other, std::initializer_list<std::int64_t> values) {
  policy::Test* test = field->add_ask_when();
  test->set_field(other);
  test->set_op(policy::Test::IN);
  for (const std::int64_t value : values) test->add_value(value);
}

// A kind of everything: a pupil and a need in one, grown field by field.
class Table {
 public:
  Table() {
    kind_ = table_.add_kind();
    kind_->set_number(10);
    kind_->set_name("pupil");
    add(kName, "full_name", policy::TEXT)->set_required(true);
    add(kSchool, "school", policy::UNIT)->set_required(true);
    add(kCitizenId, "citizen_id", policy::TEXT)->set_pattern("[0-9]{9}([0-9]{3})?");
    range(add(kGrade, "grade", policy::INTEGER), 1, 12);
    range(add(kBirthDate, "birth_date", policy::DATE), 10957, 20000);
    choices(add(kLacks, "lacks", policy::ENUM), {"device", "signal", "both"})->set_required(true);
    ask_when(choices(add(kWanted, "wanted", policy::ENUM), {"laptop", "tablet"}), kLacks, {1, 3});
    field(kWanted)->set_required(true);
    choices(add(kState, "state", policy::ENUM), {"verified", "refused"})->set_group(kStateGroup);
    add(kStateDate, "state_date", policy::DATE)->set_group(kStateGroup);
    add(kRefusal, "refusal", policy::TEXT)->set_group(kStateGroup);
    ask_when(field(kRefusal), kState, {kRefused});
    add(kPupil, "pupil", policy::REFERENCE);
    add(kPhotos, "photos", policy::BYTES)->set_merge(schema::UNION);
    field(kPhotos)->set_required(true);
    add(kPoor, "poor", policy::BOOLEAN);
    add(kSeen, "seen", policy::INSTANT);
    choices(add(kLevel, "level", policy::ENUM), {"primary", "secondary"})->set_required(true);
    field(kLevel)->set_has_absent_means(true);
    field(kLevel)->set_absent_means(1);
    add(kPhoto, "photo", policy::BYTES);
  }

  FieldPolicy* field(FieldNumber number) { return kind_->mutable_field(static_cast<int>(number) - 1); }
  const KindPolicy& kind() const { return *kind_; }

  // Each fault as "where code", in the order given.
  std::vector<std::string> check(const Shown& shown) const {
    std::vector<std::string> lines;
    for (const Fault& fault : faults(shown)) lines.push_back(fault.where + " " + fault.code);
    return lines;
  }
  std::vector<Fault> faults(const Shown& shown) const { return Validator(table_).check(*kind_, shown); }

 private:
  FieldPolicy* add(FieldNumber number, const char* name, policy::FieldType type) {
    FieldPolicy* added = kind_->add_field();
    added->set_number(number);
    added->set_name(name);
    added->set_type(type);
    added->set_merge(schema::LATEST);
    return added;
  }
  static void range(FieldPolicy* field, std::int64_t min, std::int64_t max) {
    field->set_has_range(true);
    field->set_min(min);
    field->set_max(max);
  }
  static FieldPolicy* choices(FieldPolicy* field, std::initializer_list<const char*> names) {
    field->add_value()->set_name("unspecified");
    for (const char* name : names) {
      policy::EnumEntry* entry = field->add_value();
      entry->set_name(name);
      entry->set_number(field->value_size() - 1);
    }
    return field;
  }

  policy::PolicyTable table_;
  KindPolicy* kind_ = nullptr;
};

Shown lan() { return {{kName, text("Lò Thị Lan")}, {kSchool, text("VN-14-021")}, {kLacks, integer(2)}}; }

Shown lan_with(FieldNumber number, Value value) {
  Shown shown = lan();
  shown[number] = std::move(value);
  return shown;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a sound record has no fault") {
  const Table table;
  CHECK(table.check(lan()) == Lines{});
  Shown full = lan();
  full[kCitizenId] = text("012345678901");
  full[kGrade] = integer(12);
  full[kBirthDate] = integer(15000);
  full[kLacks] = integer(3);
  full[kWanted] = integer(1);
  full[kState] = integer(kRefused);
  full[kStateDate] = integer(18912);
  full[kRefusal] = text("đã có máy");
  full[kPupil] = Value(Name(1, 2, 3));
  full[kPoor] = integer(0);
  full[kSeen] = integer(0);
  full[kLevel] = integer(2);
  full[kPhoto] = Value(Bytes{"\xFF"});
  full[kRemovedField] = integer(0);
  CHECK(table.check(full) == Lines{});
}

TEST_CASE("what is required and missing is named, in the order of the kind") {
  const Table table;
  CHECK(table.check({}) == Lines{"pupil.full_name required", "pupil.school required", "pupil.lacks required"});
  CHECK(table.check(lan_with(kName, Value())) == Lines{"pupil.full_name required"});
  CHECK(table.check(lan_with(kName, text(""))) == Lines{"pupil.full_name required"});
  CHECK(table.check(lan_with(kLacks, integer(0))) == Lines{"pupil.lacks required"});
  CHECK(table.check(lan_with(kName, Value(Erased{}))) == Lines{});
}

TEST_CASE("what the skip logic hides is neither required nor judged") {
  Table table;
  CHECK(table.check(lan_with(kLacks, integer(1))) == Lines{"pupil.wanted required"});
  CHECK(table.check(lan_with(kWanted, text("bất kỳ"))) == Lines{});
  Shown asked = lan_with(kLacks, integer(1));
  asked[kWanted] = integer(9);
  CHECK(table.check(asked) == Lines{"pupil.wanted unknown_value"});

  // Whether it is asked depends on another record: it cannot be called missing, but what is there is judged.
  table.field(kWanted)->mutable_ask_when(0)->set_via(kPupil);
  CHECK(table.check(lan_with(kLacks, integer(1))) == Lines{});
  CHECK(table.check(asked) == Lines{"pupil.wanted unknown_value"});
}

TEST_CASE("fields that make sense only together come together") {
  const Table table;
  CHECK(table.check(lan_with(kState, integer(kVerified))) == Lines{"pupil.state_date group_incomplete"});
  CHECK(table.check(lan_with(kStateDate, integer(18912))) == Lines{"pupil.state group_incomplete"});
  Shown refused = lan_with(kState, integer(kRefused));
  refused[kStateDate] = integer(18912);
  CHECK(table.check(refused) == Lines{"pupil.refusal group_incomplete"});
  refused[kState] = integer(kVerified);
  CHECK(table.check(refused) == Lines{});
  // A refusal that nobody asks for is as good as absent: it does not call for a state.
  CHECK(table.check(lan_with(kRefusal, text("đã có máy"))) == Lines{});
}

TEST_CASE("a value of another type") {
  const Table table;
  CHECK(table.check(lan_with(kName, integer(5))) == Lines{"pupil.full_name wrong_type"});
  CHECK(table.check(lan_with(kGrade, text("5"))) == Lines{"pupil.grade wrong_type"});
  CHECK(table.check(lan_with(kPupil, integer(5))) == Lines{"pupil.pupil wrong_type"});
  CHECK(table.check(lan_with(kPhoto, text("x"))) == Lines{"pupil.photo wrong_type"});
  CHECK(table.check(lan_with(kGrade, Value(Group{{kGrade, integer(5)}}))) == Lines{"pupil.grade wrong_type"});
}

TEST_CASE("choices, numbers and dates have their bounds") {
  const Table table;
  CHECK(table.check(lan_with(kLacks, integer(4))) == Lines{"pupil.lacks unknown_value"});
  CHECK(table.check(lan_with(kPoor, integer(2))) == Lines{"pupil.poor unknown_value"});
  CHECK(table.check(lan_with(kGrade, integer(1))) == Lines{});
  CHECK(table.check(lan_with(kGrade, integer(0))) == Lines{"pupil.grade out_of_range"});
  CHECK(table.check(lan_with(kGrade, integer(13))) == Lines{"pupil.grade out_of_range"});
  CHECK(table.check(lan_with(kBirthDate, integer(10956))) == Lines{"pupil.birth_date out_of_range"});
  CHECK(table.check(lan_with(kSeen, integer(kLastInstantMs + 1))) == Lines{"pupil.seen out_of_range"});
  CHECK(table.check(lan_with(kPupil, Value(Name()))) == Lines{"pupil.pupil bad_reference"});

  const std::vector<Fault> faults = table.faults(lan_with(kBirthDate, integer(0)));
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].what == "birth_date lies between 2000-01-01 and 2024-10-04.");
}

TEST_CASE("lengths are counted in letters, not bytes") {
  Table table;
  table.field(kName)->set_max_length(6);
  CHECK(table.check(lan_with(kName, text("Nguyễn"))) == Lines{});
  CHECK(table.check(lan_with(kName, text("Nguyễn "))) == Lines{"pupil.full_name too_long"});
  table.field(kName)->set_max_length(0);
  CHECK(table.check(lan_with(kName, text(std::string(schema::kDefaultMaxLength, 'a')))) == Lines{});
  CHECK(table.check(lan_with(kName, text(std::string(schema::kDefaultMaxLength + 1, 'a')))) ==
        Lines{"pupil.full_name too_long"});
  CHECK(table.check(lan_with(kSchool, text(std::string(kMaxUnitCodeBytes, '1')))) == Lines{});
  CHECK(table.check(lan_with(kSchool, text(std::string(kMaxUnitCodeBytes + 1, '1')))) ==
        Lines{"pupil.school too_long"});
  // But a unit's code has a place of so many bytes in every change.
  std::string code;
  while (code.size() <= kMaxUnitCodeBytes) code += "đ";
  CHECK(table.check(lan_with(kSchool, text(code))) == Lines{"pupil.school too_long"});
}

TEST_CASE("texts have to be as they are stored") {
  const Table table;
  CHECK(table.check(lan_with(kName, text("Nguye\u0302\u0303n"))) == Lines{"pupil.full_name not_normal"});
  CHECK(table.check(lan_with(kName, text("Lan\xFF"))) == Lines{"pupil.full_name not_normal"});
  CHECK(table.check(lan_with(kName, text("Lan\x01"))) == Lines{"pupil.full_name not_normal"});
}

TEST_CASE("a pattern has to match the whole text") {
  Table table;
  CHECK(table.check(lan_with(kCitizenId, text("012345678"))) == Lines{});
  for (const char* wrong : {"01234567", "0123456789", "012345678\n", "x012345678", "０１２３４５６７８"}) {
    INFO(wrong);
    CHECK(table.check(lan_with(kCitizenId, text(wrong))) == Lines{"pupil.citizen_id pattern"});
  }
  SECTION("and is spared long texts") {
    table.field(kCitizenId)->set_pattern("a*");
    table.field(kCitizenId)->set_max_length(60'000);
    CHECK(table.check(lan_with(kCitizenId, text(std::string(schema::kMaxPatternedText, 'a')))) == Lines{});
    CHECK(table.check(lan_with(kCitizenId, text(std::string(60'000, 'a')))) == Lines{"pupil.citizen_id too_long"});
  }
  SECTION("and keeps nobody from recording when it is broken") {
    table.field(kCitizenId)->set_pattern("[0-9");
    CHECK(table.check(lan_with(kCitizenId, text("012"))) == Lines{});
  }
}

TEST_CASE("a field of a newer schema is named after all others") {
  const Table table;
  Shown shown = lan_with(77, text("từ bản mới"));
  shown[78] = Value();
  shown[kGrade] = integer(13);
  CHECK(table.check(shown) == Lines{"pupil.grade out_of_range", "pupil.77 unknown_field"});
}

TEST_CASE("one value is judged by itself, such as a member of a union") {
  const Table table;
  policy::PolicyTable one_kind;
  *one_kind.add_kind() = table.kind();
  const Validator validator(one_kind);
  const KindPolicy& kind = one_kind.kind(0);
  const FieldPolicy& photos = kind.field(kPhotos - 1);
  CHECK_FALSE(validator.check_value(kind, photos, Value(Bytes{"\x01"})));
  CHECK(validator.check_value(kind, photos, text("x"))->code == "wrong_type");
  CHECK(validator.check_value(kind, kind.field(kLacks - 1), integer(0))->code == "unknown_value");
}

TEST_CASE("a fault never quotes the value") {
  const Table table;
  Shown shown = lan();
  shown[kName] = text("Lan\x01");
  shown[kCitizenId] = text("0912x");
  shown[kLacks] = integer(4711);
  shown[kGrade] = integer(4711);
  shown[77] = text("Lan");
  const std::vector<Fault> faults = table.faults(shown);
  CHECK(faults.size() == 5);
  for (const Fault& fault : faults) {
    INFO(fault.what);
    CHECK(fault.what.find("Lan") == std::string::npos);
    CHECK(fault.what.find("0912") == std::string::npos);
    CHECK(fault.what.find("4711") == std::string::npos);
  }
}
