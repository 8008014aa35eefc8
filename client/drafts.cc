#include "client/drafts.h"

#include <algorithm>
#include <filesystem>

#include "client/command.h"
#include "shared/system/entropy.h"

namespace songsong::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

// "full_name" of "full_name=…"; unions and sums take several, so those keep their sign.
std::string target_of(const std::string& assignment) { return assignment.substr(0, assignment.find('=')); }

std::string bound_to(int number) { return "draft " + std::to_string(number); }

}  // namespace

std::string Drafts::bare_path(int number) const { return folder_ + "/" + std::to_string(number) + ".json"; }
std::string Drafts::path(int number) const {
  return key_ ? folder_ + "/" + std::to_string(number) + ".sealed" : bare_path(number);
}

Outcome<int> Drafts::keep(const Draft& draft) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  int number = draft.number;
  for (int free = 1; number == 0 && free <= kMostDrafts; ++free) {
    if (!fs::exists(path(free), error)) number = free;
  }
  if (number == 0) return Fault{.code = "too_many_drafts", .where = folder_, .what = "There is no room for a draft."};
  const Json json{{"kind", draft.kind}, {"record", draft.record}, {"fields", draft.assignments}};
  const std::string bytes = json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  const Outcome<Done> written =
      key_ ? write_sealed(number, bytes) : write_file(path(number), bytes, ReadableBy::kOwner);
  if (!written) return written.fault();
  return number;
}

Outcome<std::vector<Draft>> Drafts::all() const {
  std::vector<Draft> drafts;
  std::error_code error;
  for (int number = 1; number <= kMostDrafts; ++number) {
    if (!fs::exists(path(number), error)) continue;
    Outcome<Draft> draft = find(number);
    if (!draft) return draft.fault();
    drafts.push_back(std::move(*draft));
  }
  return drafts;
}

Outcome<Draft> Drafts::find(int number) const {
  std::error_code error;
  if (!fs::exists(path(number), error))
    return Fault{.code = "unknown_draft", .where = std::to_string(number), .what = "There is no such draft."};
  return read(number, path(number), key_.has_value());
}

// As they lie there, whatever they say. Written anew before the bare one goes.
Outcome<Done> Drafts::seal_bare() const {
  std::error_code error;
  for (int number = 1; key_ && number <= kMostDrafts; ++number) {
    const Outcome<Done> rest = destroy_file(bare_path(number) + ".unfinished");
    if (!rest) return rest;
    if (!fs::exists(bare_path(number), error)) continue;
    const Outcome<std::string> bytes = read_file(bare_path(number), kMostBytes);
    if (!bytes) return bytes.fault();
    int to = number;
    while (to <= kMostDrafts && fs::exists(path(to), error) && !says(to, *bytes)) ++to;
    if (to > kMostDrafts)
      return Fault{.code = "too_many_drafts", .where = folder_, .what = "There is no room for a draft."};
    const Outcome<Done> written = write_sealed(to, *bytes);
    if (!written) return written;
    const Outcome<Done> gone = destroy_file(bare_path(number));
    if (!gone) return gone;
  }
  return Done{};
}

bool Drafts::says(int number, const std::string& bytes) const {
  const Outcome<std::string> sealed = read_file(path(number), kMostBytes);
  const Outcome<std::string> opened = sealed ? open_bytes(*key_, bound_to(number), *sealed) : sealed;
  return opened && *opened == bytes;
}

Outcome<Done> Drafts::write_sealed(int number, const std::string& bytes) const {
  SealNonce nonce{};
  draw_entropy(nonce);
  return write_file(path(number), seal_bytes(*key_, nonce, bound_to(number), bytes), ReadableBy::kOwner);
}

Outcome<Draft> Drafts::read(int number, const std::string& path, bool sealed) const {
  Outcome<std::string> bytes = read_file(path, kMostBytes);
  if (!bytes) return bytes.fault();
  if (sealed) bytes = open_bytes(*key_, bound_to(number), *bytes);
  const Json json = bytes ? Json::parse(*bytes, nullptr, false) : Json();
  const bool whole =
      json.is_object() && json.contains("kind") && json["kind"].is_string() && json.contains("record") &&
      json["record"].is_string() && json.contains("fields") && json["fields"].is_array() &&
      std::all_of(json["fields"].begin(), json["fields"].end(), [](const Json& field) { return field.is_string(); });
  if (!whole) return Fault{.code = "file_damaged", .where = path, .what = "The draft cannot be read back."};
  return Draft{.number = number,
               .kind = json["kind"].get<std::string>(),
               .record = json["record"].get<std::string>(),
               .assignments = json["fields"].get<std::vector<std::string>>()};
}

Outcome<Done> Drafts::drop(int number) const {
  std::error_code error;
  if (fs::remove(path(number), error)) return Done{};
  if (error) return Fault{.code = "file_unwritable", .where = path(number), .what = "The draft cannot be dropped."};
  return Fault{.code = "unknown_draft", .where = std::to_string(number), .what = "There is no such draft."};
}

std::vector<std::string> amended(std::vector<std::string> assignments, const std::vector<std::string>& now) {
  std::erase_if(assignments, [&](const std::string& before) {
    return std::any_of(now.begin(), now.end(),
                       [&](const std::string& each) { return target_of(each) == target_of(before); });
  });
  assignments.insert(assignments.end(), now.begin(), now.end());
  return assignments;
}

}  // namespace songsong::client
