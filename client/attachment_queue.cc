#include "client/attachment_queue.h"

#include <algorithm>
#include <sstream>

#include "shared/replica/record_cache.h"
#include "shared/system/files.h"

namespace songsong::client {
namespace {

constexpr Shard kShard = 0;
constexpr const char* kBytesPrefix = "attachment.bytes.";
constexpr const char* kNewPrefix = "attachment.new.";
constexpr const char* kForPrefix = "attachment.for.";
constexpr std::size_t kMostWaiting = 10'000;

std::string bytes_setting(const AttachmentHash& hash) { return kBytesPrefix + to_text(hash); }
std::string new_setting(const AttachmentHash& hash) { return kNewPrefix + to_text(hash); }

std::optional<AttachmentHash> hash_at(const std::string& name, const char* prefix) {
  const std::size_t from = std::string_view(prefix).size();
  const Outcome<AttachmentHash> hash = AttachmentHash::from_hex(name.substr(from, 2 * AttachmentHash::kSize), name);
  return hash ? std::optional(*hash) : std::nullopt;
}

Outcome<Done> write(Workspace& workspace, const Store::Writing& writing) {
  const Outcome<StoreSequence> written = workspace.store().write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

Outcome<Done> write(Workspace& workspace, const StoreBatch& batch) {
  return write(workspace, [&](StoreReader&) -> Outcome<StoreBatch> { return batch; });
}

std::vector<WaitingFile> read_waiting(StoreReader& reader) {
  std::vector<WaitingFile> all;
  for (const auto& [name, value] : reader.settings(kForPrefix, "", kMostWaiting)) {
    const std::optional<AttachmentHash> hash = hash_at(name, kForPrefix);
    const std::size_t at = std::string_view(kForPrefix).size() + 2 * AttachmentHash::kSize + 1;
    const Outcome<Name> record = parse_name(at < name.size() ? name.substr(at) : "");
    if (!hash || !record) continue;
    WaitingFile waiting{.hash = *hash, .size = 0, .record = *record, .begun = value.ends_with(" begun")};
    std::istringstream(value) >> waiting.size;
    all.push_back(waiting);
  }
  return all;
}

// The program was ended between a save and the noting of its record: every record that names the file.
Outcome<Done> find_records(Workspace& workspace) {
  StoreBatch batch;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    for (const auto& [name, size] : reader.settings(kNewPrefix, "", kMostWaiting)) {
      const std::optional<AttachmentHash> hash = hash_at(name, kNewPrefix);
      batch.settings[name] = "";
      for (const KindPolicy& kind : workspace.policies().table().kind()) {
        if (!hash || !has_attachments(kind)) continue;
        each_live_record(reader, workspace.policies(), &kind, [&](const Shown& shown) {
          if (!attachments_of(*shown.state, kind).contains(*hash)) return;
          batch.settings[WaitingFile{.hash = *hash, .size = 0, .record = shown.id(), .begun = false}.setting()] = size;
        });
      }
    }
  });
  if (!read) return read.fault();
  return batch.settings.empty() ? Outcome<Done>(Done{}) : write(workspace, batch);
}

// Whether somebody still needs it at the server: the record names it; or it lives elsewhere by now, and what was saved
// here of it has not been erased.
bool is_needed(const WaitingFile& waiting, StoreReader& reader, const Policies& policies) {
  const RecordId wanted[] = {waiting.record};
  RecordCache cache(policies, reader);
  cache.load(wanted);
  const Shown* const shown = cache.records().find(waiting.record);
  if (shown != nullptr && shown->kind != nullptr && shown->state->opened)
    return attachments_of(*shown->state, *shown->kind).contains(waiting.hash);
  const auto& values = cache.personal(waiting.record).all();
  return std::any_of(values.begin(), values.end(), [&](const auto& each) {
    return each.second.bytes() != nullptr && *each.second.bytes() == waiting.hash.view();
  });
}

}  // namespace

std::string WaitingFile::setting() const { return kForPrefix + to_text(hash) + "." + to_text(record); }
std::string WaitingFile::text() const { return std::to_string(size) + (begun ? " begun" : ""); }

