// Name: what a change is called, and (as RecordId) what a record is called.
//
// A name is (replica 24 bits, sequence 20 bits, tag 20 bits), packed in that order into 64 bits, so that the names of
// one replica are neighbours. A record id is the name of the change that opened the record.
//
//   sequence  numbers a replica's changes from 1 without gaps; 0 means "before the first change"
//   tag       20 random bits drawn each time a store is opened for writing; tells two lives of a copied phone apart
//
// Text form:   <replica>.<sequence>.<tag>, such as `0k3f9.12.7c2q`: replica in five and tag in four Crockford base32
//              digits (lower case, no i l o u), sequence in decimal without leading zeroes. Matches [0-9a-z.-]+.
// Binary form: 8 bytes, big-endian, so that byte order is name order.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong {

using ReplicaId = std::uint32_t;  // 1 .. kMaxReplica; 0 is nobody
using Sequence = std::uint32_t;   // 1 .. kMaxSequence
using Tag = std::uint32_t;        // 0 .. kMaxTag

// Crockford's base32: without i, l, o and u, which are misread or misheard.
inline constexpr std::string_view kBase32Digits = "0123456789abcdefghjkmnpqrstvwxyz";

inline constexpr ReplicaId kMaxReplica = (1u << 24) - 1;
inline constexpr Sequence kMaxSequence = (1u << 20) - 1;
inline constexpr Tag kMaxTag = (1u << 20) - 1;

class Name {
 public:
  constexpr Name() = default;
  // Parts above their limits are a programming error; bytes from outside are checked by their decoder.
  constexpr Name(ReplicaId replica, Sequence sequence, Tag tag)
      : packed_((std::uint64_t{replica & kMaxReplica} << 40) | (std::uint64_t{sequence & kMaxSequence} << 20) |
                (tag & kMaxTag)) {}
  static constexpr Name from_packed(std::uint64_t packed) {
    Name name;
    name.packed_ = packed;
    return name;
  }

  constexpr ReplicaId replica() const { return static_cast<ReplicaId>(packed_ >> 40); }
  constexpr Sequence sequence() const { return static_cast<Sequence>(packed_ >> 20) & kMaxSequence; }
  constexpr Tag tag() const { return static_cast<Tag>(packed_) & kMaxTag; }
  constexpr std::uint64_t packed() const { return packed_; }

  // A name with no replica or no sequence names nothing.
  constexpr bool valid() const { return replica() != 0 && sequence() != 0; }

  constexpr auto operator<=>(const Name&) const = default;

 private:
  std::uint64_t packed_ = 0;
};

using RecordId = Name;

std::string to_text(Name name);
Outcome<Name> parse_name(std::string_view text);

}  // namespace songsong

template <>
struct std::hash<songsong::Name> {
  // For lookups only: rules never iterate a hash table.
  std::size_t operator()(songsong::Name name) const noexcept {
    return static_cast<std::size_t>((name.packed() ^ (name.packed() >> 29)) * 0x9E3779B97F4A7C15ull);
  }
};
