#include "shared/core/value_text.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "shared/core/change.h"
#include "shared/core/civil_time.h"
#include "tests/support/random.h"

using namespace songsong;

namespace {

FieldPolicy field_of(policy::FieldType type, const char* name = "field") {
  FieldPolicy field;
  field.set_number(1);
  field.set_name(name);
  field.set_type(type);
  return field;
}

FieldPolicy lacks() {
  FieldPolicy field = field_of(policy::ENUM, "lacks");
  for (const char* name : {"unspecified", "device", "signal", "both"}) {
    policy::EnumEntry* entry = field.add_value();
    entry->set_number(field.value_size() - 1);
    entry->set_name(name);
  }
  return field;
}

Value read(const FieldPolicy& field, std::string_view text) {
  const Outcome<Value> value = parse_value(field, text);
  INFO(text);
  REQUIRE(value.ok());
  return *value;
}

Fault refused(const FieldPolicy& field, std::string_view text) {
  const Outcome<Value> value = parse_value(field, text);
  INFO(text);
  REQUIRE_FALSE(value.ok());
  return value.fault();
}

Value integer(std::int64_t number) { return Value(number); }
Value text(std::string utf8) { return Value(Text{std::move(utf8)}); }

}  // namespace

TEST_CASE("an empty text clears a field of any type") {
  for (int type = policy::TEXT; type <= policy::BYTES; ++type) {
    CHECK(read(field_of(static_cast<policy::FieldType>(type)), "").is_none());
    CHECK(read(field_of(static_cast<policy::FieldType>(type)), " \t").is_none());
  }
}

TEST_CASE("each type reads its own form") {
  CHECK(read(field_of(policy::TEXT), "  Nguye\u0302\u0303n Thị  Lan ") == text("Nguyễn Thị  Lan"));
  CHECK(read(field_of(policy::INTEGER), "-12") == integer(-12));
  CHECK(read(field_of(policy::INTEGER), " 05") == integer(5));
  CHECK(read(field_of(policy::MONEY), "2500000") == integer(2'500'000));
  CHECK(read(field_of(policy::BOOLEAN), "true") == integer(1));
  CHECK(read(field_of(policy::BOOLEAN), "false") == integer(0));
  CHECK(read(lacks(), "both") == integer(3));
  CHECK(read(field_of(policy::DATE), "2021-10-12") == integer(18912));
  CHECK(read(field_of(policy::INSTANT), "1970-01-01T00:00:01Z") == integer(1000));
  CHECK(read(field_of(policy::REFERENCE), "00001.2.0003") == Value(Name(1, 2, 3)));
  CHECK(read(field_of(policy::UNIT), "VN-07-123") == text("VN-07-123"));
  CHECK(read(field_of(policy::BYTES), "00ff7a") == Value(Bytes{std::string("\x00\xFF\x7A", 3)}));
}

TEST_CASE("each type refuses what is not of its form") {
  CHECK(refused(field_of(policy::TEXT), "Lan\xFF").code == "text_not_utf8");
  CHECK(refused(field_of(policy::TEXT), "Lan\x01 Anh").code == "text_control_character");
  for (const char* wrong : {"1.000", "1 000", "+1", "1e3", "0x1", "--1", "-", "9223372036854775808", "mười"}) {
    CHECK(refused(field_of(policy::INTEGER), wrong).code == "integer_malformed");
    CHECK(refused(field_of(policy::MONEY), wrong).code == "integer_malformed");
  }
  for (const char* wrong : {"True", "1", "yes", "có"}) {
    CHECK(refused(field_of(policy::BOOLEAN), wrong).code == "boolean_malformed");
  }
  CHECK(refused(field_of(policy::DATE), "12/10/2021").code == "date_malformed");
  CHECK(refused(field_of(policy::DATE), "2021-02-31").code == "date_impossible");
  CHECK(refused(field_of(policy::INSTANT), "2021-10-12").code == "instant_malformed");
  CHECK(refused(field_of(policy::REFERENCE), "Lan").code == "name_malformed");
  CHECK(refused(field_of(policy::UNIT), std::string(kMaxUnitCodeBytes + 1, '7')).code == "text_too_long");
  for (const char* wrong : {"0", "0F", "0g", "000"}) {
    CHECK(refused(field_of(policy::BYTES), wrong).code == "bytes_malformed");
  }
  CHECK(refused(field_of(policy::FIELD_TYPE_UNSPECIFIED), "x").code == "unknown_type");
  CHECK(refused(field_of(static_cast<policy::FieldType>(99)), "x").code == "unknown_type");
}

