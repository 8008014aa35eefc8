#include "client/device.h"

#include <time.h>

#include <cstdlib>
#include <fstream>

#include "shared/core/match.h"

namespace songsong::client {
namespace {

std::int64_t milliseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

std::uint64_t boot_session() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id.empty() ? 0 : short_digest(id) | 1;
}

}  // namespace

ClockReading read_clock() {
  static const std::uint64_t session = boot_session();
  return ClockReading{
      .wall_ms = milliseconds(CLOCK_REALTIME), .monotonic_ms = milliseconds(CLOCK_BOOTTIME), .boot_session = session};
}

std::string default_folder() {
  if (const char* const folder = std::getenv("SONGSONG_DIR"); folder != nullptr && *folder != '\0') return folder;
  if (const char* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0')
    return std::string(data) + "/songsong";
  const char* const home = std::getenv("HOME");
  return std::string(home != nullptr && *home != '\0' ? home : ".") + "/.local/share/songsong";
}

}  // namespace songsong::client
