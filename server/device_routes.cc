#include "server/device_routes.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "server/last_backup.h"
#include "server/qr_code.h"
#include "server/query.h"
#include "server/said.h"
#include "server/session_routes.h"
#include "shared/core/civil_time.h"
#include "shared/json/record_json.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr int kSilentDays = 7;
constexpr int kUsualDays = 14;
constexpr int kMostDays = 365;

bool is_administrator(const Visitor& visitor) { return roles_of(visitor.account->grants).has(schema::ADMINISTRATOR); }

Reply unknown_device() { return problem(404, "unknown_replica", "There is no such device among yours."); }

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::uint64_t>(size);
}

Json refused_json(const Metrics::Refused& refused) {
  return Json{{"count", refused.count}, {"code", refused.code}, {"last", print_instant(refused.last_ms)}};
}

Json counted(const std::vector<Device>& devices, std::int64_t now_ms) {
  std::uint64_t enrolled = 0, heard = 0, silent = 0, revoked = 0, waiting = 0;
  for (const Device& device : devices) {
    const Member& member = device.member;
    revoked += member.revoked_ms != 0 ? 1 : 0;
    if (member.revoked_ms != 0 || !member.key) continue;
    ++enrolled;
    heard += member.contact_ms > now_ms - kDayMs ? 1 : 0;
    silent += member.contact_ms <= now_ms - kSilentDays * kDayMs ? 1 : 0;
    waiting += member.waiting;
  }
  return Json{{"issued", devices.size()}, {"enrolled", enrolled}, {"heard_today", heard},
              {"silent_week", silent},    {"revoked", revoked},   {"waiting", waiting}};
}

Json backup_json(const std::string& folder) {
  const std::optional<LastBackup> backup = last_backup(folder);
  if (!backup) return Json();
  return Json{{"made", print_instant(backup->made_ms)}, {"rehearsed", backup->rehearsed}};
}

}  // namespace

DeviceRoutes::DeviceRoutes(Office& office, const Limits& limits, const Metrics& metrics, MessageRoom& room)
    : office_(office), limits_(limits), metrics_(metrics), room_(room), started_ms_(wall_clock_ms()) {}

Reply DeviceRoutes::health(const Visitor& visitor) {
  if (!visitor.account) return sign_in_required();
  if (!is_administrator(visitor)) return out_of_scope();
  const Outcome<std::vector<Device>> devices = devices_of(office_, &visitor.account->grants);
  if (!devices) return storage_problem(devices.fault());
  const std::int64_t now_ms = wall_clock_ms();
  const std::string store = store_path(office_.folder());
  const std::uint64_t free = office_.free_bytes().value_or(0);
  Json refusals = Json::object();
  for (const auto& [code, count] : metrics_.refusals()) refusals[code] = count;
  return json_reply(Json{
      {"as_of", print_instant(now_ms)},
      {"started", print_instant(started_ms_)},
      {"epoch", office_.host().epoch()},
      {"sequence", office_.last_sequence()},
      {"disk_free_bytes", free},
      {"disk_nearly_full", free < limits_.least_free_mib * 1024 * 1024},
      {"store_bytes", size_of(store)},
      {"log_bytes", size_of(store + "-wal")},
      {"last_backup", backup_json(office_.folder())},
      {"devices", counted(*devices, now_ms)},
      {"refusals",
       refusals}}.dump());
}

Reply DeviceRoutes::devices(const Poco::URI& uri, const Visitor& visitor) {
  if (!visitor.account) return sign_in_required();
  if (!is_administrator(visitor)) return out_of_scope();
  const std::optional<std::size_t> limit = page_limit(uri);
  ReplicaId after = 0;
  const std::string cursor = query_value(uri, "after");
  const auto [end, wrong] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), after);
  if (!limit || (!cursor.empty() && (wrong != std::errc() || end != cursor.data() + cursor.size())))
    return problem(400, "query_malformed", "limit is 1 to 500, after is what the page before gave.");
  const Outcome<std::vector<Device>> all = devices_of(office_, &visitor.account->grants);
  if (!all) return storage_problem(all.fault());
  const std::map<ReplicaId, Metrics::Refused> refused = metrics_.refused_devices();
  Json page = Json::array();
  bool more = false;
  for (const Device& device : *all) {
    if (device.member.replica <= after) continue;
    if ((more = page.size() == *limit)) break;
    Json one = device_json(device);
    const auto found = refused.find(device.member.replica);
    one["refused"] = found == refused.end() ? Json() : refused_json(found->second);
    page.push_back(std::move(one));
  }
  const Json next = more ? Json(std::to_string(page.back()["replica"].get<ReplicaId>())) : Json();
  return json_reply(Json{{"devices", std::move(page)}, {"next", next}}.dump());
}

Reply DeviceRoutes::alter(HTTPServerRequest& request, const std::string& id, const std::string& what,
                          const Visitor& visitor) {
  if (!visitor.account) return sign_in_required();
  if (!Visitors::is_own(request, visitor)) return foreign_page();
  if (!is_administrator(visitor)) return out_of_scope();
  Reply refused;
  const std::optional<nlohmann::json> said = read_said(request, limits_, room_, refused);
  if (!said) return refused;
  const Outcome<ReplicaId> replica = replica_named(id);
  if (!replica) return unknown_device();
  const Outcome<std::vector<Device>> theirs = devices_of(office_, &visitor.account->grants);
  if (!theirs) return storage_problem(theirs.fault());
  const bool known = std::any_of(theirs->begin(), theirs->end(),
                                 [&](const Device& device) { return device.member.replica == *replica; });
  if (!known) return unknown_device();
  Reply reply = what == "replace" ? replace(*replica, *said) : revoke(*replica);
  reply.device = *replica;
  return reply;
}

Reply DeviceRoutes::revoke(ReplicaId replica) {
  const Outcome<Done> revoked = office_.host().revoke(replica);
  if (!revoked) return storage_problem(revoked.fault());
  return json_reply(Json{{"replica", replica}, {"revoked", true}}.dump());
}

Reply DeviceRoutes::replace(ReplicaId replica, const nlohmann::json& said) {
  const Outcome<std::string> address = ticket_address(text_of(said, "url"));
  if (!address)
    return problem(422, "url_malformed", "url is where the device reaches the server, http:// or https://.");
  const auto days = said.find("days");
  if (days != said.end() && !days->is_number_unsigned()) return problem(422, "days_malformed", "days is 1 to 365.");
  const std::uint64_t valid_days = days == said.end() ? kUsualDays : days->get<std::uint64_t>();
  if (valid_days < 1 || valid_days > kMostDays) return problem(422, "days_malformed", "days is 1 to 365.");
  const std::int64_t valid_ms = ticket_valid_ms(wall_clock_ms(), static_cast<int>(valid_days));
  const Outcome<Ticket> ticket = office_.host().replace(replica, *address, valid_ms);
  if (!ticket) {
    const std::string& code = ticket.fault().code;
    if (code == "nothing_granted" || code == "account_closed" || code == "unknown_account")
      return problem(409, code, "The device has no right that another could take over.");
    return storage_problem(ticket.fault());
  }
  const std::string text = to_text(*ticket);
  const Outcome<std::string> code = qr_svg(text);
  Reply reply = json_reply(Json{
      {"ticket", text},
      {"replica", ticket->replica},
      {"replaces", replica},
      {"expires", print_instant(ticket->expires_ms)},
      {"qr", code ? Json(*code)
                  : Json()}}.dump());
  reply.new_device = ticket->replica;
  return reply;
}

}  // namespace songsong::server