Outcome<Done> note(Workspace& workspace, const WaitingFile& waiting) {
  StoreBatch batch;
  batch.settings[waiting.setting()] = waiting.text();
  return write(workspace, batch);
}

Outcome<std::vector<WaitingFile>> all_waiting(Workspace& workspace) {
  const Outcome<Done> found = find_records(workspace);
  if (!found) return found.fault();
  std::vector<WaitingFile> all;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) { all = read_waiting(reader); });
  if (!read) return read.fault();
  return all;
}

Outcome<Done> let_go(Workspace& workspace, const WaitingFile& waiting, bool destroyed) {
  return write(workspace, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[waiting.setting()] = "";
    const std::vector<WaitingFile> all = read_waiting(reader);
    const bool last = std::none_of(all.begin(), all.end(), [&](const WaitingFile& each) {
      return each.hash == waiting.hash && each.record != waiting.record;
    });
    if (!last) return batch;
    batch.settings[bytes_setting(waiting.hash)] = "";
    batch.values_destroyed = destroyed;
    return batch;
  });
}

Outcome<std::string> made_ready(Workspace& workspace, const WaitingFile& waiting) {
  std::string bytes;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    if (is_needed(waiting, reader, workspace.policies())) bytes = reader.setting(bytes_setting(waiting.hash));
  });
  if (!read) return read.fault();
  if (!bytes.empty()) return bytes;
  const Outcome<Done> done = let_go(workspace, waiting, true);
  if (!done) return done.fault();
  return bytes;
}

Outcome<std::string> held_file(Workspace& workspace, const AttachmentHash& hash) {
  std::string bytes;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) { bytes = reader.setting(bytes_setting(hash)); });
  if (!read) return read.fault();
  return bytes;
}

Outcome<TakenFiles> take_files(const KindPolicy& kind, const std::vector<std::string>& assignments) {
  TakenFiles taken;
  for (const std::string& assignment : assignments) {
    const std::size_t at = assignment.find("=@");
    const FieldPolicy* field = nullptr;
    for (const FieldPolicy& each : kind.field()) {
      if (at != std::string::npos && each.name() == assignment.substr(0, at)) field = &each;
    }
    if (field == nullptr || field->type() != policy::ATTACHMENT) {
      taken.assignments.push_back(assignment);
      continue;
    }
    const std::string path = assignment.substr(at + 2);
    const Outcome<std::string> bytes = read_file(path, kMaxAttachmentBytes);
    if (!bytes && bytes.fault().code == "file_too_large")
      return Fault{.code = "attachment_too_large", .where = path, .what = "The file is larger than 2 MB."};
    if (!bytes) return bytes.fault();
    if (bytes->empty()) return Fault{.code = "file_empty", .where = path, .what = "The file is empty."};
    const AttachmentHash hash = attachment_hash(*bytes);
    taken.assignments.push_back(field->name() + "=" + to_text(hash));
    taken.hashes.push_back(hash);
    taken.marks[new_setting(hash)] = std::to_string(bytes->size());
    taken.marks[bytes_setting(hash)] = *bytes;
  }
  return taken;
}

Outcome<Done> note_record(Workspace& workspace, const TakenFiles& files, RecordId record) {
  if (files.hashes.empty()) return Done{};
  StoreBatch batch;
  for (const AttachmentHash& hash : files.hashes) {
    const std::string& bytes = files.marks.at(bytes_setting(hash));
    const WaitingFile waiting{.hash = hash, .size = bytes.size(), .record = record, .begun = false};
    batch.settings[bytes_setting(hash)] = bytes;
    batch.settings[waiting.setting()] = waiting.text();
    batch.settings[new_setting(hash)] = "";
  }
  return write(workspace, batch);
}

Outcome<AttachmentsWaiting> attachments_waiting(Workspace& workspace) {
  const Outcome<std::vector<WaitingFile>> all = all_waiting(workspace);
  if (!all) return all.fault();
  AttachmentsWaiting count;
  for (const WaitingFile& each : *all) {
    ++count.count;
    count.bytes += each.size;
  }
  return count;
}

}  // namespace songsong::client
