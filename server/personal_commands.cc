// The commands on personal data: that somebody's is held no longer, and whose has to go.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "server/commands.h"
#include "server/office.h"
#include "server/printed.h"
#include "server/retention.h"
#include "shared/core/civil_time.h"
#include "shared/core/value_text.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

}  // namespace

Outcome<Printed> erase_person(const std::string& folder, const std::string& record, const std::string& reason) {
  const Outcome<RecordId> id = parse_name(record);
  if (!id) return id.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const KindPolicy& kind = *(*office)->policies().erasure();
  const Outcome<Value> given = parse_value(*Policies::field(kind, kind.erasure().reason()), reason);
  if (!given) return given.fault();
  const Outcome<std::vector<RecordId>> named = (*office)->host().erase({{*id, *given->integer()}});
  if (!named) return named.fault();
  const Outcome<Done> registered = (*office)->write_register();
  if (!registered) return registered.fault();
  Json all = Json::array();
  for (const RecordId each : *named) all.push_back(to_text(each));
  // Stores that restores and upgrades put aside hold what was there then.
  std::string kept_vi, kept_en;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool old =
        name.find(".before-restore-") != std::string::npos || name.find(".before-upgrade-") != std::string::npos;
    if (!old || name.ends_with("-wal") || name.ends_with("-shm")) continue;
    kept_vi += "\nBản cũ cũng còn giữ, hãy huỷ khi không cần nữa: " + name;
    kept_en += "\nAn old store holds them too; destroy it when it is needed no more: " + name;
  }
  if (named->empty())
    return printed("Đã xoá từ trước: không ghi gì thêm", "Erased before: nothing was written", Json{{"erased", all}});
  return printed("Đã xoá dữ liệu cá nhân của " + number(named->size()) +
                     " hồ sơ; các máy xoá theo ở lần đồng bộ tới.\nBản sao lưu cũ vẫn còn giữ: khôi phục thì xoá lại, "
                     "hết hạn thì huỷ." +
                     kept_vi,
                 "Personal values of " + number(named->size()) +
                     " records are erased; phones follow at their next sync.\nOld backups still hold them: a restore "
                     "erases them again; destroy those that are past their time." +
                     kept_en,
                 Json{{"erased", all}});
}

Outcome<Printed> keep_retention(const std::string& folder, const std::string& on, bool erases) {
  const Outcome<std::optional<std::int64_t>> day = parse_date_if_any(on);
  if (!day) return Fault{.code = day.fault().code, .where = "--on " + on, .what = day.fault().what};
  const std::int64_t today = day_in_vietnam(wall_clock_ms());
  if (erases && day->value_or(today) > today)
    return Fault{.code = "date_to_come", .where = "--on " + on, .what = "The day has not come yet."};
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<std::map<RecordId, Due>> due = due_for_erasure((*office)->host(), day->value_or(today));
  if (!due) return due.fault();
  std::map<std::string, std::uint64_t> by_unit;
  for (const auto& [record, each] : *due) ++by_unit[each.unit];
  std::map<RecordId, std::int64_t> reasons;
  for (const auto& [record, each] : *due) reasons[record] = each.reason;
  std::size_t erased = 0;
  if (erases) {
    const Outcome<std::vector<RecordId>> named = (*office)->host().erase(reasons);
    if (!named) return named.fault();
    erased = named->size();
  }
  std::string units;
  for (const auto& [unit, count] : by_unit) units += "\n  " + unit + "  " + number(count);
  return printed((erases ? "Đã xoá dữ liệu cá nhân của " + number(erased) + " hồ sơ không còn được đồng ý lưu"
                         : number(due->size()) + " em không còn được đồng ý lưu dữ liệu; xoá: thêm --erase") +
                     units,
                 (erases ? "Erased the personal data of " + number(erased) + " records that no consent keeps"
                         : number(due->size()) + " children whose data no consent keeps; to erase it add --erase") +
                     units,
                 Json{{"due", due->size()}, {"units", by_unit}, {"erased", erased}});
}

}  // namespace songsong::server
