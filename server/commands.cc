#include "server/commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "schemas/programme_table.h"
#include "server/distribute.h"
#include "server/erasure_register.h"
#include "server/office.h"
#include "server/printed.h"
#include "server/units.h"
#include "shared/core/civil_time.h"
#include "shared/sync/members.h"
#include "shared/sync/people.h"
#include "shared/sync/wire.h"
#include "shared/system/entropy.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr Shard kShard = 0;
constexpr std::size_t kMaxListBytes = std::size_t{32} << 20;

// A fault of a list names the file as well.
Fault in_file(const Fault& fault, const std::string& path) {
  Fault named = fault;
  if (!fault.code.starts_with("storage_")) named.where = path + ", " + fault.where;
  return named;
}

// The epoch of a store that can still be read; 0 of any other.
std::uint64_t epoch_of(const std::string& path) {
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

// Who was revoked since the backup stays so, as far as the store that it replaces can tell.
Outcome<bool> take_over_rights(const std::string& folder, Store& coming) {
  std::error_code error;
  if (!fs::exists(store_path(folder), error)) return false;
  const Outcome<std::unique_ptr<SqliteStore>> present = SqliteStore::open(store_path(folder));
  return present ? take_over_people(**present, coming) : Outcome<bool>(false);
}

// Opening the folder carries its register out. How many erasures stand.
Outcome<std::size_t> erased_since(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<ErasureRegister> known = (*office)->host().erasures();
  if (!known) return known.fault();
  return static_cast<std::size_t>(
      std::count_if(known->begin(), known->end(), [](const auto& each) { return each.second.stands; }));
}

}  // namespace

Outcome<Printed> init_server(const std::string& folder, const std::string& units_path) {
  const Outcome<std::string> csv = read_file(units_path, kMaxListBytes);
  if (!csv) return csv.fault();
  std::error_code error;
  if (fs::exists(store_path(folder), error))
    return Fault{.code = "server_exists", .where = folder, .what = "The folder is a server's already."};
  // The list is read before anything is made.
  const Outcome<Policies> policies = Policies::parse(programme_policy_table());
  if (!policies) return policies.fault();
  const Outcome<std::size_t> checked = check_units(*csv, *policies);
  if (!checked) return in_file(checked.fault(), units_path);
  const Outcome<Done> created = Office::create(folder);
  if (!created) return created.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<UnitChanges> written = write_units((*office)->host(), *csv);
  if (!written) {
    // Half a tree is none: the folder is as it was.
    const Fault fault = in_file(written.fault(), units_path);
    fs::remove(store_path(folder), error);
    for (const char* beside : {"-wal", "-shm"}) fs::remove(store_path(folder) + beside, error);
    return fault;
  }
  return printed("Máy chủ ở " + folder + ": " + number(written->added) + " đơn vị",
                 "Server in " + folder + ": " + number(written->added) + " units",
                 Json{{"units", written->added}, {"epoch", (*office)->host().epoch()}});
}

Outcome<Printed> change_units(const std::string& folder, const std::string& units_path, const std::string& on) {
  const Outcome<std::string> csv = read_file(units_path, kMaxListBytes);
  if (!csv) return csv.fault();
  const Outcome<std::optional<std::int64_t>> parsed = parse_date_if_any(on);
  if (!parsed) return Fault{.code = parsed.fault().code, .where = "--on " + on, .what = parsed.fault().what};
  const std::optional<std::int64_t> day = *parsed;
  if (day && *day > day_in_vietnam(wall_clock_ms()))
    return Fault{.code = "date_to_come", .where = "--on " + on, .what = "The day has not come yet."};
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<UnitChanges> written = write_units((*office)->host(), *csv, day);
  if (!written) return in_file(written.fault(), units_path);
  std::string vi = "Thêm " + number(written->added) + " đơn vị, sửa " + number(written->changed) + ", giữ nguyên " +
                   number(written->unchanged);
  std::string en = number(written->added) + " units added, " + number(written->changed) + " changed, " +
                   number(written->unchanged) + " as they were";
  if (written->added + written->changed == 0) {
    vi += "\nDanh sách không khác gì cây hiện nay: không ghi gì cả";
    en += "\nThe list says what the tree says already: nothing was written";
  } else if (day) {
    vi += "\nCây đơn vị trước ngày " + print_date(*day) + " được lưu lại (" + number(written->kept) + " đơn vị)";
    en += "\nThe tree before " + print_date(*day) + " is kept (" + number(written->kept) + " units)";
  }
  return printed(vi, en,
                 Json{{"added", written->added},
                      {"changed", written->changed},
                      {"unchanged", written->unchanged},
                      {"kept", written->kept}});
}

