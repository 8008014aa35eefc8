// The commands on backups: to make one, to keep the last few, to put one back, and to rehearse that.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "server/attachments.h"
#include "server/authority.h"
#include "server/commands.h"
#include "server/erasure_register.h"
#include "server/last_backup.h"
#include "server/office.h"
#include "server/printed.h"
#include "shared/core/civil_time.h"
#include "shared/sync/members.h"
#include "shared/sync/people.h"
#include "shared/system/entropy.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr Shard kShard = 0;

constexpr const char* kPrefix = "songsong-";
constexpr const char* kSuffix = ".db";
constexpr int kMostRehearsalMs = 600'000;  // how long another rehearsal is waited for

// Whether it is one of those that are made by the clock: no other file is ever removed.
bool is_scheduled(const std::string& name) {
  const std::string pattern = kPrefix + std::string("dddd-dd-ddTdd-dd-ddZ") + kSuffix;
  if (name.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool digit = name[i] >= '0' && name[i] <= '9';
    const bool wanted =
        pattern[i] == 'd' && i >= std::string(kPrefix).size() && i < pattern.size() - std::string(kSuffix).size();
    if (wanted ? !digit : name[i] != pattern[i]) return false;
  }
  return true;
}

// The epoch of a store that can still be read; 0 of any other.
std::uint64_t epoch_of(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return 0;  // it would be made
  const Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(path);
  if (!store) return 0;
  std::uint64_t epoch = 0;
  const Outcome<Done> read = (*store)->read(kShard, [&](StoreReader& reader) {
    if (const Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting))) epoch = server->epoch;
  });
  return read ? epoch : 0;
}

// What is to be erased in the folder: by its own register, by the store that it had, and by what came with the backup.
Outcome<Done> join_registers(const std::string& folder, const std::string& backup) {
  Outcome<ErasureRegister> all = read_register(register_of_backup(backup));
  if (!all) return all.fault();
  const Outcome<ErasureRegister> own = read_register(register_path(folder));
  if (!own) return own.fault();
  for (const auto& [record, note] : *own) (*all)[record] = note;
  // A store that cannot be read any more is why backups are restored.
  std::error_code error;
  if (fs::exists(store_path(folder), error)) {
    if (const Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(store_path(folder)); store.ok()) {
      if (const Outcome<ErasureRegister> known = Host::erasures_in(**store); known.ok()) {
        for (const auto& [record, note] : *known) (*all)[record] = note;
      }
    }
  }
  return all->empty() ? Done{} : add_to_register(register_path(folder), *all);
}

// The folder that a backup lies in keeps the attachments of all backups there: each is copied once, and goes with its
// person.
Attachments attachments_beside(const std::string& backup) {
  const fs::path folder = fs::path(backup).parent_path();
  return Attachments(folder.empty() ? "." : folder.string());
}

Outcome<std::size_t> copy_attachments(Office& office, const std::string& backup) {
  const Outcome<std::size_t> erased = office.destroy_erased_attachments();
  if (!erased) return erased.fault();
  Attachments beside = attachments_beside(backup);
  // A copy that a disk has altered is no copy.
  std::error_code error;
  for (const std::string& path : beside.damaged()) fs::remove(path, error);
  const Outcome<std::size_t> copied = beside.copy_from(office.attachments());
  if (!copied) return copied.fault();
  const Outcome<std::size_t> gone = destroy_erased(beside, office.store(), office.policies(), beside.records());
  return gone ? copied : gone;
}

// Who was revoked since the backup stays so, as far as the store that it replaces can tell.
Outcome<bool> take_over_rights(const std::string& folder, Store& coming) {
  std::error_code error;
  if (!fs::exists(store_path(folder), error)) return false;
  const Outcome<std::unique_ptr<SqliteStore>> present = SqliteStore::open(store_path(folder));
  if (!present) return false;
  const Outcome<bool> taken = take_over_people(**present, coming);
  if (!taken || !*taken) return taken;
  const Outcome<Done> authority = take_over_authority(**present, coming);
  return authority ? taken : Outcome<bool>(authority.fault());
}

