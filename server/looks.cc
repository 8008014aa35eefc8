#include "server/looks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "server/office.h"
#include "shared/core/civil_time.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// At the end of the file, on the disk; a line that did not go in whole is taken back. One that somebody else left
// unfinished (the power went) is ended first, so that it costs itself only.
bool append(const std::string& path, const std::string& line) {
  const int file = open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return false;
  const off_t before = lseek(file, 0, SEEK_END);
  char last = '\n';
  bool whole = before >= 0 && (before == 0 || pread(file, &last, 1, before - 1) == 1);
  const std::string written = (last == '\n' ? "" : "\n") + line;
  whole = whole && write(file, written.data(), written.size()) == static_cast<ssize_t>(written.size()) &&
          fdatasync(file) == 0;
  if (!whole && before >= 0 && ftruncate(file, before) != 0) {
    // It is then read as damaged.
  }
  close(file);
  return whole;
}

Json json_of(const Look& look, std::int64_t now_ms) {
  Json json{{"at", print_instant(now_ms)}};
  if (!look.account.empty()) json["account"] = look.account;
  if (look.replica != 0) json["replica"] = look.replica;
  json["what"] = look.what;
  if (!look.unit.empty()) json["unit"] = look.unit;
  if (!look.kind.empty()) json["kind"] = look.kind;
  if (!look.records.empty()) {
    json["records"] = Json::array();
    for (const RecordId record : look.records) json["records"].push_back(to_text(record));
  }
  return json;
}

}  // namespace

Outcome<Done> Looks::note(const Look& look, std::int64_t now_ms) const {
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(path() + ".lock");
  if (!lock) return lock.fault();
  std::error_code error;
  const std::uintmax_t size = fs::is_regular_file(path(), error) ? fs::file_size(path(), error) : 0;
  if (!error && size >= rotate_bytes_) {
    // Of two in one second the second waits for the next one; the file grows meanwhile.
    const std::string aside = path() + "." + file_stamp(now_ms);
    if (!fs::exists(aside, error)) fs::rename(path(), aside, error);
  }
  if (!append(path(), json_of(look, now_ms).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"))
    return Fault{.code = "file_unwritable", .where = path(), .what = "A look cannot be noted."};
  return Done{};
}

Outcome<Done> Looks::read(const std::function<void(const Json&)>& each) const {
  // Nothing is put aside while it is read.
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(path() + ".lock");
  if (!lock) return lock.fault();
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("looks.") && name != "looks.lock") files.push_back(entry.path().string());
  }
  if (error) return Fault{.code = "file_unreadable", .where = folder_, .what = "The folder cannot be read."};
  std::sort(files.begin(), files.end());
  if (fs::exists(path(), error)) files.push_back(path());
  for (const std::string& name : files) {
    std::ifstream file(name);
    if (!file) return Fault{.code = "file_unreadable", .where = name, .what = "The file cannot be read."};
    for (std::string line; std::getline(file, line);) {
      const Json json = Json::parse(line, nullptr, false);
      each(json.is_object() ? json : Json{{"damaged", true}});
    }
  }
  return Done{};
}

}  // namespace songsong::server
