#include "shared/core/value.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/random.h"

using namespace songsong;

namespace {

Value integer(std::int64_t number) { return Value(number); }
Value text(std::string utf8) { return Value(Text{std::move(utf8)}); }
Value bytes(std::string raw) { return Value(Bytes{std::move(raw)}); }

// Few distinct contents, so that equal and nearly equal values meet often.
std::string any_content(Random& random) {
  std::string content;
  for (std::uint64_t left = random.below(3); left > 0; --left)
    content += static_cast<char>(random.pick("\x00\x7F\x80\xFF"));
  return content;
}

Value any_value(Random& random, bool in_group = false) {
  switch (random.below(in_group ? 6 : 7)) {
    case 0:
      return Value();
    case 1:
      return integer(random.between(-2, 2));
    case 2:
      return text(any_content(random));
    case 3:
      return bytes(any_content(random));
    case 4:
      return Value(Name(1, static_cast<Sequence>(random.between(1, 3)), 0));
    case 5:
      return Value(Erased{});
    default: {
      Group group;
      for (FieldNumber field = 1; field <= 3; ++field) {
        if (random.chance(1, 2)) group.emplace_back(field, any_value(random, true));
      }
      return Value(std::move(group));
    }
  }
}

}  // namespace

TEST_CASE("values order by type before content") {
  const std::vector<Value> ascending = {
      Value(),
      integer(std::numeric_limits<std::int64_t>::min()),
      integer(-1),
      integer(0),
      integer(std::numeric_limits<std::int64_t>::max()),
      text(""),
      text("a"),
      text("ab"),
      text("b"),
      text("\xC4\x91"),
      bytes(""),
      bytes(std::string(1, '\0')),
      bytes("\x7F"),
      bytes("\x80"),
      bytes("\xFF"),
      Value(Name(1, 2, 0)),
      Value(Name(2, 1, 0)),
      Value(Group{}),
      Value(Group{{1, Value()}}),
      Value(Group{{1, integer(1)}}),
      Value(Group{{1, integer(1)}, {2, integer(0)}}),
      Value(Group{{1, integer(2)}}),
      Value(Group{{2, integer(0)}}),
      Value(Erased{}),
  };
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      INFO(i << " against " << j);
      CHECK((ascending[i] <=> ascending[j]) == (i <=> j));
      CHECK((ascending[i] == ascending[j]) == (i == j));
    }
  }
}

TEST_CASE("a text and bytes of the same content differ") { CHECK(text("a") != bytes("a")); }

TEST_CASE("the order of values is total") {
  Random random(42);
  INFO("seed " << random.seed());
  for (int i = 0; i < 20000; ++i) {
    const Value lan = any_value(random);
    const Value minh = any_value(random);
    const Value district = any_value(random);
    REQUIRE((lan <=> lan) == 0);
    REQUIRE((lan == minh) == ((lan <=> minh) == 0));
    REQUIRE((lan < minh) == (minh > lan));
    if (lan <= minh && minh <= district) REQUIRE(lan <= district);
  }
}
