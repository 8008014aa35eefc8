#include "shared/core/sealing.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/pin.h"
#include "shared/core/signature.h"
#include "tests/support/must.h"

namespace songsong {
namespace {

using testing::must;

// 0x80, 0x81, …
SealKey key_from(std::uint8_t first) {
  SealKey key;
  for (std::uint8_t& byte : key.fill()) byte = first++;
  return key;
}

SealNonce nonce_from(std::uint8_t first) {
  SealNonce nonce{};
  for (std::uint8_t& byte : nonce) byte = first++;
  return nonce;
}

// Appendix A.3.1 of draft-irtf-cfrg-xchacha-03.
TEST_CASE("sealed bytes are XChaCha20-Poly1305's") {
  const std::string words =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.";
  const std::string bound = "PQRS\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";
  const std::string sealed = seal_bytes(key_from(0x80), nonce_from(0x40), bound, words);
  CHECK(to_hex(sealed) ==
        "404142434445464748494a4b4c4d4e4f5051525354555657"
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c2"
        "16cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c6"
        "8b13b52e"
        "c0875924c1c7987947deafd8780acf49");
  CHECK(must(open_bytes(key_from(0x80), bound, sealed)) == words);
}

TEST_CASE("what was sealed is opened with its key, in its place, whole, and not otherwise") {
  const std::string sealed = seal_bytes(key_from(1), nonce_from(9), "here", "Nguyễn Thị Lan");
  CHECK(must(open_bytes(key_from(1), "here", sealed)) == "Nguyễn Thị Lan");
  CHECK(must(open_bytes(key_from(1), "", seal_bytes(key_from(1), nonce_from(9), "", ""))).empty());
  CHECK(open_bytes(key_from(2), "here", sealed).fault().code == "seal_broken");
  CHECK(open_bytes(key_from(1), "there", sealed).fault().code == "seal_broken");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    CHECK(open_bytes(key_from(1), "here", sealed.substr(0, at)).fault().code == "seal_broken");
    std::string altered = sealed;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    CHECK(open_bytes(key_from(1), "here", altered).fault().code == "seal_broken");
  }
}

TEST_CASE("what is sealed to somebody is opened by them alone") {
  const KeyPair server(SigningSeed({1}));
  const KeyPair other(SigningSeed({2}));
  const std::string sealed = must(seal_to(server.public_key(), OnceSeed({7}), "Nguyễn Thị Lan"));
  CHECK(must(server.open_sealed(sealed)) == "Nguyễn Thị Lan");
  CHECK(other.open_sealed(sealed).fault().code == "seal_broken");
  CHECK(must(seal_to(server.public_key(), OnceSeed({8}), "Nguyễn Thị Lan")) != sealed);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    CHECK(server.open_sealed(sealed.substr(0, at)).fault().code == "seal_broken");
    std::string altered = sealed;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    CHECK(server.open_sealed(altered).fault().code == "seal_broken");
  }
  CHECK(seal_to(PublicKey{}, OnceSeed({7}), "x").fault().code == "key_malformed");
}

TEST_CASE("a kept key is opened with its PIN, in whatever way its marks are typed, and no other") {
  const StretchCost cheap{.passes = 1, .memory_kib = 8};
  const std::string kept = must(keep_key(key_from(3), "mật khẩu", StretchSalt{}, nonce_from(0), cheap));
  CHECK(must(open_key(kept, "mật khẩu")) == key_from(3));
  CHECK(must(open_key(kept, "m\u0061\u0323\u0302t kh\u0061\u0302\u0309u")) == key_from(3));
  for (const char* other : {"", "mat khau", "mật khẩu "}) CHECK(open_key(kept, other).fault().code == "pin_wrong");
  for (std::size_t size = 0; size < kept.size(); ++size)
    CHECK(open_key(kept.substr(0, size), "mật khẩu").fault().code == "storage_damaged");
  CHECK(open_key(kept + "x", "mật khẩu").fault().code == "storage_damaged");
  std::string dear = kept;
  dear[1] = 17;  // passes: nobody can make this device work longer than it allows
  CHECK(open_key(dear, "mật khẩu").fault().code == "storage_damaged");
  std::string altered = kept;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  CHECK(open_key(altered, "mật khẩu").fault().code == "pin_wrong");
}

TEST_CASE("a PIN that is tried first is not taken") {
  for (const char* weak : {"", "1", "12345", "000000", "123456", "987654", "abcdef", "tư lạ", "đđđđđđ"})
    CHECK(check_new_pin(weak).fault().code == "pin_weak");
  for (const char* fit : {"194753", "112233", "mật khẩu", "con trâu là đầu cơ nghiệp"}) CHECK(check_new_pin(fit).ok());
  CHECK(check_new_pin("\xff\xff\xff\xff\xff\xff").fault().code == "text_not_utf8");
}

}  // namespace
}  // namespace songsong