// Opening the folder carries its register out. How many erasures stand.
Outcome<std::size_t> erased_since(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<std::size_t> destroyed = (*office)->destroy_erased_attachments();
  if (!destroyed) return destroyed.fault();
  const Outcome<ErasureRegister> known = (*office)->host().erasures();
  if (!known) return known.fault();
  return static_cast<std::size_t>(
      std::count_if(known->begin(), known->end(), [](const auto& each) { return each.second.stands; }));
}

}  // namespace

Outcome<Printed> back_up(const std::string& folder, const std::string& path) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Done> copied = (*office)->store().back_up(path);
  if (!copied) return copied.fault();
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);  // the keys are in it
  const Outcome<ErasureRegister> erasures = read_register(register_path(folder));
  if (!erasures) return erasures.fault();
  if (!erasures->empty()) {
    const Outcome<Done> beside = write_register(register_of_backup(path), *erasures);
    if (!beside) return beside.fault();
  }
  const Outcome<std::size_t> copied_files = copy_attachments(**office, path);
  if (!copied_files) return copied_files.fault();
  const Outcome<Done> noted = note_backup(folder, LastBackup{.made_ms = wall_clock_ms(), .rehearsed = false});
  if (!noted) return noted.fault();
  return printed("Bản sao lưu: " + path, "Backup: " + path, Json{{"file", path}, {"bytes", bytes}});
}

Outcome<Printed> back_up_into(const std::string& folder, const std::string& into, int keep, bool rehearses) {
  std::error_code error;
  fs::create_directories(into, error);
  if (error)
    return Fault{.code = "storage_failed", .where = into, .what = "The folder cannot be made: " + error.message()};
  const std::string made = into + "/" + kPrefix + file_stamp(wall_clock_ms()) + kSuffix;
  Outcome<Printed> done = back_up(folder, made);
  if (!done) return done;
  if (rehearses) {
    const Outcome<Printed> rehearsed = rehearse_restore(folder, made);
    if (!rehearsed) {
      fs::rename(made, made + ".bad", error);
      return rehearsed.fault();
    }
    const Outcome<Done> noted = note_backup(folder, LastBackup{.made_ms = wall_clock_ms(), .rehearsed = true});
    if (!noted) return noted.fault();
  }
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(into, error)) {
    if (is_scheduled(entry.path().filename().string())) all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  std::size_t removed = 0;
  for (; all.size() - removed > static_cast<std::size_t>(keep); ++removed) {
    fs::remove(register_of_backup(all[removed].string()), error);
    fs::remove(all[removed], error);
  }
  Json json = Json::parse(done->json);
  json["kept"] = all.size() - removed;
  json["removed"] = removed;
  return printed(done->vi + "\nGiữ " + number(all.size() - removed) + " bản, bỏ " + number(removed) + " bản cũ nhất",
                 done->en + "\n" + number(all.size() - removed) + " kept, the " + number(removed) + " oldest removed",
                 json);
}

