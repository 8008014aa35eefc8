// Digest of a scope: tells two stores whether they hold the same records in the same versions, in 16 bytes.
//
//   digest of a record = the first 128 bits of BLAKE2b-256 of (record id, applied, ahead)
//   digest of a scope  = the sum of those of its records, modulo 2^128
//
// A record's state is a function of what was applied to it, so this is enough to find a difference, and it is the same
// for every role, schema revision and erasure. As a sum it is kept up to date by subtracting the old and adding the new
// digest of the record that changed. (A sum, not an exclusive or, so that a record counted twice does not vanish.) It
// finds errors; it does not withstand someone who makes records up to fit.
//
// Pure functions, any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"
#include "shared/core/state.h"

namespace songsong {

// A number modulo 2^128. Binary form: 16 bytes, big-endian.
struct Digest128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  Digest128& operator+=(const Digest128& other);
  Digest128& operator-=(const Digest128& other);
  friend Digest128 operator+(Digest128 one, const Digest128& other) { return one += other; }
  friend Digest128 operator-(Digest128 one, const Digest128& other) { return one -= other; }
  auto operator<=>(const Digest128&) const = default;
};

std::string to_bytes(const Digest128& digest);
Outcome<Digest128> parse_digest(std::string_view bytes);  // fault: "wrong_length"

// `ahead` is every register's that is not empty, with its field and member, and the removals'.
Digest128 record_digest(const State& state);
Digest128 scope_digest(std::span<const State> states);

}  // namespace songsong
