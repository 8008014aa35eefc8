#include "server/attachments.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "shared/replica/record_cache.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
constexpr Shard kShard = 0;
constexpr const char* kPart = ".part";
constexpr std::size_t kMostAtOnce = 500;

Fault failed(const std::string& where, const char* what) {
  std::error_code error;
  const bool full = fs::space(fs::path(where).parent_path(), error).available < kMaxAttachmentBytes && !error;
  return Fault{.code = full ? "storage_full" : "storage_failed", .where = where, .what = what};
}

std::size_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// With the one that it lies in. What hinders it is told by the writing of the file.
void make_for_owner(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  for (const fs::path& each : {fs::path(folder).parent_path(), fs::path(folder)})
    fs::permissions(each, fs::perms::owner_all, error);
}

}  // namespace

std::string Attachments::folder_of(RecordId record) const { return folder_ + "/" + to_text(record); }

std::string Attachments::path_of(RecordId record, const AttachmentHash& hash) const {
  return folder_of(record) + "/" + to_text(hash);
}

Attachments::Held Attachments::held(RecordId record, const AttachmentHash& hash) const {
  const std::string path = path_of(record, hash);
  if (exists(path)) return Held{.bytes = size_of(path), .whole = true};
  return Held{.bytes = size_of(path + kPart), .whole = false};
}

Outcome<Attachments::Held> Attachments::append(RecordId record, const AttachmentHash& hash, std::size_t from,
                                               std::string_view bytes, std::size_t total) {
  const std::lock_guard lock(appending_);
  const Held before = held(record, hash);
  const std::string path = path_of(record, hash), part = path + kPart;
  std::error_code error;
  if (!before.whole && before.bytes >= total) {
    // More than there is of it: whatever that was, it is not this file.
    fs::remove(part, error);
    return Held{};
  }
  if (before.whole || before.bytes != from || from + bytes.size() > total) return before;
  make_for_owner(folder_of(record));
  {
    std::ofstream file(part, std::ios::binary | std::ios::app);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.flush();
    if (!file) {
      // Half of it may be there: what is held is asked again.
      return failed(part, "The file cannot be written.");
    }
  }
  const Held after{.bytes = from + bytes.size(), .whole = false};
  if (after.bytes < total) return after;
  const Outcome<std::string> all = read_file(part, kMaxAttachmentBytes);
  if (!all) return failed(part, "The file cannot be read back.");
  if (attachment_hash(*all) != hash) {
    fs::remove(part, error);
    return Fault{.code = "attachment_mismatch", .where = to_text(record), .what = "It is another file."};
  }
  const Outcome<Done> written = write_file(path, *all, ReadableBy::kOwner);
  if (!written) return failed(path, "The file cannot be written.");
  fs::remove(part, error);
  return Held{.bytes = total, .whole = true};
}

Outcome<std::string> Attachments::read(RecordId record, const AttachmentHash& hash) const {
  const std::string path = path_of(record, hash);
  if (!exists(path))
    return Fault{.code = "unknown_attachment", .where = to_text(record), .what = "The file is not here."};
  Outcome<std::string> bytes = read_file(path, kMaxAttachmentBytes);
  if (!bytes) return failed(path, "The file cannot be read.");
  return bytes;
}

std::vector<RecordId> Attachments::records() const {
  std::vector<RecordId> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (const Outcome<Name> record = parse_name(entry.path().filename().string())) all.push_back(*record);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::set<AttachmentHash> Attachments::of(RecordId record) const {
  std::set<AttachmentHash> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_of(record), error)) {
    if (const Outcome<AttachmentHash> hash = AttachmentHash::from_hex(entry.path().filename().string(), "attachment"))
      all.insert(*hash);
  }
  return all;
}

Outcome<std::size_t> Attachments::keep_only(RecordId record, const std::set<AttachmentHash>& named) {
  const std::lock_guard lock(appending_);
  std::size_t destroyed = 0;
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder_of(record), error)) {
    const std::string name = entry.path().stem().string();
    const Outcome<AttachmentHash> hash = AttachmentHash::from_hex(name, "attachment");
    if (!hash || !named.contains(*hash)) paths.push_back(entry.path().string());
  }
  for (const std::string& path : paths) {
    const Outcome<Done> gone = destroy_file(path);
    if (!gone) return failed(path, "The file cannot be destroyed.");
    ++destroyed;
  }
  fs::remove(folder_of(record), error);  // where it is empty
  return destroyed;
}

std::vector<std::string> Attachments::damaged() const {
  std::vector<std::string> paths;
  for (const RecordId record : records()) {
    for (const AttachmentHash& hash : of(record)) {
      const Outcome<std::string> bytes = read(record, hash);
      if (!bytes || attachment_hash(*bytes) != hash) paths.push_back(path_of(record, hash));
    }
  }
  return paths;
}

std::size_t Attachments::count() const {
  std::size_t all = 0;
  for (const RecordId record : records()) all += of(record).size();
  return all;
}

Outcome<std::size_t> Attachments::copy_from(const Attachments& other) {
  std::size_t copied = 0;
  for (const RecordId record : other.records()) {
    for (const AttachmentHash& hash : other.of(record)) {
      if (exists(path_of(record, hash))) continue;
      const Outcome<std::string> bytes = other.read(record, hash);
      if (!bytes || attachment_hash(*bytes) != hash) continue;
      make_for_owner(folder_of(record));
      const Outcome<Done> written = write_file(path_of(record, hash), *bytes, ReadableBy::kOwner);
      if (!written) return failed(path_of(record, hash), "The file cannot be written.");
      ++copied;
    }
  }
  return copied;
}

Outcome<std::size_t> destroy_erased(Attachments& attachments, Store& store, const Policies& policies,
                                    std::span<const RecordId> records) {
  std::map<RecordId, std::set<AttachmentHash>> kept;
  for (std::size_t at = 0; at < records.size(); at += kMostAtOnce) {
    const std::span<const RecordId> some = records.subspan(at, std::min(kMostAtOnce, records.size() - at));
    Outcome<Done> looked = Done{};
    const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
      try {
        RecordCache cache(policies, reader);
        cache.load(some);
        for (const RecordId record : some) {
          const Shown* const shown = cache.records().find(record);
          const bool lost = shown != nullptr && shown->kind != nullptr && lost_attachments(*shown->state, *shown->kind);
          if (lost) kept[record] = attachments_of(*shown->state, *shown->kind);
        }
      } catch (const StorageDamage& damage) {
        looked = damage.fault;
      }
    });
    if (!read) return read.fault();
    if (!looked) return looked.fault();
  }
  std::size_t destroyed = 0;
  for (const auto& [record, named] : kept) {
    const Outcome<std::size_t> gone = attachments.keep_only(record, named);
    if (!gone) return gone.fault();
    destroyed += *gone;
  }
  return destroyed;
}

}  // namespace songsong::server
