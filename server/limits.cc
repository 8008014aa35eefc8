#include "server/limits.h"

#include <charconv>
#include <fstream>
#include <map>

#include "shared/core/fold.h"

namespace songsong::server {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr std::int64_t kMost = 1'000'000'000;

struct Setting {
  std::int64_t least;
  std::int64_t most;
  void (*set)(Limits&, std::int64_t);
};

const std::map<std::string, Setting, std::less<>>& settings() {
  static const std::map<std::string, Setting, std::less<>> all{
      {"threads", {1, 4096, [](Limits& limits, std::int64_t value) { limits.threads = static_cast<int>(value); }}},
      {"max_queued",
       {1, 65536, [](Limits& limits, std::int64_t value) { limits.max_queued = static_cast<int>(value); }}},
      {"read_timeout_seconds",
       {1, 3600, [](Limits& limits, std::int64_t value) { limits.read_timeout_seconds = static_cast<int>(value); }}},
      {"idle_timeout_seconds",
       {1, 3600, [](Limits& limits, std::int64_t value) { limits.idle_timeout_seconds = static_cast<int>(value); }}},
      {"request_deadline_seconds",
       {1, 3600,
        [](Limits& limits, std::int64_t value) { limits.request_deadline_seconds = static_cast<int>(value); }}},
      {"max_body_bytes",
       {1024, static_cast<std::int64_t>(wire::kMaxRequestBytes),
        [](Limits& limits, std::int64_t value) { limits.max_body_bytes = static_cast<std::size_t>(value); }}},
      {"max_streams",
       {0, 100'000, [](Limits& limits, std::int64_t value) { limits.max_streams = static_cast<std::size_t>(value); }}},
      {"stream_buffer_bytes",
       {4096, kMost,
        [](Limits& limits, std::int64_t value) { limits.stream_buffer_bytes = static_cast<std::size_t>(value); }}},
      {"stream_heartbeat_seconds",
       {1, 3600,
        [](Limits& limits, std::int64_t value) { limits.stream_heartbeat_seconds = static_cast<int>(value); }}},
      {"stop_seconds",
       {1, 600, [](Limits& limits, std::int64_t value) { limits.stop_seconds = static_cast<int>(value); }}},
      {"least_free_mib",
       {0, kMost, [](Limits& limits, std::int64_t value) { limits.least_free_mib = static_cast<std::size_t>(value); }}},
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
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (found == settings().end() || !is_number || value < found->second.least || value > found->second.most) {
      return Fault{.code = "config_malformed",
                   .where = path + ", line " + std::to_string(number),
                   .what = "There is no such limit, or its value is out of range."};
    }
    found->second.set(limits, value);
  }
  return limits;
}

}  // namespace songsong::server