namespace {

// `with_attachments`: those that the backup has and the folder has not are copied.
Outcome<Printed> put_back(const std::string& folder, const std::string& path, bool with_attachments) {
  std::error_code error;
  if (!fs::exists(path, error))
    return Fault{.code = "file_unreadable", .where = path, .what = "There is no such file."};
  fs::create_directories(folder, error);
  fs::permissions(folder, fs::perms::owner_all, error);  // keys lie in it
  const Outcome<std::unique_ptr<FileLock>> lock = take_serve_lock(folder);
  if (!lock) return lock.fault();
  // The copy is checked, and made a new epoch of, before the folder changes.
  const std::string coming = store_path(folder) + ".restoring";
  fs::remove(coming, error);
  fs::copy_file(path, coming, error);
  if (!error) fs::permissions(coming, fs::perms::owner_read | fs::perms::owner_write, error);
  if (error)
    return Fault{.code = "storage_failed", .where = coming, .what = "The backup cannot be copied: " + error.message()};
  const std::uint64_t epoch = std::max(epoch_of(store_path(folder)), std::uint64_t{0});
  bool rights_kept = false;
  const auto prepared = [&]() -> Outcome<Done> {
    const Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(coming);
    if (!store) return store.fault();
    const Outcome<Done> sound = (*store)->check();
    if (!sound) return sound.fault();
    const Outcome<bool> taken = take_over_rights(folder, **store);
    if (!taken) return taken.fault();
    rights_kept = *taken;
    const HostDoors doors{.now_ms = wall_clock_ms, .entropy = draw_entropy, .commit = {}};
    return Host::begin_epoch(**store, doors, epoch);
  }();
  if (!prepared) {
    for (const char* beside : {"", "-wal", "-shm"}) fs::remove(coming + beside, error);
    return prepared.fault();
  }
  const Outcome<Done> joined = join_registers(folder, path);
  if (!joined) {
    for (const char* beside : {"", "-wal", "-shm"}) fs::remove(coming + beside, error);
    return joined.fault();
  }
  std::string kept;
  if (fs::exists(store_path(folder), error)) {
    kept = store_path(folder) + ".before-restore-" + file_stamp(wall_clock_ms());
    for (const char* beside : {"-wal", "-shm", ""}) {
      if (fs::exists(store_path(folder) + beside, error)) fs::rename(store_path(folder) + beside, kept + beside, error);
    }
  }
  fs::rename(coming, store_path(folder), error);
  if (error)
    return Fault{.code = "storage_failed", .where = folder, .what = "The restored store cannot be put in place."};
  if (with_attachments) {
    const Outcome<std::size_t> copied = Attachments(folder).copy_from(attachments_beside(path));
    if (!copied) return copied.fault();
  }
  const Outcome<std::size_t> erased = erased_since(folder);
  if (!erased) return erased.fault();
  const std::uint64_t now = epoch_of(store_path(folder));
  const std::string standing_vi = *erased == 0 ? "" : "; " + number(*erased) + " hồ sơ đã xoá dữ liệu vẫn xoá";
  const std::string standing_en = *erased == 0 ? "" : "; " + number(*erased) + " erased records stay erased";
  const std::string rights_vi =
      rights_kept ? "" : "\nMáy và tài khoản như lúc sao lưu: ai bị thu hồi quyền từ đó, hãy thu hồi lại.";
  const std::string rights_en =
      rights_kept ? "" : "\nDevices and accounts are as they were then: revoke again whom you have revoked since.";
  return printed(
      "Đã khôi phục; kỷ " + number(now) + standing_vi + (kept.empty() ? "" : "; dữ liệu cũ: " + kept) + rights_vi,
      "Restored; epoch " + number(now) + standing_en + (kept.empty() ? "" : "; what was there before: " + kept) +
          rights_en,
      Json{{"epoch", now},
           {"erased", *erased},
           {"rights_kept", rights_kept},
           {"before", kept.empty() ? Json() : Json(kept)}});
}

}  // namespace

Outcome<Printed> rehearse_restore(const std::string& folder, const std::string& path) {
  std::error_code error;
  fs::create_directories(folder, error);
  const Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(folder + "/rehearsal.lock", kMostRehearsalMs);
  if (!lock) return lock.fault();
  const std::string rehearsal = folder + "/rehearsal";
  const auto clear = [&] { fs::remove_all(rehearsal, error); };
  clear();
  fs::create_directories(rehearsal, error);
  fs::permissions(rehearsal, fs::perms::owner_all, error);
  // Those who were erased here since would be, then too.
  if (fs::exists(register_path(folder), error)) fs::copy_file(register_path(folder), register_path(rehearsal), error);
  const Outcome<Printed> restored = put_back(rehearsal, path, false);
  const Outcome<Printed> verified = restored ? verify_server(rehearsal) : restored;
  clear();
  const std::vector<std::string> damaged = attachments_beside(path).damaged();
  if (restored && !damaged.empty())
    return Fault{.code = "difference", .where = damaged.front(), .what = "The file is not what its name says."};
  if (!restored) return restored.fault();
  if (!verified) return verified.fault();
  Json json = Json::parse(verified->json);
  json["erased"] = Json::parse(restored->json)["erased"];
  return printed("Khôi phục thử xong, bản sao lưu dùng được; thư mục vẫn như cũ\n" + verified->vi,
                 "Rehearsed: the backup can be restored; the folder is as it was\n" + verified->en, json);
}

Outcome<Printed> restore(const std::string& folder, const std::string& path) { return put_back(folder, path, true); }

}  // namespace songsong::server
