#include "server/totp.h"

#include <Poco/Base32Encoder.h>
#include <Poco/HMACEngine.h>
#include <Poco/SHA1Engine.h>

#include <array>
#include <sstream>

#include "shared/core/crypto.h"

namespace songsong::server {
namespace {

constexpr std::uint32_t kModulus = 1'000'000;
constexpr std::size_t kDigits = 6;

}  // namespace

std::uint64_t totp_step(std::int64_t now_ms) { return static_cast<std::uint64_t>(now_ms / 1000 / kTotpSeconds); }

std::string totp_code(const std::string& secret, std::uint64_t step) {
  std::array<char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) counter[i] = static_cast<char>(step >> (56 - 8 * i) & 0xFFu);
  Poco::HMACEngine<Poco::SHA1Engine> engine(secret);
  engine.update(counter.data(), counter.size());
  const Poco::DigestEngine::Digest& digest = engine.digest();
  // The dynamic truncation of RFC 4226, section 5.3.
  const std::size_t at = digest.back() & 0x0Fu;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | digest[at + i];
  const std::string digits = std::to_string((number & 0x7FFF'FFFFu) % kModulus);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> totp_step_of(const std::string& secret, std::string_view code, std::int64_t now_ms,
                                          std::uint64_t last) {
  std::string digits;
  for (const char c : code) {
    if (c != ' ') digits.push_back(c);
  }
  const std::uint64_t now = totp_step(now_ms);
  for (std::uint64_t step = now > 0 ? now - 1 : 0; step <= now + 1; ++step) {
    if (step > last && equal_secrets(totp_code(secret, step), digits)) return step;
  }
  return std::nullopt;
}

std::string to_base32(std::string_view bytes) {
  std::ostringstream text;
  Poco::Base32Encoder encoder(text, false);
  encoder.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  encoder.close();
  return text.str();
}

std::string totp_uri(const std::string& secret, const std::string& account) {
  // A name has no letter that would have to be escaped (is_account_name).
  return "otpauth://totp/SongSong:" + account + "?secret=" + to_base32(secret) + "&issuer=SongSong";
}

}  // namespace songsong::server
