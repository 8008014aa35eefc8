#include "server/limits.h"

#include <charconv>
#include <fstream>
#include <functional>
#include <map>

#include "shared/core/fold.h"

namespace songsong::server {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr std::int64_t kMost = 1'000'000'000;

constexpr std::size_t kMostText = 4096;
constexpr std::string_view kNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:, ";

// False where the text is no value of it.
using Setting = std::function<bool(Limits&, std::string_view)>;

template <class Number>
Setting of(Number Limits::*limit, std::int64_t least, std::int64_t most) {
  return [limit, least, most](Limits& limits, std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return false;
    limits.*limit = static_cast<Number>(value);
    return true;
  };
}

// `letters`: besides which it has none; empty: any.
Setting of(std::string Limits::*said, std::string_view letters = {}) {
  return [said, letters](Limits& limits, std::string_view text) {
    if (text.empty() || text.size() > kMostText) return false;
    if (!letters.empty() && text.find_first_not_of(letters) != std::string_view::npos) return false;
    limits.*said = text;
    return true;
  };
}

constexpr std::int64_t kHour = 3600;

const std::map<std::string, Setting, std::less<>>& settings() {
  static const std::map<std::string, Setting, std::less<>> all{
      {"max_connections", of(&Limits::max_connections, 4, 16'384)},
      {"max_queued", of(&Limits::max_queued, 1, 65'536)},
      {"max_at_once", of(&Limits::max_at_once, 1, 1024)},
      {"turn_seconds", of(&Limits::turn_seconds, 1, kHour)},
      {"read_timeout_seconds", of(&Limits::read_timeout_seconds, 1, kHour)},
      {"idle_timeout_seconds", of(&Limits::idle_timeout_seconds, 1, kHour)},
      {"header_deadline_seconds", of(&Limits::header_deadline_seconds, 1, kHour)},
      {"request_deadline_seconds", of(&Limits::request_deadline_seconds, 1, kHour)},
      {"least_bytes_per_second", of(&Limits::least_bytes_per_second, 0, kMost)},
      {"max_messages_mib", of(&Limits::max_messages_mib, 8, 1'048'576)},
      {"max_body_bytes", of(&Limits::max_body_bytes, 1024, static_cast<std::int64_t>(wire::kMaxRequestBytes))},
      {"max_streams", of(&Limits::max_streams, 0, 100'000)},
      {"stream_buffer_bytes", of(&Limits::stream_buffer_bytes, 4096, kMost)},
      {"stream_heartbeat_seconds", of(&Limits::stream_heartbeat_seconds, 1, kHour)},
      {"stop_seconds", of(&Limits::stop_seconds, 1, 600)},
      {"least_free_mib", of(&Limits::least_free_mib, 0, kMost)},
      {"public_totals", of(&Limits::public_totals, 0, 1)},
      {"least_published", of(&Limits::least_published, 2, 1000)},
      {"session_idle_minutes", of(&Limits::session_idle_minutes, 1, 60 * 24 * 30)},
      {"session_hours", of(&Limits::session_hours, 1, 24 * 90)},
      {"tls", of(&Limits::tls, 0, 1)},
      {"tls_listen", of(&Limits::tls_listen)},
      {"tls_certificate", of(&Limits::tls_certificate)},
      {"tls_key", of(&Limits::tls_key)},
      {"tls_names", of(&Limits::tls_names, kNames)},
  };
  return all;
}

}  // namespace

Outcome<Limits> read_limits(const std::string& path) {
  Limits limits;
  std::ifstream file(path);
  if (!file) return limits;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line) && number <= kMostLines; ++number) {
    const std::string_view said = trimmed(std::string_view(line).substr(0, line.find('#')));
    if (said.empty()) continue;
    const std::size_t at = said.find('=');
    const std::string_view name = trimmed(said.substr(0, std::min(at, said.size())));
    const std::string_view text = at == std::string_view::npos ? std::string_view() : trimmed(said.substr(at + 1));
    const auto found = settings().find(name);
    if (found == settings().end() || !found->second(limits, text)) {
      return Fault{.code = "config_malformed",
                   .where = path + ", line " + std::to_string(number),
                   .what = "There is no such limit, or its value is out of range."};
    }
  }
  if (limits.tls_certificate.empty() != limits.tls_key.empty()) {
    return Fault{.code = "tls_settings_incomplete",
                 .where = path + ", tls_certificate, tls_key",
                 .what = "A certificate and its key go together."};
  }
  if (!limits.tls_certificate.empty() && limits.tls == 0 && limits.tls_listen.empty()) {
    return Fault{.code = "tls_settings_incomplete",
                 .where = path + ", tls",
                 .what = "There is a certificate, and nothing says that TLS is spoken."};
  }
  return limits;
}

}  // namespace songsong::server
