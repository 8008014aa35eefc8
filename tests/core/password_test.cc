#include "shared/core/password.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/must.h"

namespace songsong {
namespace {

using testing::must;

StretchSalt salt(std::uint8_t first) {
  StretchSalt made;
  for (std::uint8_t& byte : made.bytes) byte = first++;
  return made;
}

// The known answer is the reference implementation's, by Debian's python3-argon2:
// low_level.hash_secret_raw(b"password", bytes(range(16)), time_cost=2, memory_cost=64, parallelism=1, hash_len=32,
// type=Type.ID).
TEST_CASE("a kept password is Argon2id's key of it") {
  StretchedKey key, again, other;
  const StretchCost cost{.passes = 2, .memory_kib = 64};
  REQUIRE(stretch("password", salt(0), cost, key));
  REQUIRE(stretch("password", salt(0), cost, again));
  REQUIRE(stretch("password", salt(1), cost, other));
  const auto bytes = key.view();
  CHECK(to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) ==
        "716882821df77bc6414358b07159fb63ca1c90beaeb9d0ca0e43bd887dcf2ca9");
  CHECK(key == again);
  CHECK_FALSE(key == other);
  CHECK_FALSE(stretch("password", salt(0), StretchCost{.passes = 0, .memory_kib = 64}, key));
  CHECK_FALSE(stretch("password", salt(0), StretchCost{.passes = 1, .memory_kib = 1}, key));
}

TEST_CASE("the password that was kept is known again, in whatever way its marks are typed, and no other") {
  const std::string kept = must(keep_password("mật khẩu dài", salt(0)));
  CHECK(must(is_password(kept, "mật khẩu dài")));
  CHECK(must(is_password(kept, "m\u0061\u0323\u0302t kh\u0061\u0302\u0309u d\u0061\u0300i")));
  for (const std::string& other : {std::string(), std::string("mat khau dai"), std::string("mật khẩu dài "),
                                   std::string("\xff\xfe"), std::string(5000, 'x')})
    CHECK_FALSE(must(is_password(kept, other)));
  CHECK(must(keep_password("mật khẩu dài", salt(1))) != kept);
  // No password is kept for what cannot be one, and none of those is known by an empty one.
  CHECK(keep_password("\xff", salt(0)).fault().code == "text_not_utf8");
  CHECK(keep_password(std::string(5000, 'x'), salt(0)).fault().code == "text_too_long");
  const std::string empty = must(keep_password("", salt(0)));
  CHECK_FALSE(must(is_password(empty, "\xff")));
}

TEST_CASE("bytes that are no kept password are a fault, and cost no more than is allowed") {
  const std::string kept = must(keep_password("mật khẩu dài", salt(0), StretchCost{.passes = 1, .memory_kib = 8}));
  for (std::size_t size = 0; size < kept.size(); ++size)
    CHECK(is_password(kept.substr(0, size), "x").fault().code == "storage_damaged");
  CHECK(is_password(kept + "x", "x").fault().code == "storage_damaged");
  std::string dear = kept;
  dear[1] = 17;  // passes
  CHECK(is_password(dear, "x").fault().code == "storage_damaged");
}

TEST_CASE("a new password is long enough, and not one letter") {
  for (const char* good : {"mười chữ cái", "0123456789", "đđđđđđđđđa"}) CHECK(check_new_password(good).ok());
  for (const char* bad : {"", "ngắn quá", "aaaaaaaaaaaa"})
    CHECK(check_new_password(bad).fault().code == "password_weak");
  CHECK(check_new_password("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").fault().code == "text_not_utf8");
}

TEST_CASE("a password that is made up has all of its chance in it, in letters that are not taken for one another") {
  std::array<std::uint8_t, 10> chance{};
  CHECK(made_password(chance) == "0000-0000-0000-0000");
  chance.fill(0xFF);
  CHECK(made_password(chance) == "zzzz-zzzz-zzzz-zzzz");
  chance = {0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF};
  CHECK(made_password(chance) == "0123-4567-89ab-cdef");
  CHECK(check_new_password(made_password(chance)).ok());
}

}  // namespace
}  // namespace songsong
