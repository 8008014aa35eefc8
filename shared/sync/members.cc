#include "shared/sync/members.h"

#include "shared/core/byte_reader.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 1;
// The first members had one role on all their units, without end; those of version 2 were nobody's.
constexpr std::uint8_t kMemberVersion = 3;
constexpr std::size_t kPage = 1000;
constexpr std::uint64_t kMaxUnitsInScope = 1'000'000;

Fault malformed(const char* setting) {
  return Fault{.code = "storage_damaged",
               .where = std::string("setting ") + setting,
               .what = "A setting of the store cannot be read back."};
}

void write_units(ByteWriter& writer, const std::vector<std::string>& units) {
  writer.varint(units.size());
  for (const std::string& unit : units) writer.bytes(unit);
}

std::vector<std::string> read_units(ByteReader& reader) {
  std::vector<std::string> units;
  const std::uint64_t count = reader.varint_up_to(kMaxUnitsInScope);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) units.emplace_back(reader.bytes());
  return units;
}

}  // namespace

// Decimal with leading zeroes, so that settings ascend as replicas do.
std::string member_setting(ReplicaId replica) {
  const std::string number = std::to_string(replica);
  return kMemberPrefix + std::string(8 - number.size(), '0') + number;
}

std::string scope_setting(std::uint64_t digest) { return kScopePrefix + std::to_string(digest); }

std::string encode_server(const ServerIdentity& server) {
  ByteWriter writer;
  writer.byte(kVersion);
  for (const std::uint8_t byte : server.seed.view()) writer.byte(byte);
  writer.varint(server.replica);
  writer.varint(server.epoch);
  writer.varint(server.next);
  writer.varint(server.last);
  return std::move(writer).take();
}

Outcome<ServerIdentity> decode_server(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.byte() != kVersion) return malformed(kServerSetting);
  const Outcome<SigningSeed> seed = SigningSeed::from_bytes(reader.raw_bytes(SigningSeed::kSize), kServerSetting);
  if (!seed) return malformed(kServerSetting);
  ServerIdentity server;
  server.seed = *seed;
  server.replica = static_cast<ReplicaId>(reader.varint_up_to(kMaxReplica));
  server.epoch = reader.varint();
  server.next = static_cast<ReplicaId>(reader.varint_up_to(kMaxReplica));
  server.last = static_cast<ReplicaId>(reader.varint_up_to(kMaxReplica));
  if (!reader.at_end()) return malformed(kServerSetting);
  return server;
}

std::string encode_member(const Member& member) {
  ByteWriter writer;
  writer.byte(kMemberVersion);
  writer.varint(member.replica);
  writer.bytes(member.account);
  writer.bytes(member.key ? member.key->view() : std::string_view());
  writer.varint(member.grants_revision);
  writer.varint(member.grants.size());
  for (const HeldGrant& held : member.grants) {
    writer.varint(static_cast<std::uint64_t>(held.grant.role));
    writer.bytes(held.grant.unit);
    writer.zigzag(held.until_ms);
  }
  writer.zigzag(member.enrolled_ms);
  writer.zigzag(member.revoked_ms);
  writer.zigzag(member.contact_ms);
  writer.zigzag(member.clock_ms);
  writer.varint(member.waiting);
  return std::move(writer).take();
}

Outcome<Member> decode_member(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint8_t version = reader.byte();
  if (version == 0 || version > kMemberVersion) return malformed("member");
  Member member;
  member.replica = static_cast<ReplicaId>(reader.varint_up_to(kMaxReplica));
  if (version >= 3) member.account = reader.bytes();
  const std::string_view key = reader.bytes();
  if (!key.empty()) {
    const Outcome<PublicKey> decoded = PublicKey::from_bytes(key, "member");
    if (!decoded) return malformed("member");
    member.key = *decoded;
  }
  const auto read_role = [&] { return static_cast<schema::Role>(reader.varint_up_to(schema::Role_MAX)); };
  if (version == 1) {
    const schema::Role role = read_role();
    member.grants = held_of(granted(role, read_units(reader)));
  } else {
    member.grants_revision = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
    const std::uint64_t count = reader.varint_up_to(kMostHeldGrants);
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
      HeldGrant held;
      held.grant = Grant{.role = read_role(), .unit = std::string(reader.bytes())};
      held.until_ms = reader.zigzag();
      member.grants.push_back(std::move(held));
    }
  }
  member.enrolled_ms = reader.zigzag();
  member.revoked_ms = reader.zigzag();
  member.contact_ms = reader.zigzag();
  member.clock_ms = reader.zigzag();
  member.waiting = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
  if (!reader.at_end()) return malformed("member");
  return member;
}

Outcome<Done> each_setting(StoreReader& reader, const std::string& prefix,
                           const std::function<Outcome<Done>(const std::string& bytes)>& each) {
  for (std::string after;;) {
    const auto page = reader.settings(prefix, after, kPage);
    if (page.empty()) return Done{};
    after = page.back().first;
    for (const auto& [name, bytes] : page) {
      const Outcome<Done> done = each(bytes);
      if (!done) return done;
    }
  }
}

Outcome<Done> each_member(StoreReader& reader, const std::function<void(Member)>& each) {
  return each_setting(reader, kMemberPrefix, [&](const std::string& bytes) -> Outcome<Done> {
    Outcome<Member> member = decode_member(bytes);
    if (!member) return member.fault();
    each(std::move(*member));
    return Done{};
  });
}

std::vector<HeldGrant> held_of(const Grants& grants) {
  std::vector<HeldGrant> held;
  for (const Grant& grant : grants) held.push_back(HeldGrant{.grant = grant, .until_ms = 0});
  return held;
}

Grants present_grants(const Member& member) {
  Grants grants;
  for (const HeldGrant& held : member.grants) {
    if (held.until_ms == 0) grants.push_back(held.grant);
  }
  return grants;
}

wire::Grants grants_told(const Member& member) {
  wire::Grants told;
  told.set_revision(member.grants_revision);
  for (const Grant& grant : present_grants(member)) {
    wire::Grants::Grant& one = *told.add_grant();
    one.set_role(static_cast<std::uint32_t>(grant.role));
    one.set_unit(grant.unit);
  }
  return told;
}

Outcome<Grants> grants_heard(const wire::Grants& told) {
  Grants grants;
  for (const wire::Grants::Grant& one : told.grant()) {
    const auto role = static_cast<int>(one.role());
    if (!schema::Role_IsValid(role)) continue;  // of a newer server; here nobody can act in it
    if (grants.size() == kMaxGrants || one.unit().size() > kMaxUnitCodeBytes)
      return Fault{.code = "answer_malformed", .where = "grants", .what = "The answer's grants cannot be read."};
    grants.push_back(Grant{.role = static_cast<schema::Role>(role), .unit = one.unit()});
  }
  return grants;
}

std::string encode_units(const std::vector<std::string>& units) {
  ByteWriter writer;
  write_units(writer, units);
  return std::move(writer).take();
}

Outcome<std::vector<std::string>> decode_units(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<std::string> units = read_units(reader);
  if (!reader.at_end()) return malformed("scope");
  return units;
}

}  // namespace songsong
