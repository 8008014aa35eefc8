#include "server/totals_routes.h"

#include <Poco/Net/HTTPServerRequestImpl.h>

#include <charconv>

#include "server/connections.h"
#include "server/query.h"
#include "server/session_routes.h"
#include "server/totals.h"
#include "shared/core/civil_time.h"
#include "shared/sync/looking.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerRequestImpl;

constexpr Shard kShard = 0;

}  // namespace

TotalsRoutes::TotalsRoutes(Office& office, const Limits& limits, Visitors& visitors)
    : office_(office),
      visitors_(visitors),
      least_published_(limits.least_published),
      hub_(
          limits,
          [this](const StreamHub::Watched& watched) {
            const Audience all, strangers{.least_published = least_published_};
            return totals_of(office_.host(), watched.unit, wall_clock_ms(), std::nullopt,
                             watched.is_public ? strangers : all);
          },
          [this] { return last_sequence(); }) {}

Outcome<bool> TotalsRoutes::sees(const Grants& grants, const std::string& unit) {
  bool sees = false;
  std::optional<Fault> damage;
  const Outcome<Done> read = office_.store().read(kShard, [&](StoreReader& reader) {
    try {
      // A unit that there is not is told of as such.
      sees = office_.host().unit_trees().tree(reader)->find(unit) == nullptr ||
             Looking(office_.policies(), office_.host().unit_trees(), reader, grants).sees_totals(unit);
    } catch (const StorageDamage& found) {
      damage = found.fault;
    }
  });
  if (!read) return read.fault();
  if (damage) return *damage;
  return sees;
}

bool TotalsRoutes::still_sees(const Visitor& visitor, const std::string& unit) {
  if (visitor.is_public) return true;
  if (visitor.open_to_all) {
    const Outcome<bool> open = visitors_.open_to_all();
    return open.ok() && *open;
  }
  const Outcome<std::optional<UserAccount>> account = visitors_.account_of(visitor.token);
  if (!account || !*account) return false;
  const Outcome<bool> may = sees((*account)->grants, unit);
  return may.ok() && *may;
}

Audience TotalsRoutes::audience(const Visitor& visitor) const {
  return Audience{.grants = visitor.account ? &visitor.account->grants : nullptr,
                  .least_published = visitor.is_public ? least_published_ : 0};
}

Reply TotalsRoutes::of_unit(
    const Poco::URI& uri, const Visitor& visitor,
    const std::function<Reply(const std::string& unit, std::optional<std::int64_t> on)>& answer) {
  std::string unit = query_value(uri, "unit");
  if (!visitor.open_to_all && !visitor.is_public) {
    if (!visitor.account) return sign_in_required();
    if (unit.empty()) unit = visitor.account->grants.empty() ? "" : visitor.account->grants.front().unit;
    const Outcome<bool> may = sees(visitor.account->grants, unit);
    if (!may) return storage_problem(may.fault());
    if (!*may) return out_of_scope();
  }
  const Outcome<std::optional<std::int64_t>> on = parse_date_if_any(query_value(uri, "on"));
  if (!on) return problem(400, on.fault().code, "on is a day, such as 2025-06-30.");
  if (*on && visitor.is_public)
    return problem(403, "not_public", "Figures in the tree of another day are not published.");
  return answer(unit, *on);
}

Reply TotalsRoutes::totals(const HTTPServerRequest& request, const Poco::URI& uri, const Visitor& visitor) {
  return of_unit(uri, visitor, [&](const std::string& unit, std::optional<std::int64_t> on) -> Reply {
    Outcome<std::optional<TotalsNow>> now = totals_of(office_.host(), unit, wall_clock_ms(), on, audience(visitor));
    if (!now) return storage_problem(now.fault());
    if (!now->has_value()) return unknown_unit();
    const std::string etag =
        "W/\"" + std::to_string(office_.host().epoch()) + "-" + std::to_string((*now)->sequence) + "\"";
    const bool has_it = request.get("If-None-Match", "") == etag;
    Reply reply = has_it ? Reply{.status = 304} : json_reply(std::move((*now)->json));
    reply.etag = etag;
    return reply;
  });
}

Reply TotalsRoutes::unit(const Poco::URI& uri, const Visitor& visitor) {
  return of_unit(uri, visitor, [&](const std::string& unit, std::optional<std::int64_t> on) -> Reply {
    Outcome<std::optional<std::string>> found = unit_json(office_.host(), unit, wall_clock_ms(), on, audience(visitor));
    if (!found) return storage_problem(found.fault());
    return found->has_value() ? json_reply(std::move(**found)) : unknown_unit();
  });
}

Reply TotalsRoutes::stream(HTTPServerRequest& request, const Poco::URI& uri, const Visitor& visitor) {
  return of_unit(uri, visitor, [&](const std::string& unit, std::optional<std::int64_t>) -> Reply {
    const Outcome<std::optional<TotalsNow>> now =
        totals_of(office_.host(), unit, wall_clock_ms(), std::nullopt, audience(visitor));
    if (!now) return storage_problem(now.fault());
    if (!now->has_value()) return unknown_unit();
    if (hub_.full()) return problem(503, "too_many_streams", "Too many are watching; try again later.");
    StoreSequence seen = 0;
    const std::string last = request.get("Last-Event-ID", "");
    std::from_chars(last.data(), last.data() + last.size(), seen);
    // An id of another life of the store says nothing.
    if (seen > (*now)->sequence) seen = 0;
    Poco::Net::StreamSocket socket = static_cast<HTTPServerRequestImpl&>(request).detachSocket();
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
        "Connection: close\r\n\r\nretry: 2000\n\n";
    socket.sendBytes(head.data(), static_cast<int>(head.size()));
    if (Connections::Connection* const here = Connections::Connection::here()) here->leaves();
    const StreamHub::Watched watched{.unit = unit, .is_public = visitor.is_public};
    hub_.add(std::move(socket), watched, seen, [this, visitor, unit] { return still_sees(visitor, unit); });
    return Reply{.detached = true};
  });
}

StoreSequence TotalsRoutes::last_sequence() {
  StoreSequence sequence = 0;
  (void)office_.store().read(kShard, [&](StoreReader& reader) { sequence = reader.last_sequence(); }).ok();
  return sequence;
}

}  // namespace songsong::server
