#include "shared/core/condition.h"

#include <catch2/catch_test_macros.hpp>
#include <initializer_list>
#include <map>
#include <set>
#include <string>

using namespace songsong;

namespace {

constexpr FieldNumber kLacks = 1;
constexpr FieldNumber kWanted = 2;
constexpr FieldNumber kReason = 3;
constexpr FieldNumber kWitness = 4;

Value integer(std::int64_t number) { return Value(number); }

policy::Test test_of(FieldNumber field, policy::Test::Op op, std::initializer_list<std::int64_t> values = {}) {
  policy::Test test;
  test.set_field(field);
  test.set_op(op);
  for (const std::int64_t value : values) test.add_value(value);
  return test;
}

FieldPolicy field_of(FieldNumber number, policy::FieldType type) {
  FieldPolicy field;
  field.set_number(number);
  field.set_type(type);
  return field;
}

FieldPolicy state_with_default() {
  FieldPolicy state = field_of(kLacks, policy::ENUM);
  state.set_has_absent_means(true);
  state.set_absent_means(1);
  return state;
}

// wanted is asked when lacks is 1, reason when wanted is there, witness when reason is not.
KindPolicy chained() {
  KindPolicy need;
  *need.add_field() = field_of(kLacks, policy::ENUM);
  *need.add_field() = field_of(kWanted, policy::ENUM);
  *need.add_field() = field_of(kReason, policy::TEXT);
  *need.add_field() = field_of(kWitness, policy::TEXT);
  *need.mutable_field(1)->add_ask_when() = test_of(kLacks, policy::Test::IN, {1});
  *need.mutable_field(2)->add_ask_when() = test_of(kWanted, policy::Test::PRESENT);
  *need.mutable_field(3)->add_ask_when() = test_of(kReason, policy::Test::ABSENT);
  return need;
}

std::set<FieldNumber> hidden(const KindPolicy& kind, const std::map<FieldNumber, Value>& shown) {
  return hidden_fields(kind, [&](FieldNumber number) {
    const auto found = shown.find(number);
    return found == shown.end() ? nullptr : &found->second;
  });
}

}  // namespace

TEST_CASE("what counts as being there") {
  const FieldPolicy choice = field_of(kLacks, policy::ENUM);
  const FieldPolicy number = field_of(kLacks, policy::INTEGER);
  const FieldPolicy note = field_of(kLacks, policy::TEXT);
  const Value none;
  const Value zero = integer(0);
  const Value empty{Text{""}};
  const Value erased{Erased{}};
  CHECK_FALSE(is_present(choice, nullptr));
  CHECK_FALSE(is_present(choice, &none));
  CHECK_FALSE(is_present(choice, &zero));
  CHECK(is_present(number, &zero));
  CHECK_FALSE(is_present(note, &empty));
  CHECK(is_present(note, &erased));
}

TEST_CASE("tests of a field without a default") {
  const FieldPolicy lacks = field_of(kLacks, policy::ENUM);
  const auto in = test_of(kLacks, policy::Test::IN, {1, 3});
  const auto not_in = test_of(kLacks, policy::Test::NOT_IN, {1, 3});
  const auto present = test_of(kLacks, policy::Test::PRESENT);
  const auto absent = test_of(kLacks, policy::Test::ABSENT);
  const Value listed = integer(3);
  const Value other = integer(2);
  const Value erased{Erased{}};

  CHECK(holds(in, lacks, &listed));
  CHECK_FALSE(holds(in, lacks, &other));
  CHECK_FALSE(holds(in, lacks, nullptr));
  CHECK_FALSE(holds(in, lacks, &erased));
  CHECK_FALSE(holds(not_in, lacks, &listed));
  CHECK(holds(not_in, lacks, &other));
  CHECK(holds(not_in, lacks, nullptr));
  CHECK(holds(present, lacks, &other));
  CHECK_FALSE(holds(present, lacks, nullptr));
  CHECK(holds(present, lacks, &erased));
  CHECK(holds(absent, lacks, nullptr));
  CHECK_FALSE(holds(absent, lacks, &other));
}

TEST_CASE("an absent field counts as what its absence means") {
  const FieldPolicy state = state_with_default();
  const Value unspecified = integer(0);
  for (const Value* shown : {static_cast<const Value*>(nullptr), &unspecified}) {
    CHECK(holds(test_of(kLacks, policy::Test::IN, {1}), state, shown));
    CHECK_FALSE(holds(test_of(kLacks, policy::Test::NOT_IN, {1}), state, shown));
    CHECK(holds(test_of(kLacks, policy::Test::NOT_IN, {2}), state, shown));
    CHECK(holds(test_of(kLacks, policy::Test::PRESENT), state, shown));
    CHECK_FALSE(holds(test_of(kLacks, policy::Test::ABSENT), state, shown));
  }
}

TEST_CASE("a test that this program does not know never holds") {
  const FieldPolicy lacks = field_of(kLacks, policy::ENUM);
  const Value one = integer(1);
  CHECK_FALSE(holds(test_of(kLacks, policy::Test::OP_UNSPECIFIED, {1}), lacks, &one));
  CHECK_FALSE(holds(test_of(kLacks, static_cast<policy::Test::Op>(77), {1}), lacks, &one));
}

TEST_CASE("hidden fields hide what depends on them") {
  const KindPolicy need = chained();
  const Value reason{Text{"xa trường"}};
  CHECK(hidden(need, {{kLacks, integer(1)}, {kWanted, integer(2)}}) == std::set<FieldNumber>{});
  CHECK(hidden(need, {{kLacks, integer(1)}, {kWanted, integer(2)}, {kReason, reason}}) ==
        std::set<FieldNumber>{kWitness});
  CHECK(hidden(need, {{kLacks, integer(1)}}) == std::set<FieldNumber>{kReason});
  // wanted and reason are there, but not asked: they count as absent.
  CHECK(hidden(need, {{kLacks, integer(2)}, {kWanted, integer(2)}, {kReason, reason}}) ==
        std::set<FieldNumber>{kWanted, kReason});
}

TEST_CASE("a condition on another record, or on a field that the kind lacks, hides nothing") {
  KindPolicy need = chained();
  auto* elsewhere = need.mutable_field(1)->mutable_ask_when(0);
  elsewhere->set_via(9);
  *need.mutable_field(2)->mutable_ask_when(0) = test_of(88, policy::Test::PRESENT);
  CHECK(hidden(need, {{kLacks, integer(2)}}) == std::set<FieldNumber>{});
}

TEST_CASE("fields that hide each other in a circle are left where as many rounds as there are fields put them") {
  KindPolicy need = chained();
  *need.mutable_field(0)->add_ask_when() = test_of(kWanted, policy::Test::ABSENT);
  // lacks hides; then wanted, for lacks is hidden; then lacks shows and reason hides, for wanted is hidden; then wanted
  // shows.
  CHECK(hidden(need, {{kLacks, integer(1)}, {kWanted, integer(2)}}) == std::set<FieldNumber>{kReason});
}
