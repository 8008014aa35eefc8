#include "server/commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "schemas/programme_table.h"
#include "server/distribute.h"
#include "server/office.h"
#include "server/printed.h"
#include "server/units.h"
#include "shared/core/civil_time.h"
#include "shared/sync/wire.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr std::size_t kMaxListBytes = std::size_t{32} << 20;

// A fault of a list names the file as well.
Fault in_file(const Fault& fault, const std::string& path) {
  Fault named = fault;
  if (!fault.code.starts_with("storage_")) named.where = path + ", " + fault.where;
  return named;
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

Outcome<Printed> verify_server(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<AuditSummary> summary = (*office)->host().verify();
  if (!summary) return summary.fault();
  const std::vector<std::string> damaged = (*office)->attachments().damaged();
  if (!damaged.empty())
    return Fault{.code = "difference", .where = damaged.front(), .what = "The file is not what its name says."};
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
           {"files", (*office)->attachments().count()},
           {"units_with_totals", summary->units_with_totals}});
}

}  // namespace songsong::server
