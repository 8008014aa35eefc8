#include "server/commands.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "schemas/programme_table.h"
#include "server/distribute.h"
#include "server/office.h"
#include "server/units.h"
#include "shared/core/civil_time.h"
#include "shared/sync/members.h"
#include "shared/sync/wire.h"
#include "shared/system/entropy.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr Shard kShard = 0;
constexpr std::size_t kMaxListBytes = std::size_t{32} << 20;

Printed printed(std::string vi, std::string en, const Json& json) {
  return Printed{.vi = std::move(vi), .en = std::move(en), .json = json.dump(), .exit = 0};
}

std::string number(std::uint64_t value) { return std::to_string(value); }

Outcome<schema::Role> role_named(const std::string& name) {
  std::string upper = name, allowed;
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  for (int number = 1; number <= schema::Role_MAX; ++number) {
    std::string each = schema::Role_Name(static_cast<schema::Role>(number));
    if (each == upper) return static_cast<schema::Role>(number);
    for (char& c : each) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    allowed += (allowed.empty() ? "" : ", ") + each;
  }
  return Fault{.code = "unknown_role", .where = name, .what = "There is no such role; allowed: " + allowed};
}

std::string role_text(schema::Role role) {
  std::string name = schema::Role_Name(role);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

// A fault of a list names the file as well.
Fault in_file(const Fault& fault, const std::string& path) {
  Fault named = fault;
  if (!fault.code.starts_with("storage_")) named.where = path + ", " + fault.where;
  return named;
}

std::string joined(const std::vector<std::string>& units) {
  std::string text;
  for (const std::string& unit : units) text += (text.empty() ? "" : ",") + unit;
  return text;
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
  std::optional<std::int64_t> day;
  if (!on.empty()) {
    const Outcome<std::int64_t> parsed = parse_date(on);
    if (!parsed) return Fault{.code = parsed.fault().code, .where = "--on " + on, .what = parsed.fault().what};
    if (*parsed > day_in_vietnam(wall_clock_ms()))
      return Fault{.code = "date_to_come", .where = "--on " + on, .what = "The day has not come yet."};
    day = *parsed;
  }
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<UnitChanges> written = write_units((*office)->host(), *csv, day);
  if (!written) return in_file(written.fault(), units_path);
  std::string vi = "Thêm " + number(written->added) + " đơn vị, sửa " + number(written->changed) + ", giữ nguyên " +
                   number(written->unchanged);
  std::string en = number(written->added) + " units added, " + number(written->changed) + " changed, " +
                   number(written->unchanged) + " as they were";
  if (day) {
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

Outcome<Printed> issue_ticket(const std::string& folder, const std::vector<std::string>& units, const std::string& role,
                              const std::string& url, int days) {
  const Outcome<schema::Role> granted = role_named(role);
  if (!granted) return granted.fault();
  std::string address = url;
  while (!address.empty() && address.back() == '/') address.pop_back();
  if (!address.starts_with("http://") && !address.starts_with("https://"))
    return Fault{.code = "url_malformed", .where = url, .what = "An address begins with http:// or https://."};
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Ticket> ticket =
      (*office)->host().issue_ticket(units, *granted, address, std::int64_t{days} * 24 * 3600 * 1000);
  if (!ticket) return ticket.fault();
  return printed(to_text(*ticket), to_text(*ticket),
                 Json{{"ticket", to_text(*ticket)},
                      {"replica", ticket->replica},
                      {"role", role_text(ticket->role)},
                      {"units", ticket->units},
                      {"url", ticket->url},
                      {"expires", print_instant(ticket->expires_ms)}});
}

Outcome<Printed> revoke_replica(const std::string& folder, const std::string& text) {
  ReplicaId replica = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), replica);
  if (error != std::errc() || end != text.data() + text.size()) {
    const Outcome<Name> name = parse_name(text + ".1.0000");
    if (!name) return Fault{.code = "unknown_replica", .where = text, .what = "This is no replica id."};
    replica = name->replica();
  }
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Done> revoked = (*office)->host().revoke(replica);
  if (!revoked) return revoked.fault();
  return printed("Máy " + number(replica) + " đã bị thu hồi quyền", "Replica " + number(replica) + " is revoked",
                 Json{{"replica", replica}, {"revoked", true}});
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
  return printed("Bản sao lưu: " + path, "Backup: " + path, Json{{"file", path}, {"bytes", bytes}});
}

Outcome<Printed> restore(const std::string& folder, const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return Fault{.code = "file_unreadable", .where = path, .what = "There is no such file."};
  fs::create_directories(folder, error);
  const Outcome<std::unique_ptr<ServeLock>> lock = ServeLock::take(folder);
  if (!lock) return lock.fault();
  // The copy is checked, and made a new epoch of, before the folder changes.
  const std::string coming = store_path(folder) + ".restoring";
  fs::remove(coming, error);
  fs::copy_file(path, coming, error);
  if (error)
    return Fault{.code = "storage_failed", .where = coming, .what = "The backup cannot be copied: " + error.message()};
  const std::uint64_t epoch = std::max(epoch_of(store_path(folder)), std::uint64_t{0});
  const auto prepared = [&]() -> Outcome<Done> {
    const Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(coming);
    if (!store) return store.fault();
    const Outcome<Done> sound = (*store)->check();
    if (!sound) return sound.fault();
    const HostDoors doors{.now_ms = wall_clock_ms, .entropy = draw_entropy, .commit = {}};
    return Host::begin_epoch(**store, doors, epoch);
  }();
  if (!prepared) {
    for (const char* beside : {"", "-wal", "-shm"}) fs::remove(coming + beside, error);
    return prepared.fault();
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
  const std::uint64_t now = epoch_of(store_path(folder));
  return printed("Đã khôi phục; kỷ " + number(now) + (kept.empty() ? "" : "; dữ liệu cũ: " + kept),
                 "Restored; epoch " + number(now) + (kept.empty() ? "" : "; what was there before: " + kept),
                 Json{{"epoch", now}, {"before", kept.empty() ? Json() : Json(kept)}});
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

Outcome<Printed> list_devices(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<std::vector<Member>> members = (*office)->host().members();
  if (!members) return members.fault();
  std::shared_ptr<const UnitHistory> history;
  const Outcome<Done> read = (*office)->store().read(kShard, [&](StoreReader& reader) {
    history = (*office)->host().unit_trees().history(reader, (*office)->policies());
  });
  if (!read) return read.fault();
  const std::int64_t today = day_in_vietnam(wall_clock_ms());
  Printed all;
  for (const Member& member : *members) {
    if (member.units.empty()) continue;  // the server itself
    std::vector<std::string> closed;
    std::copy_if(member.units.begin(), member.units.end(), std::back_inserter(closed),
                 [&](const std::string& unit) { return !history->dates(unit).exists(today); });
    const Json one{{"replica", member.replica},
                   {"role", role_text(member.role)},
                   {"units", member.units},
                   {"closed_units", closed},
                   {"enrolled", member.key ? Json(print_instant(member.enrolled_ms)) : Json()},
                   {"last_contact", member.contact_ms != 0 ? Json(print_instant(member.contact_ms)) : Json()},
                   {"clock_offset_ms", -member.clock_ms},
                   {"waiting", member.waiting},
                   {"revoked", member.revoked_ms != 0}};
    all.json += (all.json.empty() ? "" : "\n") + one.dump();
    const std::string units = joined(member.units);
    const std::string who = number(member.replica) + "  " + role_text(member.role) + "  [" + units + "]  ";
    const std::string when = member.contact_ms != 0 ? print_instant(member.contact_ms) : std::string();
    all.vi += (all.vi.empty() ? "" : "\n") + who + (when.empty() ? "chưa liên lạc" : when) +
              (member.waiting > 0 ? "  chưa gửi: " + number(member.waiting) : "") +
              (member.revoked_ms != 0 ? "  ĐÃ THU HỒI" : "") +
              (closed.empty() ? "" : "  đơn vị đã giải thể: " + joined(closed) + ", hãy cấp vé của đơn vị mới");
    all.en += (all.en.empty() ? "" : "\n") + who + (when.empty() ? "never heard from" : when) +
              (member.waiting > 0 ? "  not sent: " + number(member.waiting) : "") +
              (member.revoked_ms != 0 ? "  REVOKED" : "") +
              (closed.empty() ? "" : "  no more a unit: " + joined(closed) + ", issue a ticket of the new one");
  }
  return all;
}

}  // namespace songsong::server
