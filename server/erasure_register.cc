#include "server/erasure_register.h"

#include <charconv>
#include <filesystem>
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
  if (!std::filesystem::exists(path, error)) return erasures;
  const Outcome<std::string> bytes = read_file(path, kMostBytes);
  if (!bytes) return bytes.fault();
  std::istringstream lines(*bytes);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (number == 1) {
      if (line != kTitle) return malformed(path, number);
      continue;
    }
    const std::size_t space = line.find(' ');
    const Outcome<Name> record = parse_name(line.substr(0, space));
    if (space == std::string::npos || !record) return malformed(path, number);
    std::int64_t reason = 0;
    const char* const end = line.data() + line.size();
    const auto [stop, flaw] = std::from_chars(line.data() + space + 1, end, reason);
    if (flaw != std::errc() || stop != end) return malformed(path, number);
    erasures[*record] = reason;
  }
  if (!bytes->starts_with(kTitle) || !bytes->ends_with('\n')) return malformed(path, 1);
  return erasures;
}

Outcome<Done> write_register(const std::string& path, const ErasureRegister& erasures) {
  std::string text(kTitle);
  text.push_back('\n');
  for (const auto& [record, reason] : erasures) text += to_text(record) + " " + std::to_string(reason) + "\n";
  const Outcome<std::string> held = read_file(path, kMostBytes);
  if (held && *held == text) return Done{};
  return write_file(path, text, ReadableBy::kOwner);
}

}  // namespace songsong::server
