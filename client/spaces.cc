#include "client/spaces.h"

#include <algorithm>
#include <filesystem>

#include "client/outbox.h"
#include "client/sealing.h"

namespace songsong::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostNameLetters = 40;
constexpr std::size_t kMostSpaces = 256;
constexpr const char* kSpaces = "spaces";

bool is_simple(const std::string& name) {
  const auto simple = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kMostNameLetters && std::all_of(name.begin(), name.end(), simple);
}

}  // namespace

Outcome<std::string> space_folder(const std::string& folder, const std::string& name) {
  if (!is_simple(name))
    return Fault{.code = "usage", .where = "--space " + name.substr(0, kMostNameLetters), .what = "a-z, 0-9, - or _."};
  return folder + "/" + kSpaces + "/" + name;
}

std::vector<Space> spaces_beside(const std::string& folder) {
  std::error_code error;
  fs::path device = fs::absolute(folder, error).lexically_normal();
  if (!device.has_filename()) device = device.parent_path();
  const bool is_space = device.parent_path().filename() == kSpaces && !fs::is_directory(device / kSpaces, error);
  if (is_space) device = device.parent_path().parent_path();
  std::vector<Space> spaces{Space{.name = {}, .folder = device.string()}};
  fs::directory_iterator each(device / kSpaces, error);
  for (; !error && each != fs::directory_iterator() && spaces.size() < kMostSpaces; each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (is_simple(name) && each->is_directory(error))
      spaces.push_back(Space{.name = name, .folder = each->path().string()});
  }
  std::sort(spaces.begin(), spaces.end(), [](const Space& one, const Space& other) { return one.name < other.name; });
  return spaces;
}

// Of one space that cannot be read the others are listed all the same.
Exit list_spaces(const Settings& settings) {
  int exit = kDone;
  for (const Space& space : spaces_beside(settings.folder)) {
    const Outcome<StoreLies> lies = store_lies(space.folder);
    const Outcome<OutboxCount> waiting = count_outbox(space.folder);
    if (lies && *lies == StoreLies::kNowhere) continue;
    const std::string name = space.name.empty() ? settings.say("(máy này)", "(this device)") : space.name;
    if (!lies || !waiting) {
      const Fault& fault = lies ? waiting.fault() : lies.fault();
      remark(name + ": " + told(settings, fault));
      exit = exit_code_for(fault);
      continue;
    }
    const bool sealed = *lies == StoreLies::kSealed;
    if (settings.json) {
      print_json(Json{{"space", space.name},
                      {"dir", space.folder},
                      {"sealed", sealed},
                      {"waiting", waiting->waiting},
                      {"handed_over", waiting->handed_over},
                      {"files_waiting", waiting->files}});
      continue;
    }
    std::string line = name + "  ";
    if (!sealed)
      line += settings.say("chưa niêm phong", "not sealed");
    else if (waiting->handed_over > 0)
      line += std::to_string(waiting->handed_over) +
              settings.say(" thay đổi đã chuyển, chưa mở để nhận giấy", " changes handed over, receipts not taken yet");
    else
      line += std::to_string(waiting->waiting) + settings.say(" thay đổi chưa gửi", " changes not sent yet");
    if (sealed && waiting->files > 0)
      line += settings.say(", ảnh chờ mở khoá: ", ", photos that wait until it is opened: ") +
              std::to_string(waiting->files);
    print_line(line);
  }
  return exit;
}

SentForOthers send_for_others(const Settings& settings, const HttpPatience& patience) {
  std::error_code ignored;
  const std::string own = fs::weakly_canonical(settings.folder, ignored).string();
  SentForOthers all;
  for (const Space& space : spaces_beside(settings.folder)) {
    if (fs::weakly_canonical(space.folder, ignored).string() == own) continue;
    const Outcome<StoreLies> lies = store_lies(space.folder);
    if (lies && *lies == StoreLies::kNowhere) continue;
    ++all.spaces;
    const Outcome<std::uint64_t> sent = send_outbox(space.folder, patience);
    const std::string whose = space.name.empty() ? space.folder : space.name;
    if (!sent) {
      all.hindered = sent.fault();
      remark(settings.say("Chưa gửi hộ được ", "Could not send for ") + whose + ": " +
             message_for(sent.fault(), settings.language).what);
      if (sent.fault().code == "network") break;
    } else if (*sent > 0) {
      remark(settings.say("Đã gửi hộ ", "Sent for ") + whose + ": " + std::to_string(*sent) +
             settings.say(" thay đổi", " changes"));
    }
  }
  return all;
}

}  // namespace songsong::client
