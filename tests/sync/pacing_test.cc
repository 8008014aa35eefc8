// How large the next piece may be: about two seconds of what was seen of the link.
#include "shared/sync/pacing.h"

#include <catch2/catch_test_macros.hpp>

namespace songsong {
namespace {

constexpr std::size_t kMost = std::size_t{512} << 10;
constexpr std::size_t kFirst = 4096;

void full(Pacing& pacing, std::int64_t took_ms) { pacing.went(pacing.bytes(), 100, pacing.bytes(), true, took_ms); }

}  // namespace

TEST_CASE("on a good link pieces grow fourfold each time, up to what is allowed") {
  Pacing pacing(kMost);
  for (std::size_t expected = kFirst; expected < kMost; expected *= 4) {
    CHECK(pacing.bytes() == expected);
    full(pacing, 20);
  }
  CHECK(pacing.bytes() == kMost);
  CHECK(Pacing(2000).bytes() == 2000);
}

TEST_CASE("on a slow link a piece takes about two seconds, and comes down to that by halves") {
  constexpr std::size_t kBytesPerSecond = 6250;  // 50 kbit/s
  Pacing pacing(kMost);
  for (int i = 0; i < 8; ++i) full(pacing, static_cast<std::int64_t>(pacing.bytes() * 1000 / kBytesPerSecond));
  CHECK(pacing.bytes() > 2 * kBytesPerSecond - 20);
  CHECK(pacing.bytes() < 2 * kBytesPerSecond + 20);
  const std::size_t before = pacing.bytes();
  full(pacing, 60'000);
  CHECK(pacing.bytes() == before / 2);
}

TEST_CASE("pieces that pack better than was guessed do not make the next ones smaller") {
  Pacing pacing(kMost);
  pacing.went(kFirst / 4, 100, kFirst, true, 1000);
  CHECK(pacing.bytes() == 2 * kFirst);
}

TEST_CASE("an exchange with little to say tells nothing of the link, unless it took long") {
  Pacing pacing(kMost);
  pacing.went(300, 200, kFirst, false, 900);
  CHECK(pacing.bytes() >= kFirst);
  pacing.went(300, 200, pacing.bytes(), false, 10'000);
  CHECK(pacing.bytes() < kFirst);
}

TEST_CASE("failures halve a piece down to a kilobyte, a boot in between counts as two seconds") {
  Pacing pacing(kMost);
  pacing.failed();
  CHECK(pacing.bytes() == kFirst / 2);
  for (int i = 0; i < 20; ++i) pacing.failed();
  CHECK(pacing.bytes() == 1024);
  pacing.went(1024, 100, 1024, true, std::nullopt);
  CHECK(pacing.bytes() == 1024);
  Pacing small(500);
  small.failed();
  CHECK(small.bytes() == 500);
}

}  // namespace songsong
