#include "shared/replica/settings.h"

#include "shared/core/row_coding.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 1;
// The first identities had one role on all their units.
constexpr std::uint8_t kIdentityVersion = 2;
constexpr std::uint64_t kMaxUnitsInScope = 10'000;

Fault malformed(const char* setting, const ByteReader& reader) {
  return Fault{.code = "storage_damaged",
               .where = std::string("setting ") + setting + ", byte " + std::to_string(reader.offset()),
               .what = "A setting of the store cannot be read back."};
}

}  // namespace

std::string encode_identity(const Identity& identity) {
  ByteWriter writer;
  writer.byte(kIdentityVersion);
  writer.varint(identity.replica);
  for (const std::uint8_t byte : identity.seed.view()) writer.byte(byte);
  writer.varint(identity.grants_told.epoch);
  writer.varint(identity.grants_told.revision);
  writer.varint(identity.grants.size());
  for (const Grant& grant : identity.grants) {
    writer.varint(static_cast<std::uint64_t>(grant.role));
    writer.bytes(grant.unit);
  }
  return std::move(writer).take();
}

Outcome<Identity> decode_identity(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint8_t version = reader.byte();
  if (version == 0 || version > kIdentityVersion) return malformed(kIdentitySetting, reader);
  Identity identity;
  identity.replica = static_cast<ReplicaId>(reader.varint_up_to(kMaxReplica));
  Outcome<SigningSeed> seed = SigningSeed::from_bytes(reader.raw_bytes(SigningSeed::kSize), "identity");
  if (!seed) return malformed(kIdentitySetting, reader);
  identity.seed = *seed;
  const auto read_role = [&] { return static_cast<schema::Role>(reader.varint_up_to(schema::Role_MAX)); };
  if (version == 1) {
    const schema::Role role = read_role();
    std::vector<std::string> units;
    const std::uint64_t count = reader.varint_up_to(kMaxUnitsInScope);
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) units.emplace_back(reader.bytes());
    identity.grants = granted(role, units);
  } else {
    identity.grants_told.epoch = reader.varint();
    identity.grants_told.revision = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
    const std::uint64_t count = reader.varint_up_to(kMaxUnitsInScope);
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
      const schema::Role role = read_role();
      identity.grants.push_back(Grant{.role = role, .unit = std::string(reader.bytes())});
    }
  }
  if (!reader.at_end() || identity.replica == 0) return malformed(kIdentitySetting, reader);
  return identity;
}

std::string encode_clock(const ClockState& clock) {
  ByteWriter writer;
  writer.byte(kVersion);
  writer.byte(clock.contacted ? 1 : 0);
  writer.zigzag(clock.server_ms);
  writer.zigzag(clock.device.wall_ms);
  writer.zigzag(clock.device.monotonic_ms);
  writer.varint(clock.device.boot_session);
  writer.zigzag(clock.round_trip_ms);
  writer.zigzag(clock.offset_ms);
  writer.varint(clock.uncertainty_ms);
  return std::move(writer).take();
}

Outcome<ClockState> decode_clock(std::string_view bytes) {
  if (bytes.empty()) return ClockState{};
  ByteReader reader(bytes);
  if (reader.byte() != kVersion) return malformed(kClockSetting, reader);
  ClockState clock;
  clock.contacted = read_flag(reader);
  clock.server_ms = reader.zigzag();
  clock.device.wall_ms = reader.zigzag();
  clock.device.monotonic_ms = reader.zigzag();
  clock.device.boot_session = reader.varint();
  clock.round_trip_ms = reader.zigzag();
  clock.offset_ms = reader.zigzag();
  clock.uncertainty_ms = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
  if (!reader.at_end()) return malformed(kClockSetting, reader);
  return clock;
}

}  // namespace songsong
