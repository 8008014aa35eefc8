// The commands that say who may work with the server: tickets, appointments, revocations, and the list of them all.
#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "server/commands.h"
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

// As `devices` prints it, or as it stands in names.
Outcome<ReplicaId> replica_named(const std::string& text) {
  ReplicaId replica = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), replica);
  if (error == std::errc() && end == text.data() + text.size()) return replica;
  const Outcome<Name> name = parse_name(text + ".1.0000");
  if (!name) return Fault{.code = "unknown_replica", .where = text, .what = "This is no replica id."};
  return name->replica();
}

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
  std::string address = url;
  while (!address.empty() && address.back() == '/') address.pop_back();
  if (!address.starts_with("http://") && !address.starts_with("https://"))
    return Fault{.code = "url_malformed", .where = url, .what = "An address begins with http:// or https://."};
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  // Until the end of a day, which is what a sheet of paper can say.
  const std::int64_t now = wall_clock_ms();
  const std::int64_t expires = (day_in_vietnam(now) + days + 1) * kMsPerDay - kVietnamMs - 1;
  // Where the sheet cannot be written no ticket is issued that nobody would ever see.
  if (!on_paper.sheet_path.empty()) {
    const Outcome<Done> writable = write_file(on_paper.sheet_path, "", ReadableBy::kOwner);
    if (!writable) return writable.fault();
  }
  const Outcome<Ticket> ticket = issue((*office)->host(), address, expires - now);
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
    Grants ever;
    for (const HeldGrant& held : member.grants) ever.push_back(held.grant);
    if (units_of(ever).empty()) continue;  // the server itself
    const Grants grants = present_grants(member);
    const std::vector<std::string> held_units = units_of(grants);
    std::vector<std::string> closed;
    std::copy_if(held_units.begin(), held_units.end(), std::back_inserter(closed),
                 [&](const std::string& unit) { return !history->dates(unit).exists(today); });
    const Json one{{"replica", member.replica},
                   {"account", member.account.empty() ? Json() : Json(member.account)},
                   {"role", role_names(grants)},
                   {"units", held_units},
                   {"grants", grants_json(grants)},
                   {"closed_units", closed},
                   {"enrolled", member.key ? Json(print_instant(member.enrolled_ms)) : Json()},
                   {"last_contact", member.contact_ms != 0 ? Json(print_instant(member.contact_ms)) : Json()},
                   {"clock_offset_ms", -member.clock_ms},
                   {"waiting", member.waiting},
                   {"revoked", member.revoked_ms != 0}};
    all.json += (all.json.empty() ? "" : "\n") + one.dump();
    const std::string who = number(member.replica) + "  " + (member.account.empty() ? "" : member.account + "  ") +
                            grants_text(grants) + "  ";
    const std::string when = member.contact_ms != 0 ? print_instant(member.contact_ms) : std::string();
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
