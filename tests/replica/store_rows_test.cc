#include "shared/replica/store_rows.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "tests/support/random.h"

using namespace songsong;

namespace {

constexpr std::uint64_t kSeeds = 200;

std::string some_text(Random& random) {
  return std::string(static_cast<std::size_t>(random.below(4)), static_cast<char>(random.below(256)));
}

std::int64_t some_number(Random& random) {
  return random.chance(1, 8) ? std::numeric_limits<std::int64_t>::min() : random.between(-3, 300);
}

Cells some_cells(Random& random) {
  Cells cells(static_cast<std::size_t>(random.below(6)));
  for (Cell& cell : cells) {
    cell = {some_text(random), static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.below(3)),
            some_number(random), some_number(random)};
  }
  return cells;
}

std::vector<ClaimKey> some_claims(Random& random) {
  std::vector<ClaimKey> claims(static_cast<std::size_t>(random.below(4)));
  for (ClaimKey& claim : claims)
    claim = {static_cast<std::uint32_t>(random.next()), some_text(random), Name::from_packed(random.next())};
  return claims;
}

CaseRow some_case(Random& random) {
  CaseRow row;
  row.raised.id = "claim.1";
  row.raised.of = static_cast<CaseClass>(1 + random.below(5));
  row.raised.unit = some_text(random);
  for (std::uint64_t i = random.below(4); i-- > 0;) row.raised.records.push_back(Name::from_packed(random.next()));
  for (std::uint64_t i = random.below(4); i-- > 0;)
    row.raised.fields.push_back(static_cast<FieldNumber>(random.next()));
  row.raised.reason = some_text(random);
  row.raised_ms = some_number(random);
  return row;
}

// Cut anywhere, or with more after it, a row is refused; with any byte changed it is refused or another row.
template <class Decode>
void check_damaged(const std::string& bytes, Random& random, Decode decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto outcome = decode(bytes.substr(0, size));
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.fault().code == "storage_damaged");
  }
  CHECK_FALSE(decode(bytes + '\0').ok());
  std::string changed = bytes;
  char& byte = changed[static_cast<std::size_t>(random.below(changed.size()))];
  byte = static_cast<char>(byte ^ (1 << random.below(8)));
  const auto outcome = decode(changed);
  if (outcome.ok()) CHECK_FALSE(*outcome == *decode(bytes));
}

}  // namespace

TEST_CASE("rows come back as they were, and damaged ones are refused") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Cells cells = some_cells(random);
    const std::string unit = some_text(random);
    const auto claims = some_claims(random);
    const CaseRow raised = some_case(random);
    REQUIRE(decode_cells(encode_cells(cells, unit), unit).ok());
    CHECK(*decode_cells(encode_cells(cells, unit), unit) == cells);
    REQUIRE(decode_claims(encode_claims(claims)).ok());
    CHECK(*decode_claims(encode_claims(claims)) == claims);
    REQUIRE(decode_case(encode_case(raised), "claim.1").ok());
    CHECK(*decode_case(encode_case(raised), "claim.1") == raised);
    check_damaged(encode_cells(cells, unit), random,
                  [&](const std::string& bytes) { return decode_cells(bytes, unit); });
    check_damaged(encode_claims(claims), random, [](const std::string& bytes) { return decode_claims(bytes); });
    check_damaged(encode_case(raised), random, [](const std::string& bytes) { return decode_case(bytes, "claim.1"); });
  }
}

TEST_CASE("the bytes of rows are those of the format page") {
  const Cells cells = {{"S017", 1, 0, 0, 1}, {"S017", 1, 2, 3, -1}, {"S018", 1, 0, 0, 300}};
  CHECK(encode_cells(cells, "") ==
        std::string("\x03\x05S017\x01\x00\x00\x02\x00\x01\x02\x06\x01\x05S018\x01\x00\x00\xD8\x04", 25));
  CHECK(encode_cells({{"D01", 1, 0, 0, 1}}, "D01") == std::string("\x01\x00\x01\x00\x00\x02", 6));
  CHECK(encode_claims({{1, "sn", Name(7, 1, 0)}}) == std::string("\x01\x01\x02sn\x00\x00\x07\x00\x00\x10\x00\x00", 13));
  CHECK(encode_case({{"ignored", CaseClass::kClaim, "S1", {Name(7, 1, 0)}, {3}, "r"}, -1}) ==
        std::string("\x02\x02S1\x01\x00\x00\x07\x00\x00\x10\x00\x00\x01\x03\x01r\x01", 18));
}

TEST_CASE("a count beyond the bytes that are there reserves nothing") {
  const std::string many = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F";
  CHECK_FALSE(decode_cells(many, "").ok());
  CHECK_FALSE(decode_claims(many).ok());
  CHECK_FALSE(decode_case("\x01\x00" + many, "").ok());
}

TEST_CASE("a case of a class that is none is refused") {
  CaseRow row;
  row.raised.of = static_cast<CaseClass>(6);
  CHECK_FALSE(decode_case(encode_case(row), "").ok());
  row.raised.of = static_cast<CaseClass>(0);
  CHECK_FALSE(decode_case(encode_case(row), "").ok());
}
