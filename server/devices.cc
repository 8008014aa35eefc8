#include "server/devices.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "server/printed.h"
#include "shared/core/civil_time.h"
#include "shared/sync/scope.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;
constexpr Shard kShard = 0;

}  // namespace

Outcome<std::vector<Device>> devices_of(Office& office, const Grants* grants) {
  Outcome<std::vector<Member>> members = office.host().members();
  if (!members) return members.fault();
  const std::int64_t today = day_in_vietnam(wall_clock_ms());
  std::vector<Device> devices;
  const Outcome<Done> read = office.store().read(kShard, [&](StoreReader& reader) {
    const UnitTrees trees(office.host().unit_trees(), reader, office.policies());
    for (Member& member : *members) {
      Grants ever;
      for (const HeldGrant& held : member.grants) ever.push_back(held.grant);
      const std::vector<std::string> places = units_of(ever);
      if (places.empty()) continue;  // the server itself
      Device device{.member = std::move(member), .grants = {}, .closed_units = {}};
      device.grants = present_grants(device.member);
      const std::vector<std::string> units = units_of(device.grants);
      // One that works nowhere any more belongs to whoever has all of where it worked.
      const std::vector<std::string>& theirs = units.empty() ? places : units;
      const bool shown = grants == nullptr || std::all_of(theirs.begin(), theirs.end(), [&](const std::string& unit) {
                           return administers(*grants, unit, trees);
                         });
      if (!shown) continue;
      std::copy_if(units.begin(), units.end(), std::back_inserter(device.closed_units),
                   [&](const std::string& unit) { return !trees.history()->dates(unit).exists(today); });
      devices.push_back(std::move(device));
    }
  });
  if (!read) return read.fault();
  return devices;
}

Json device_json(const Device& device) {
  const Member& member = device.member;
  return Json{{"replica", member.replica},
              {"account", member.account.empty() ? Json() : Json(member.account)},
              {"role", role_names(device.grants)},
              {"units", units_of(device.grants)},
              {"grants", grants_json(device.grants)},
              {"closed_units", device.closed_units},
              {"enrolled", member.key ? Json(print_instant(member.enrolled_ms)) : Json()},
              {"last_contact", member.contact_ms != 0 ? Json(print_instant(member.contact_ms)) : Json()},
              {"clock_offset_ms", -member.clock_ms},
              {"waiting", member.waiting},
              {"revoked", member.revoked_ms != 0}};
}

std::int64_t ticket_valid_ms(std::int64_t now_ms, int days) {
  return (day_in_vietnam(now_ms) + days + 1) * kMsPerDay - kVietnamMs - 1 - now_ms;
}

Outcome<std::string> ticket_address(const std::string& url) {
  constexpr std::size_t kMostBytes = 200;
  std::string address = url;
  while (!address.empty() && address.back() == '/') address.pop_back();
  const Fault malformed{.code = "url_malformed",
                        .where = url.substr(0, kMostBytes),
                        .what = "An address is http://HOST or https://HOST."};
  const bool written = std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!written || address.size() > kMostBytes) return malformed;
  try {
    const Poco::URI uri(address);
    const bool is_web = uri.getScheme() == "http" || uri.getScheme() == "https";
    const bool alone = uri.getUserInfo().empty() && uri.getQuery().empty() && uri.getFragment().empty();
    if (is_web && alone && !uri.getHost().empty()) return address;
  } catch (const Poco::SyntaxException&) {
    return malformed;
  }
  return malformed;
}

Outcome<ReplicaId> replica_named(const std::string& text) {
  ReplicaId replica = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), replica);
  if (error == std::errc() && end == text.data() + text.size()) return replica;
  const Outcome<Name> name = parse_name(text + ".1.0000");
  if (!name) return Fault{.code = "unknown_replica", .where = text, .what = "This is no replica id."};
  return name->replica();
}

}  // namespace songsong::server
