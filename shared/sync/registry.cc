#include "shared/sync/registry.h"

#include <algorithm>

#include "shared/replica/settings.h"
#include "shared/sync/granting.h"
#include "shared/sync/members.h"
#include "shared/sync/user_accounts.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
// Replica ids are minted from ranges of 4,096, a new one each epoch, so that a restored server does not mint again what
// it minted after the backup.
constexpr ReplicaId kRange = 4096;
constexpr std::size_t kTries = 64;

Fault fault(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
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

Outcome<StoreBatch> start_epoch(StoreReader& reader, const HostDoors& doors, ServerIdentity server,
                                std::uint64_t at_least) {
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(1, doors.now_ms() / 1000));
  server.epoch = std::max({server.epoch + 1, at_least + 1, seconds});
  return take_range(reader, doors, std::move(server));
}

Outcome<StoreBatch> take_range(StoreReader& reader, const HostDoors& doors, ServerIdentity server) {
  const Outcome<ReplicaId> first = draw_range(reader, doors);
  if (!first) return first.fault();
  server.replica = *first;
  server.next = *first + 1;
  server.last = *first + kRange - 1;
  StoreBatch batch;
  batch.settings[kServerSetting] = encode_server(server);
  batch.settings[kOwnTipSetting] = "";
  Member self;
  self.replica = server.replica;
  self.key = KeyPair(server.seed).public_key();
  self.enrolled_ms = doors.now_ms();
  batch.settings[member_setting(server.replica)] = encode_member(self);
  return batch;
}

Outcome<Ticket> Registry::issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                                       std::int64_t valid_ms) const {
  return issue(
      [&](StoreReader& reader, StoreBatch&) -> Outcome<Member> {
        const Outcome<Done> known = check_units(units, *trees_.tree(reader));
        if (!known) return known.fault();
        Member member;
        member.grants = held_of(granted(role, units));
        return member;
      },
      url, valid_ms);
}

Outcome<Ticket> Registry::issue_ticket_for(const std::string& account, const std::string& url,
                                           std::int64_t valid_ms) const {
  return issue(
      [&](StoreReader& reader, StoreBatch&) -> Outcome<Member> {
        const Outcome<UserAccount> found = open_user_account(reader, account);
        if (!found) return found.fault();
        Member member;
        member.account = account;
        // Of several roles a ticket says one; what else it may, the device hears when it enrols.
        const Outcome<Done> given = songsong::appoint(member, found->grants, false, doors_.now_ms());
        if (!given) return given.fault();
        return member;
      },
      url, valid_ms);
}

Outcome<Ticket> Registry::replace(ReplicaId replica, const std::string& url, std::int64_t valid_ms) const {
  return issue(
      [&](StoreReader& reader, StoreBatch& batch) -> Outcome<Member> {
        Outcome<Member> lost = known(replica, reader);
        if (!lost) return lost;
        if (!lost->account.empty()) {
          const Outcome<UserAccount> open = open_user_account(reader, lost->account);
          if (!open) return open.fault();
        }
        Member member;
        member.account = lost->account;
        const Outcome<Done> given = songsong::appoint(member, present_grants(*lost), false, doors_.now_ms());
        if (!given) return given.fault();
        if (lost->revoked_ms == 0) lost->revoked_ms = doors_.now_ms();
        batch.settings[member_setting(replica)] = encode_member(*lost);
        return member;
      },
      url, valid_ms);
}

Outcome<Ticket> Registry::issue(const Holder& holder, const std::string& url, std::int64_t valid_ms) const {
  Ticket ticket;
  if (doors_.authority) {
    const Outcome<std::optional<Fingerprint>> authority = doors_.authority(url);
    if (!authority) return authority.fault();
    ticket.authority = *authority;
  }
  const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    StoreBatch batch;
    Outcome<Member> member = holder(reader, batch);
    if (!member) return member.fault();
    const Grants grants = present_grants(*member);
    if (grants.empty()) return fault("nothing_granted", "ticket", "There is no right that the ticket could give.");
    Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
    if (!server) return server.fault();
    if (server->next > server->last) {
      const Outcome<ReplicaId> first = draw_range(reader, doors_);
      if (!first) return first.fault();
      server->next = *first;
      server->last = *first + kRange - 1;
    }
    member->replica = ticket.replica = server->next++;
    ticket.role = grants.front().role;
    ticket.units.clear();
    for (const Grant& grant : grants) {
      if (grant.role == ticket.role && ticket.units.size() < kMaxTicketUnits) ticket.units.push_back(grant.unit);
    }
    batch.settings[kServerSetting] = encode_server(*server);
    batch.settings[member_setting(ticket.replica)] = encode_member(*member);
    return batch;
  });
  if (!written) return written.fault();
  ticket.url = url;
  ticket.issued_ms = doors_.now_ms();
  ticket.expires_ms = ticket.issued_ms + valid_ms;
  sign(ticket, keys_);
  return ticket;
}

Outcome<Member> Registry::known(ReplicaId replica, StoreReader& reader) const {
  const std::string stored = reader.setting(member_setting(replica));
  if (stored.empty() || replica == self_)
    return fault("unknown_replica", "replica " + std::to_string(replica), "No ticket was issued for this replica.");
  return decode_member(stored);
}

Outcome<Done> Registry::alter(ReplicaId replica,
                              const std::function<Outcome<Done>(StoreReader& reader, Member& member)>& alter) const {
  const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    Outcome<Member> member = known(replica, reader);
    if (!member) return member.fault();
    const Outcome<Done> altered = alter(reader, *member);
    if (!altered) return altered.fault();
    StoreBatch batch;
    batch.settings[member_setting(replica)] = encode_member(*member);
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
    if (!member.account.empty())
      return fault("device_of_account", "account " + member.account, "The device has the rights of its account.");
    const Outcome<Done> known = check_units(units_of(grants), *trees_.tree(reader));
    if (!known) return known;
    return songsong::appoint(member, grants, besides, doors_.now_ms());
  });
}

Outcome<std::vector<Member>> Registry::members() const {
  std::vector<Member> all;
  Outcome<Done> decoded = Done{};
  const Outcome<Done> read = store_.read(kShard, [&](StoreReader& reader) {
    decoded = each_member(reader, [&](Member member) { all.push_back(std::move(member)); });
  });
  if (!read) return read.fault();
  if (!decoded) return decoded.fault();
  return all;
}

}  // namespace songsong
