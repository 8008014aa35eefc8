#include "server/last_backup.h"

#include "shared/core/civil_time.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

constexpr const char* kRehearsed = " rehearsed";

std::string path_in(const std::string& folder) { return folder + "/last-backup"; }

}  // namespace

Outcome<Done> note_backup(const std::string& folder, const LastBackup& backup) {
  return write_file(path_in(folder), print_instant(backup.made_ms) + (backup.rehearsed ? kRehearsed : "") + "\n");
}

std::optional<LastBackup> last_backup(const std::string& folder) {
  constexpr std::size_t kMostBytes = 100;
  const Outcome<std::string> line = read_file(path_in(folder), kMostBytes);
  if (!line) return std::nullopt;
  const Outcome<std::int64_t> made = parse_instant(line->substr(0, line->find_first_of(" \n")));
  if (!made) return std::nullopt;
  return LastBackup{.made_ms = *made, .rehearsed = line->find(kRehearsed) != std::string::npos};
}

}  // namespace songsong::server
