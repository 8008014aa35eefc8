// A second factor: codes of six digits that change every 30 seconds, as an authenticator app on a phone shows them
// (TOTP, RFC 6238, over HMAC-SHA-1, which is what those apps have). Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace songsong::server {

inline constexpr std::size_t kTotpSecretBytes = 20;  // as RFC 4226 recommends
inline constexpr std::int64_t kTotpSeconds = 30;

std::uint64_t totp_step(std::int64_t now_ms);
// Of a step, six digits.
std::string totp_code(const std::string& secret, std::uint64_t step);
// The step whose code it is: that of now, or the one before or after, for clocks differ; nothing if it is none of them,
// or none that comes after `last`: a code is good once. Spaces in it are passed over.
std::optional<std::uint64_t> totp_step_of(const std::string& secret, std::string_view code, std::int64_t now_ms,
                                          std::uint64_t last);
// What a QR code for the app holds (the key URI format of Google Authenticator, which all of them read).
std::string totp_uri(const std::string& secret, const std::string& account);
// RFC 4648, without padding: what is typed where there is no camera.
std::string to_base32(std::string_view bytes);

}  // namespace songsong::server