TEST_CASE("an unknown choice is told what is allowed, and 'unspecified' is no choice") {
  for (const char* wrong : {"phone", "unspecified", "Both", "3"}) {
    const Fault fault = refused(lacks(), wrong);
    CHECK(fault.code == "unknown_value");
    CHECK(fault.where == "lacks");
    CHECK(fault.what == "lacks takes one of: device, signal, both.");
  }
}

TEST_CASE("a fault names the field and never what was written") {
  for (int type = policy::INTEGER; type <= policy::REFERENCE; ++type) {
    const Fault fault = refused(field_of(static_cast<policy::FieldType>(type), "birth_date"), "Lan 0912");
    CHECK(fault.where == "birth_date");
    CHECK(fault.what.find("Lan") == std::string::npos);
    CHECK(fault.what.find("0912") == std::string::npos);
  }
  const Fault fault = refused(field_of(policy::TEXT, "full_name"), "Lan\x02");
  CHECK(fault.where == "full_name");
  CHECK(fault.what.find("Lan") == std::string::npos);
}

TEST_CASE("what was read is printed so that it reads the same") {
  Random random(2021);
  INFO("seed " << random.seed());
  const FieldPolicy choice = lacks();
  const auto survives = [](const FieldPolicy& field, const Value& value) {
    return read(field, print_value(&field, value)) == value;
  };
  for (int i = 0; i < 2000; ++i) {
    const auto any = static_cast<std::int64_t>(random.next());
    REQUIRE(survives(field_of(policy::INTEGER), integer(any)));
    REQUIRE(survives(field_of(policy::BOOLEAN), integer(random.between(0, 1))));
    REQUIRE(survives(choice, integer(random.between(1, 3))));
    REQUIRE(survives(field_of(policy::DATE), integer(random.between(kFirstDay, kLastDay))));
    REQUIRE(survives(field_of(policy::INSTANT), integer(random.between(kFirstInstantMs, kLastInstantMs))));
    REQUIRE(survives(field_of(policy::REFERENCE), Value(Name(7, static_cast<Sequence>(i + 1), 9))));
    REQUIRE(survives(field_of(policy::BYTES), Value(Bytes{std::string(1, static_cast<char>(any))})));
  }
  CHECK(survives(field_of(policy::INTEGER), integer(std::numeric_limits<std::int64_t>::min())));
  CHECK(survives(field_of(policy::TEXT), text("Đinh Thị Lan\nlớp 5A")));
}

TEST_CASE("values are printed by the policy") {
  const FieldPolicy choice = lacks();
  const FieldPolicy yes_no = field_of(policy::BOOLEAN);
  const FieldPolicy date = field_of(policy::DATE);
  CHECK(print_value(&choice, integer(1)) == "device");
  CHECK(print_value(&choice, integer(17)) == "17");
  CHECK(print_value(&yes_no, integer(1)) == "true");
  CHECK(print_value(&yes_no, integer(2)) == "2");
  CHECK(print_value(&date, integer(18912)) == "2021-10-12");
  CHECK(print_value(&date, text("cuối tháng")) == "cuối tháng");
}

TEST_CASE("values without a policy, or of an unknown field, are printed by their type") {
  CHECK(print_value(nullptr, Value()).empty());
  CHECK(print_value(nullptr, integer(-5)) == "-5");
  CHECK(print_value(nullptr, text("Minh")) == "Minh");
  CHECK(print_value(nullptr, Value(Bytes{"\x0A"})) == "0a");
  CHECK(print_value(nullptr, Value(Name(1, 2, 3))) == "00001.2.0003");
  CHECK(print_value(nullptr, Value(Group{{4, integer(1)}, {9, text("Minh")}})) == "4=1; 9=Minh");
  CHECK(print_value(nullptr, Value(Erased{})) == "erased");
}
