#include "server/totals_routes.h"

#include <Poco/Net/HTTPServerRequestImpl.h>

#include <charconv>

#include "server/connections.h"
#include "server/query.h"
#include "server/session_routes.h"
#include "server/totals.h"
#include "shared/core/civil_time.h"
#include "shared/sync/scope.h"

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
          [this] { return office_.last_sequence(); },
          [this](const std::string& who, const StreamHub::Watched& watched) { return still_sees(who, watched); }) {}

Outcome<TotalsRoutes::Sight> TotalsRoutes::sight(const Grants& grants, const std::string& unit) {
  Sight sight = Sight::kNone;
  const Outcome<Done> read = office_.store().read(kShard, [&](StoreReader& reader) {
    const UnitTrees trees(office_.host().unit_trees(), reader, office_.policies());
    if (trees.now()->find(unit) == nullptr) {
      sight = Sight::kUnknown;
    } else if (sees_totals(grants, unit, trees)) {
      sight = Sight::kTheirs;
    }
  });
  if (!read) return read.fault();
  return sight;
}

bool TotalsRoutes::still_sees(const std::string& who, const StreamHub::Watched& watched) {
  if (watched.is_public) return true;
  if (who.empty()) {
    const Outcome<bool> open = visitors_.open_to_all();
    return open.ok() && *open;
  }
  const Outcome<std::optional<UserAccount>> account = visitors_.account_of(who);
  if (!account || !*account) return false;
  const Outcome<Sight> seen = sight((*account)->grants, watched.unit);
  return seen.ok() && *seen == Sight::kTheirs;
}

Audience TotalsRoutes::audience(const Visitor& visitor) const {
  return Audience{.grants = visitor.grants ? &*visitor.grants : nullptr,
                  .least_published = visitor.is_public ? least_published_ : 0};
}

Reply TotalsRoutes::of_unit(
    const Poco::URI& uri, const Visitor& visitor,
    const std::function<Reply(const std::string& unit, std::optional<std::int64_t> on)>& answer) {
  std::string unit = query_value(uri, "unit");
  if (!visitor.open_to_all && !visitor.is_public) {
    if (!visitor.grants) return sign_in_required();
    if (unit.empty()) unit = default_unit(*visitor.grants);
    const Outcome<Sight> seen = sight(*visitor.grants, unit);
    if (!seen) return storage_problem(seen.fault());
    if (*seen == Sight::kUnknown) return unknown_unit();
    if (*seen == Sight::kNone) return out_of_scope();
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
    const std::string etag = "W/\"" + std::to_string(office_.host().epoch()) + "-" + std::to_string((*now)->sequence) +
                             (visitor.is_public ? "-" + std::to_string(least_published_) : "") + "\"";
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
    if (request.getMethod() == "HEAD") return Reply{.type = "text/event-stream"};
    if (visitor.replica != 0) return problem(403, "sign_in_required", "Devices ask for totals one at a time.");
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
    hub_.add(std::move(socket), watched, seen, visitor.token);
    return Reply{.detached = true};
  });
}

}  // namespace songsong::server
