#include "shared/core/canonical.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/chain_example.h"
#include "tests/support/random.h"

using namespace songsong;
using namespace songsong::example;

namespace {

std::string bytes_of(const Change& change) {
  const auto committed = commitments(change, lans_lookup());
  REQUIRE(committed.ok());
  return canonical_bytes(change, *committed);
}

// A change that differs only in what `edit` does to it.
template <class Edit>
Change edited(Change change, Edit edit) {
  edit(change);
  return change;
}

void all_differ(const std::vector<Change>& changes) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO("change " << i);
    CHECK(seen.insert(bytes_of(changes[i])).second);
  }
}

Value random_value(Random& random, bool may_group) {
  static const std::vector<std::string> kTexts = {"", "a", "b", "ab", std::string(1, '\0'), std::string(2, '\0')};
  switch (random.below(may_group ? 6 : 5)) {
    case 0:
      return Value();
    case 1:
      return Value(random.between(-2, 2));
    case 2:
      return Value(Text{random.pick(kTexts)});
    case 3:
      return Value(Bytes{random.pick(kTexts)});
    case 4:
      return Value(Name::from_packed(random.below(3)));
    default: {
      Group group;
      for (auto count = random.below(3); count > 0; --count) {
        group.emplace_back(static_cast<FieldNumber>(random.below(3)), random_value(random, false));
      }
      return Value(std::move(group));
    }
  }
}

// Small parts from a small choice, so that equal changes are common, and unequal ones with equal bytes would be too if
// the form were ambiguous.
Change random_change(Random& random) {
  static const std::vector<std::string> kTexts = {"", "a", "aa", std::string(1, '\1'), std::string(1, '\0')};
  Change change;
  change.name = lans(1);
  for (auto count = random.below(3); count > 0; --count) change.saw.push_back(Name::from_packed(random.below(2)));
  change.actor = random.pick(kTexts);
  change.unit = random.pick(kTexts);
  for (auto count = random.below(3); count > 0; --count) {
    change.writes.push_back(
        wrote(static_cast<FieldNumber>(random.below(2)), random_value(random, true), Shape(random.below(4))));
  }
  return change;
}

}  // namespace

TEST_CASE("Lan's changes have the canonical bytes of FORMAT.md", "[canonical]") {
  CHECK(to_hex(bytes_of(opening())) ==
        "00000700001abcde00000700001abcde020080e0d6d18968f303a006036c616e0453303137030003010165612627236151ab749ee859"
        "da623de31f3c0cb436dbd035c3afd89975cad9660400010e050196c37d07ccfff6e16513479cf31aaae6264fea55048095664bb7a951"
        "992708d7");
  CHECK(to_hex(bytes_of(editing())) ==
        "00000700002abcde00000900004123450202000008000030000500000900006123450100ffffffff0f000453303137ac028180808180"
        "6006000001000202030200ff02051d2e5d984f7409987aaf8006493edf27d0b83d5998ec04e850bb902c00122b73030601ffffffffff"
        "ffffffff01060000e807000502070104080209c491c3a3206769616f");
}

TEST_CASE("a byte that moves from one part of a change to the next makes other bytes", "[canonical]") {
  const Change lan = edited(opening(), [](Change& c) {
    c.actor = "lan";
    c.unit = "a";
    c.writes = {wrote(1, Value(Text{"ab"})), wrote(2, Value(Text{"c"}))};
  });
  all_differ({
      lan,
      edited(lan, [](Change& c) { c.actor = "la", c.unit = "na"; }),
      edited(lan, [](Change& c) { c.actor = "lana", c.unit = ""; }),
      edited(lan, [](Change& c) { c.writes[0].value = Value(Text{"a"}), c.writes[1].value = Value(Text{"bc"}); }),
      edited(lan, [](Change& c) { c.writes[0].value = Value(Text{"abc"}), c.writes[1].value = Value(Text{""}); }),
      edited(lan, [](Change& c) { c.writes[0].value = Value(Bytes{"ab"}); }),
      edited(lan, [](Change& c) { c.writes.pop_back(); }),
      edited(lan, [](Change& c) { std::swap(c.writes[0], c.writes[1]); }),
      edited(lan, [](Change& c) { std::swap(c.writes[0].value, c.writes[1].value); }),
  });
}

TEST_CASE("values that look alike have other bytes", "[canonical]") {
  const auto grouped = [](std::vector<std::pair<FieldNumber, Value>> members) { return Value(Group(members)); };
  const std::vector<Value> values = {
      Value(),
      Value(Erased{}),
      Value(std::int64_t{0}),
      Value(std::int64_t{1}),
      Value(std::int64_t{-1}),
      Value(INT64_MAX),
      Value(INT64_MIN),
      Value(Text{""}),
      Value(Bytes{""}),
      Value(Text{"1"}),
      Value(Text{std::string(1, '\0')}),
      Value(Text{std::string(2, '\0')}),
      Value(Name()),
      Value(Name(0, 0, 1)),
      grouped({}),
      grouped({{1, Value()}}),
      grouped({{1, Value()}, {2, Value()}}),
      grouped({{1, Value(Text{"a"})}, {2, Value(Text{"b"})}}),
      grouped({{1, Value(Text{"ab"})}, {2, Value(Text{""})}}),
      grouped({{2, Value(Text{"a"})}, {1, Value(Text{"b"})}}),
  };
  std::set<std::string> seen;
  for (const Value& value : values) CHECK(seen.insert(canonical_bytes(value)).second);
  // None is the beginning of another, so a value's end needs no mark.
  for (const std::string& one : seen) {
    for (const std::string& other : seen) CHECK((one == other || !other.starts_with(one)));
  }
}

TEST_CASE("two changes have the same canonical bytes only if they are the same", "[canonical][property]") {
  Random random(20260901);
  INFO("seed " << random.seed());
  std::map<std::string, Change> by_bytes;
  int met_again = 0;
  for (int run = 0; run < 30'000; ++run) {
    const Change change = random_change(random);
    const auto [at, added] = by_bytes.emplace(canonical_bytes(change, {}), change);
    if (added) continue;
    ++met_again;
    REQUIRE(at->second == change);
  }
  CHECK(met_again > 100);  // equal changes did come, so equal bytes were compared
}

TEST_CASE("what a personal write holds is not in the canonical bytes", "[canonical]") {
  const auto committed = commitments(opening(), lans_lookup());
  REQUIRE(committed.ok());
  const std::string held = canonical_bytes(opening(), *committed);
  Change erased = opening();
  erased.writes[0].value = Value(Erased{});
  erased.writes[2].value = Value(Erased{});
  CHECK(canonical_bytes(erased, *committed) == held);
  CHECK(held.find("Lan") == std::string::npos);
}

TEST_CASE("a change and the wrong number of commitments is a programming error", "[canonical]") {
  CHECK(personal_writes(opening()) == 2);
  const std::vector<Commitment> three(3);
  for (const std::size_t count : {0u, 1u, 3u}) {
    CHECK_THROWS_AS(canonical_bytes(opening(), std::span(three).first(count)), std::logic_error);
  }
  CHECK_NOTHROW(canonical_bytes(opening(), std::span(three).first(2)));
}
