// The commands that say who may work with the server: tickets, appointments, revocations, and the list of them all.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/devices.h"
#include "server/office.h"
#include "server/printed.h"
#include "server/qr_code.h"
#include "server/ticket_sheet.h"
#include "shared/core/civil_time.h"
#include "shared/core/grants.h"
#include "shared/sync/members.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;
constexpr Shard kShard = 0;

Outcome<Done> write_sheet(Office& office, const Ticket& ticket, const std::string& path) {
  std::map<std::string, std::string> names;
  const Outcome<Done> read = office.store().read(kShard, [&](StoreReader& reader) {
    const std::shared_ptr<const UnitTree> tree = office.host().unit_trees().tree(reader);
    for (const std::string& unit : ticket.units) names[unit] = tree->find(unit)->name;
  });
  if (!read) return read.fault();
  return write_file(path, ticket_sheet(ticket, names), ReadableBy::kOwner);
}

using Issue = std::function<Outcome<Ticket>(Host& host, const std::string& address, std::int64_t valid_ms)>;

Outcome<Printed> hand_out(const std::string& folder, const std::string& url, int days, const OnPaper& on_paper,
                          const Issue& issue) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<std::string> address = url.empty() ? (*office)->usual_address() : ticket_address(url);
  if (!address) return address.fault();
  // Where the sheet cannot be written no ticket is issued that nobody would ever see.
  if (!on_paper.sheet_path.empty()) {
    const Outcome<Done> writable = write_file(on_paper.sheet_path, "", ReadableBy::kOwner);
    if (!writable) return writable.fault();
  }
  const Outcome<Ticket> ticket = issue((*office)->host(), *address, ticket_valid_ms(wall_clock_ms(), days));
  if (!ticket) return ticket.fault();
  const std::string text = to_text(*ticket);
  if (!on_paper.sheet_path.empty()) {
    const Outcome<Done> written = write_sheet(**office, *ticket, on_paper.sheet_path);
    if (!written) return written.fault();
  }
  std::string code;
  if (on_paper.on_terminal) {
    if (Outcome<std::string> lines = qr_lines(text)) code = std::move(*lines);  // without one the letters are there
  }
  return printed(code + text, code + text,
                 Json{{"ticket", text},
                      {"replica", ticket->replica},
                      {"role", role_name(ticket->role)},
                      {"units", ticket->units},
                      {"url", ticket->url},
                      {"authority", ticket->authority ? Json(to_text(*ticket->authority)) : Json()},
                      {"expires", print_instant(ticket->expires_ms)}});
}

}  // namespace

Outcome<Printed> issue_ticket(const std::string& folder, const std::vector<std::string>& units, const std::string& role,
                              const std::string& url, int days, const OnPaper& on_paper) {
  const Outcome<schema::Role> given = role_named(role);
  if (!given) return given.fault();
  return hand_out(folder, url, days, on_paper, [&](Host& host, const std::string& address, std::int64_t valid_ms) {
    return host.issue_ticket(units, *given, address, valid_ms);
  });
}

Outcome<Printed> issue_ticket_for(const std::string& folder, const std::string& account, const std::string& url,
                                  int days, const OnPaper& on_paper) {
  return hand_out(folder, url, days, on_paper, [&](Host& host, const std::string& address, std::int64_t valid_ms) {
    return host.issue_ticket_for(account, address, valid_ms);
  });
}

Outcome<Printed> revoke_replica(const std::string& folder, const std::string& text) {
  const Outcome<ReplicaId> replica = replica_named(text);
  if (!replica) return replica.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Done> revoked = (*office)->host().revoke(*replica);
  if (!revoked) return revoked.fault();
  return printed("Máy " + number(*replica) + " đã bị thu hồi quyền", "Replica " + number(*replica) + " is revoked",
                 Json{{"replica", *replica}, {"revoked", true}});
}

Outcome<Printed> appoint_replica(const std::string& folder, const std::string& replica,
                                 const std::vector<std::string>& units, const std::string& role, bool besides) {
  const Outcome<schema::Role> given = role_named(role);
  if (!given) return given.fault();
  const Outcome<ReplicaId> id = replica_named(replica);
  if (!id) return id.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Done> appointed = (*office)->host().appoint(*id, granted(*given, units), besides);
  if (!appointed) return appointed.fault();
  return printed(
      "Máy " + replica + (besides ? " có thêm quyền " : " nay có quyền ") + role + " [" + joined(units) +
          "]; máy sẽ biết ở lần đồng bộ tới, những gì ghi từ nay ở nơi cũ phải chờ duyệt",
      "Device " + replica + (besides ? " is besides " : " is now ") + role + " [" + joined(units) +
          "]; it hears so at its next sync; what it records from now on where it no longer works waits for a reviewer",
      Json{{"replica", *id}, {"role", role}, {"units", units}, {"besides", besides}});
}

Outcome<Printed> replace_replica(const std::string& folder, const std::string& replica, const std::string& url,
                                 int days, const OnPaper& on_paper) {
  const Outcome<ReplicaId> lost = replica_named(replica);
  if (!lost) return lost.fault();
  Outcome<Printed> printed =
      hand_out(folder, url, days, on_paper, [&](Host& host, const std::string& address, std::int64_t valid_ms) {
        return host.replace(*lost, address, valid_ms);
      });
  if (!printed) return printed;
  Json json = Json::parse(printed->json);
  json["replaces"] = *lost;
  printed->json = json.dump();
  return printed;
}

Outcome<Printed> list_devices(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<std::vector<Device>> devices = devices_of(**office);
  if (!devices) return devices.fault();
  Printed all;
  for (const Device& device : *devices) {
    const Member& member = device.member;
    all.json += (all.json.empty() ? "" : "\n") + device_json(device).dump();
    const std::string who = number(member.replica) + "  " + (member.account.empty() ? "" : member.account + "  ") +
                            grants_text(device.grants) + "  ";
    const std::string when = member.contact_ms != 0 ? print_instant(member.contact_ms) : std::string();
    const std::vector<std::string>& closed = device.closed_units;
    all.vi += (all.vi.empty() ? "" : "\n") + who + (when.empty() ? "chưa liên lạc" : when) +
              (member.waiting > 0 ? "  chưa gửi: " + number(member.waiting) : "") +
              (member.revoked_ms != 0 ? "  ĐÃ THU HỒI" : "") +
              (closed.empty() ? "" : "  đơn vị đã giải thể: " + joined(closed) + ", hãy giao đơn vị mới (appoint)");
    all.en += (all.en.empty() ? "" : "\n") + who + (when.empty() ? "never heard from" : when) +
              (member.waiting > 0 ? "  not sent: " + number(member.waiting) : "") +
              (member.revoked_ms != 0 ? "  REVOKED" : "") +
              (closed.empty() ? "" : "  no more a unit: " + joined(closed) + ", appoint it to the new one");
  }
  return all;
}

}  // namespace songsong::server
