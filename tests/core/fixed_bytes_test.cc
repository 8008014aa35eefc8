#include "shared/core/fixed_bytes.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace songsong;

namespace {

using Short = FixedBytes<struct ShortKind, 4>;

}  // namespace

TEST_CASE("fixed bytes have one text, in lower-case hexadecimal", "[fixed_bytes]") {
  const auto value = Short::from_hex("00ff1a9c", "value");
  REQUIRE(value.ok());
  CHECK(value->view() == std::string_view("\x00\xff\x1a\x9c", 4));
  CHECK(to_text(*value) == "00ff1a9c");
  CHECK(Short::from_bytes(value->view(), "value").value() == *value);
}

TEST_CASE("a text of another length, case or alphabet is refused with where it stood", "[fixed_bytes]") {
  for (const std::string text : {"", "00ff1a9", "00ff1a9c0", "00FF1A9C", "00ff1a9g", "0x0ff1a9", "00ff 1a9"}) {
    INFO(text);
    const auto value = Short::from_hex(text, "ticket.key");
    REQUIRE_FALSE(value.ok());
    CHECK(value.fault().code == "wrong_hex");
    CHECK(value.fault().where == "ticket.key");
  }
  CHECK_FALSE(Short::from_hex(std::string("00ff1a9\0", 8), "ticket.key").ok());
  CHECK(Short::from_bytes("abc", "ticket.key").fault().code == "wrong_length");
}

TEST_CASE("fixed bytes order as unsigned bytes", "[fixed_bytes]") {
  CHECK(Short{{0x7f, 0, 0, 0}} < Short{{0x80, 0, 0, 0}});
  CHECK(Short{{1, 0, 0, 0}} > Short{{0, 255, 255, 255}});
}
