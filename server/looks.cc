#include "server/looks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "shared/core/civil_time.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// At the end of the file, on the disk; a line that did not go in whole is taken back.
bool append(const std::string& path, const std::string& line) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return false;
  const off_t before = lseek(file, 0, SEEK_END);
  const bool whole = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fdatasync(file) == 0;
  if (!whole && before >= 0 && ftruncate(file, before) != 0) {
    // The next line is then read as damaged, with this one's beginning.
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
  if (look.states != 0) json["states"] = look.states;
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
  if (fs::exists(path(), error) && fs::file_size(path(), error) >= rotate_bytes_) {
    std::string stamp = print_instant(now_ms);
    std::replace(stamp.begin(), stamp.end(), ':', '-');
    // Of two in one second the second waits for the next one; the file grows meanwhile.
    const std::string aside = path() + "." + stamp;
    if (!fs::exists(aside, error)) fs::rename(path(), aside, error);
  }
  if (!append(path(), json_of(look, now_ms).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"))
    return Fault{.code = "file_unwritable", .where = path(), .what = "A look cannot be noted."};
  return Done{};
}

Outcome<Done> Looks::read(const std::function<void(const Json&)>& each) const {
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
