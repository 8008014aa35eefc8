#include "shared/core/pattern.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "schemas/limits.h"

using namespace songsong;

namespace {

Pattern compiled(std::string_view text) {
  INFO(text);
  Outcome<Pattern> pattern = Pattern::compile(text);
  REQUIRE(pattern.ok());
  return *std::move(pattern);
}

}  // namespace

TEST_CASE("a pattern matches the whole of a text") {
  const Pattern citizen_id = compiled("[0-9]{9}([0-9]{3})?");
  CHECK(citizen_id.matches("012345678"));
  CHECK(citizen_id.matches("012345678901"));
  CHECK_FALSE(citizen_id.matches("0123456789"));
  CHECK_FALSE(citizen_id.matches("x012345678"));
  CHECK_FALSE(citizen_id.matches("012345678\n"));
  CHECK_FALSE(citizen_id.matches(""));
  const Pattern phone = compiled("\\+?\\d{8,15}");
  CHECK(phone.matches("+84912345678"));
  CHECK_FALSE(phone.matches("84+912345678"));
}

TEST_CASE("a class or a point stands for a letter, not for a byte") {
  CHECK(compiled("Đ[à-ỹ].").matches("Đễ学"));
  CHECK_FALSE(compiled("Đ[à-ỹ].").matches("Đe学"));
  CHECK_FALSE(compiled(".").matches("ễđ"));
  CHECK(compiled("[^a-z]").matches("😀"));
}

TEST_CASE("digits and words are those of ASCII, whatever the locale") {
  CHECK_FALSE(compiled("\\d").matches("５"));
  CHECK_FALSE(compiled("\\w").matches("đ"));
  CHECK_FALSE(compiled("đ").matches("Đ"));
}

TEST_CASE("long texts are not matched, for the matcher may take stack for each character") {
  const Pattern costly = compiled("((a|b)|[cd]|e)*");
  CHECK(costly.matches(std::string(schema::kMaxPatternedText, 'a')));
  CHECK_FALSE(costly.matches(std::string(schema::kMaxPatternedText + 1, 'a')));
  CHECK_FALSE(costly.matches(std::string(1'000'000, 'a')));
}

TEST_CASE("a pattern whose ways to match double with each letter keeps nobody waiting") {
  const std::string letters(schema::kMaxPatternedText - 1, 'a');
  for (const char* const slow : {"(a|a)*b", "(a*)*b", "(a+)+b", "((a|b)*|(a|c)*)*d"}) {
    INFO(slow);
    CHECK_FALSE(compiled(slow).matches(letters));
  }
  CHECK(compiled("(a|a)*b").matches(letters + "b"));
  CHECK_FALSE(Pattern::compile("(a+)\\1").ok());  // what refers back cannot be matched so
}

TEST_CASE("a text that could not be stored matches nothing") {
  CHECK_FALSE(compiled(".*").matches("Lan\xFF"));
  CHECK_FALSE(compiled(".*").matches("Lan\x01"));
}

TEST_CASE("a pattern that is none is refused") {
  for (const std::string& broken :
       {std::string("[0-9"), std::string("("), std::string("a{2,1}"), std::string("*"), std::string("\xFF"),
        std::string(schema::kMaxPatternLength + 1, 'a'), std::string("a{75777777777777777777}"),
        std::string("a{1,75777777777777777777}"), std::string("(a)\\75777777777777777777")}) {
    INFO(broken);
    const auto pattern = Pattern::compile(broken);
    REQUIRE_FALSE(pattern.ok());
    CHECK(pattern.fault().code == "pattern_malformed");
  }
}
