// Codes of the second factor.
#include "server/totp.h"

#include <catch2/catch_test_macros.hpp>

namespace songsong::server {
namespace {

// RFC 6238, appendix B, SHA-1: the last six of the eight digits there.
TEST_CASE("codes are those of RFC 6238") {
  const std::string secret = "12345678901234567890";
  CHECK(totp_code(secret, totp_step(59'000)) == "287082");
  CHECK(totp_code(secret, totp_step(1'111'111'109'000)) == "081804");
  CHECK(totp_code(secret, totp_step(1'111'111'111'000)) == "050471");
  CHECK(totp_code(secret, totp_step(1'234'567'890'000)) == "005924");
  CHECK(totp_code(secret, totp_step(2'000'000'000'000)) == "279037");
  CHECK(totp_code(secret, totp_step(20'000'000'000'000)) == "353130");
}

TEST_CASE("a code is good once, and for clocks that are half a minute off") {
  const std::string secret = "12345678901234567890";
  const std::int64_t now = 1'234'567'890'000;
  const std::uint64_t step = totp_step(now);
  CHECK(totp_step_of(secret, "005924", now, 0) == step);
  CHECK(totp_step_of(secret, " 005 924 ", now, 0) == step);
  CHECK(totp_step_of(secret, "005924", now + 30'000, 0) == step);
  CHECK(totp_step_of(secret, "005924", now - 30'000, 0) == step);
  CHECK_FALSE(totp_step_of(secret, "005924", now + 60'000, 0));
  CHECK_FALSE(totp_step_of(secret, "005924", now - 60'000, 0));
  CHECK_FALSE(totp_step_of(secret, "005924", now, step));
  CHECK(totp_step_of(secret, "005924", now, step - 1) == step);
  for (const char* wrong : {"", "005925", "05924", "0059240", "005924\n"})
    CHECK_FALSE(totp_step_of(secret, wrong, now, 0));
  CHECK(totp_step_of(secret, totp_code(secret, 0), 0, 0) == std::nullopt);  // step 0 comes after no other
}

TEST_CASE("an app is told the secret as all of them read it") {
  CHECK(totp_uri("12345678901234567890", "lan@bacgiang") ==
        "otpauth://totp/SongSong:lan@bacgiang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=SongSong");
  CHECK(to_base32("f") == "MY");
}

}  // namespace
}  // namespace songsong::server
