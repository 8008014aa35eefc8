#include "shared/sync/registry.h"

#include <algorithm>

#include "shared/replica/settings.h"
#include "shared/sync/members.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
// Replica ids are minted from ranges of 4,096, a new one each epoch, so that a restored server does not mint again what
// it minted after the backup.
constexpr ReplicaId kRange = 4096;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kTries = 64;

Fault fault(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
}

Outcome<Done> check_units(const std::vector<std::string>& units, const UnitTree& tree) {
  for (const std::string& unit : units) {
    if (tree.find(unit) == nullptr) return fault("unknown_unit", "unit " + unit, "The tree of units has no such code.");
  }
  return Done{};
}

// Ends what goes on and is not given (unless it is to stay), and begins what is given and does not go on. Of a grant
// that ended several times the last end is kept, for rights are asked as of a moment before it. Returns whether
// anything is otherwise now.
bool alter_grants(Member& member, const Grants& grants, bool besides, std::int64_t now_ms) {
  bool altered = false;
  for (HeldGrant& held : member.grants) {
    if (besides || held.until_ms != 0 || std::find(grants.begin(), grants.end(), held.grant) != grants.end()) continue;
    held.until_ms = now_ms;
    altered = true;
  }
  for (const Grant& grant : grants) {
    const Grants present = present_grants(member);
    if (std::find(present.begin(), present.end(), grant) != present.end()) continue;
    std::erase_if(member.grants, [&](const HeldGrant& held) { return held.grant == grant; });
    member.grants.push_back(HeldGrant{.grant = grant, .until_ms = 0});
    altered = true;
  }
  return altered;
}

// A range in which the store knows no replica.
Outcome<ReplicaId> draw_range(StoreReader& reader, const HostDoors& doors) {
  for (std::size_t i = 0; i < kTries; ++i) {
    const ReplicaId first = (draw_number(doors) % (kMaxReplica / kRange)) * kRange + 1;
    const auto members = reader.settings(kMemberPrefix, member_setting(first - 1), 1);
    if (members.empty() || members.front().first >= member_setting(first + kRange)) return first;
  }
  return fault("replicas_used_up", "server", "No range of replica ids is free.");
}

}  // namespace

std::uint32_t draw_number(const HostDoors& doors) {
  std::uint8_t random[4] = {};
  doors.entropy(random);
  std::uint32_t drawn = 0;
  for (const std::uint8_t byte : random) drawn = (drawn << 8) | byte;
  return drawn;
}

// The first id of a range is the server's own; the next are its replicas'.
Outcome<StoreBatch> start_epoch(StoreReader& reader, const HostDoors& doors, ServerIdentity server,
                                std::uint64_t at_least) {
  const Outcome<ReplicaId> first = draw_range(reader, doors);
  if (!first) return first.fault();
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(1, doors.now_ms() / 1000));
  server.epoch = std::max({server.epoch + 1, at_least + 1, seconds});
  server.replica = *first;
  server.next = *first + 1;
  server.last = *first + kRange - 1;
  StoreBatch batch;
  batch.settings[kServerSetting] = encode_server(server);
  batch.settings[kOwnTipSetting] = "";
  const Member self{.replica = server.replica,
                    .key = KeyPair(server.seed).public_key(),
                    .grants = {},
                    .grants_revision = 0,
                    .enrolled_ms = doors.now_ms(),
                    .revoked_ms = 0,
                    .contact_ms = 0,
                    .clock_ms = 0,
                    .waiting = 0};
  batch.settings[member_setting(server.replica)] = encode_member(self);
  return batch;
}

Outcome<Ticket> Registry::issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                                       std::int64_t valid_ms) const {
  Ticket ticket;
  const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    const Outcome<Done> units_known = check_units(units, *trees_.tree(reader));
    if (!units_known) return units_known.fault();
    Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
    if (!server) return server.fault();
    if (server->next > server->last) {
      const Outcome<ReplicaId> first = draw_range(reader, doors_);
      if (!first) return first.fault();
      server->next = *first;
      server->last = *first + kRange - 1;
    }
    ticket.replica = server->next++;
    StoreBatch batch;
    batch.settings[kServerSetting] = encode_server(*server);
    const Member member{.replica = ticket.replica,
                        .key = std::nullopt,
                        .grants = held_of(granted(role, units)),
                        .grants_revision = 0,
                        .enrolled_ms = 0,
                        .revoked_ms = 0,
                        .contact_ms = 0,
                        .clock_ms = 0,
                        .waiting = 0};
    batch.settings[member_setting(ticket.replica)] = encode_member(member);
    return batch;
  });
  if (!written) return written.fault();
  ticket.role = role;
  ticket.units = units;
  ticket.url = url;
  ticket.issued_ms = doors_.now_ms();
  ticket.expires_ms = ticket.issued_ms + valid_ms;
  sign(ticket, keys_);
  return ticket;
}

Outcome<Done> Registry::alter(ReplicaId replica,
                              const std::function<Outcome<Done>(StoreReader& reader, Member& member)>& alter) const {
  const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    const std::string name = member_setting(replica);
    const std::string stored = reader.setting(name);
    if (stored.empty() || replica == self_)
      return fault("unknown_replica", "replica " + std::to_string(replica), "No ticket was issued for this replica.");
    Outcome<Member> member = decode_member(stored);
    if (!member) return member.fault();
    const Outcome<Done> altered = alter(reader, *member);
    if (!altered) return altered.fault();
    StoreBatch batch;
    batch.settings[name] = encode_member(*member);
    return batch;
  });
  if (!written) return written.fault();
  return Done{};
}

Outcome<Done> Registry::revoke(ReplicaId replica) const {
  return alter(replica, [&](StoreReader&, Member& member) -> Outcome<Done> {
    if (member.revoked_ms == 0) member.revoked_ms = doors_.now_ms();
    return Done{};
  });
}

Outcome<Done> Registry::appoint(ReplicaId replica, const Grants& grants, bool besides) const {
  return alter(replica, [&](StoreReader& reader, Member& member) -> Outcome<Done> {
    const std::string where = "replica " + std::to_string(replica);
    if (member.revoked_ms != 0) return fault("replica_revoked", where, "Who is revoked needs a new ticket.");
    const Outcome<Done> known = check_units(units_of(grants), *trees_.tree(reader));
    if (!known) return known;
    if (!alter_grants(member, grants, besides, doors_.now_ms())) return Done{};
    if (present_grants(member).size() > kMaxGrants || member.grants.size() > kMostHeldGrants)
      return fault("too_many_grants", where, "A replica has a bounded number of grants.");
    // By the clock, so that no server that was put back from a backup gives one number to other grants.
    const std::int64_t seconds = std::clamp<std::int64_t>(doors_.now_ms() / 1000, 0, 0xFFFFFFFFLL);
    member.grants_revision = std::max(member.grants_revision + 1, static_cast<std::uint32_t>(seconds));
    return Done{};
  });
}

Outcome<std::vector<Member>> Registry::members() const {
  std::vector<Member> all;
  Outcome<Done> decoded = Done{};
  const Outcome<Done> read = store_.read(kShard, [&](StoreReader& reader) {
    for (std::string after; decoded;) {
      const auto page = reader.settings(kMemberPrefix, after, kPage);
      if (page.empty()) return;
      after = page.back().first;
      for (const auto& [name, bytes] : page) {
        Outcome<Member> member = decode_member(bytes);
        if (member) {
          all.push_back(std::move(*member));
        } else {
          decoded = member.fault();
        }
      }
    }
  });
  if (!read) return read.fault();
  if (!decoded) return decoded.fault();
  return all;
}

}  // namespace songsong