Outcome<Printed> distribute_records(const std::string& folder, const std::string& from, const std::string& rules_path,
                                    bool try_only) {
  const Outcome<std::string> csv = read_file(rules_path, kMaxListBytes);
  if (!csv) return csv.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Distributed> done = distribute((*office)->host(), from, *csv, try_only);
  if (!done) return in_file(done.fault(), rules_path);
  std::string vi = try_only ? "Thử, chưa chuyển gì:" : "Đã chuyển:", en = try_only ? "Tried, nothing moved:" : "Moved:";
  for (const auto& [unit, count] : done->moved) {
    const std::string part = "  " + unit + " " + number(count);
    vi += part;
    en += part;
  }
  return printed(vi + "; ở lại " + number(done->left), en + "; " + number(done->left) + " stay",
                 Json{{"moved", done->moved}, {"left", done->left}, {"dry_run", try_only}});
}

Outcome<Printed> accept_bundle(const std::string& folder, const std::string& path) {
  const Outcome<std::string> bytes = read_file(path, wire::kMaxBundleBytes);
  if (!bytes) return bytes.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Answered answered = (*office)->host().answer_file(*bytes);
  if (answered.frame.empty())
    return Fault{.code = answered.served.refusal, .where = path, .what = "The bundle cannot be read."};
  const std::string receipt = path + ".receipt";
  const Outcome<Done> written = write_file(receipt, answered.frame);
  if (!written) return written.fault();
  if (!answered.served.refusal.empty() &&
      answered.served.applied + answered.served.known + answered.served.quarantined == 0)
    return Fault{
        .code = answered.served.refusal, .where = path, .what = "The bundle is refused; the receipt says why."};
  const Served& served = answered.served;
  Printed result = printed("Nhận " + number(served.applied) + " thay đổi, đã có " + number(served.known) +
                               ", giữ lại " + number(served.quarantined) + "; giấy nhận: " + receipt,
                           number(served.applied) + " changes taken, " + number(served.known) + " known, " +
                               number(served.quarantined) + " set aside; receipts: " + receipt,
                           Json{{"applied", served.applied},
                                {"known", served.known},
                                {"quarantined", served.quarantined},
                                {"receipt", receipt}});
  if (served.quarantined > 0) result.exit = 6;
  return result;
}

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
  return printed("Bản sao lưu: " + path, "Backup: " + path, Json{{"file", path}, {"bytes", bytes}});
}

Outcome<Printed> restore(const std::string& folder, const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return Fault{.code = "file_unreadable", .where = path, .what = "There is no such file."};
  fs::create_directories(folder, error);
  const Outcome<std::unique_ptr<FileLock>> lock = take_serve_lock(folder);
  if (!lock) return lock.fault();
  // The copy is checked, and made a new epoch of, before the folder changes.
  const std::string coming = store_path(folder) + ".restoring";
  fs::remove(coming, error);
  fs::copy_file(path, coming, error);
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
    std::string stamp = print_instant(wall_clock_ms());
    std::replace(stamp.begin(), stamp.end(), ':', '-');
    kept = store_path(folder) + ".before-restore-" + stamp;
    for (const char* beside : {"-wal", "-shm", ""}) {
      if (fs::exists(store_path(folder) + beside, error)) fs::rename(store_path(folder) + beside, kept + beside, error);
    }
  }
  fs::rename(coming, store_path(folder), error);
  if (error)
    return Fault{.code = "storage_failed", .where = folder, .what = "The restored store cannot be put in place."};
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

Outcome<Printed> verify_server(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<AuditSummary> summary = (*office)->host().verify();
  if (!summary) return summary.fault();
  return printed(
      "Đúng: " + number(summary->changes) + " thay đổi, " + number(summary->records) + " hồ sơ, " +
          number(summary->cases) + " việc đang chờ, " + number(summary->units_with_totals) + " đơn vị có số liệu",
      "Right: " + number(summary->changes) + " changes, " + number(summary->records) + " records, " +
          number(summary->cases) + " open cases, " + number(summary->units_with_totals) + " units with totals",
      Json{{"ok", true},
           {"changes", summary->changes},
           {"records", summary->records},
           {"replicas", summary->replicas},
           {"accounts", summary->accounts},
           {"cases", summary->cases},
           {"units_with_totals", summary->units_with_totals}});
}

}  // namespace songsong::server
