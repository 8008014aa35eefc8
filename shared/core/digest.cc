// What is hashed (forms as in canonical.cc): record id (fixed64) · applied (names) · removal_ahead (names) ·
// count of registers with an ahead, and of each: field (varint), member (value), ahead (names).
#include "shared/core/digest.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/core/canonical.h"
#include "shared/core/crypto.h"

namespace songsong {
namespace {

constexpr HashDomain kRecordDomain("songsong digest1");
constexpr std::size_t kDigestBytes = 16;

}  // namespace

Digest128& Digest128::operator+=(const Digest128& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
  return *this;
}

Digest128& Digest128::operator-=(const Digest128& other) {
  high -= other.high + (low < other.low ? 1 : 0);
  low -= other.low;
  return *this;
}

std::string to_bytes(const Digest128& digest) {
  ByteWriter out;
  out.fixed64(digest.high);
  out.fixed64(digest.low);
  return std::move(out).take();
}

Outcome<Digest128> parse_digest(std::string_view bytes) {
  if (bytes.size() != kDigestBytes) return wrong_length("digest", kDigestBytes, bytes.size());
  ByteReader in(bytes);
  Digest128 digest;
  digest.high = in.fixed64();
  digest.low = in.fixed64();
  return digest;
}

Digest128 record_digest(const State& state) {
  const auto has_ahead = [](const Register& one) { return !one.ahead.empty(); };
  ByteWriter message;
  message.fixed64(state.id.packed());
  write_canonical(message, state.applied);
  write_canonical(message, state.removal_ahead);
  message.varint(static_cast<std::uint64_t>(std::count_if(state.registers.begin(), state.registers.end(), has_ahead)));
  for (const Register& one : state.registers) {
    if (!has_ahead(one)) continue;
    message.varint(one.field);
    write_canonical(message, one.member);
    write_canonical(message, one.ahead);
  }
  const Hash256 hash = hash256(kRecordDomain, message.out());
  ByteReader in({reinterpret_cast<const char*>(hash.data()), hash.size()});
  Digest128 digest;
  digest.high = in.fixed64();
  digest.low = in.fixed64();
  return digest;
}

Digest128 scope_digest(std::span<const State> states) {
  Digest128 sum;
  for (const State& state : states) sum += record_digest(state);
  return sum;
}

}  // namespace songsong
