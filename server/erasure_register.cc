#include "server/erasure_register.h"

#include <filesystem>
#include <memory>
#include <sstream>

#include "shared/system/files.h"

namespace songsong::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;
constexpr const char* kTitle = "songsong erasures 1";

Fault malformed(const std::string& path, std::size_t line) {
  return Fault{.code = "register_malformed",
               .where = path + ", line " + std::to_string(line),
               .what = "The register of erasures cannot be read."};
}

}  // namespace

std::string register_path(const std::string& folder) { return folder + "/erasures"; }
std::string register_of_backup(const std::string& backup) { return backup + ".erasures"; }

Outcome<ErasureRegister> read_register(const std::string& path) {
  ErasureRegister erasures;
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (error) return Fault{.code = "file_unreadable", .where = path, .what = "The file cannot be read."};
  if (!there) return erasures;
  const Outcome<std::string> bytes = read_file(path, kMostBytes);
  if (!bytes) return bytes.fault();
  std::istringstream lines(*bytes);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (number == 1) {
      if (line != kTitle) return malformed(path, number);
      continue;
    }
    const std::optional<ErasureNote> note = decode_erasure(line);
    if (!note) return malformed(path, number);
    erasures[note->record] = *note;
  }
  if (!bytes->starts_with(kTitle) || !bytes->ends_with('\n')) return malformed(path, 1);
  return erasures;
}

Outcome<Done> write_register(const std::string& path, const ErasureRegister& erasures) {
  std::string text(kTitle);
  text.push_back('\n');
  for (const auto& [record, note] : erasures) text += encode_erasure(note) + "\n";
  return write_file(path, text, ReadableBy::kOwner);
}

Outcome<Done> add_to_register(const std::string& path, const ErasureRegister& erasures) {
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(path + ".lock");
  if (!lock) return lock.fault();
  Outcome<ErasureRegister> all = read_register(path);
  if (!all) return all.fault();
  const ErasureRegister before = *all;
  for (const auto& [record, note] : erasures) (*all)[record] = note;
  return *all == before ? Done{} : write_register(path, *all);
}

}  // namespace songsong::server
