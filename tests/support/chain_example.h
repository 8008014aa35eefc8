// The changes that the tests of the chain speak of, and the keys they are made with. Known answers (hexadecimal, in the
// tests) were computed from FORMAT.md by a program in another language, not by the code under test.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/commitment.h"
#include "shared/core/crypto.h"

namespace songsong::example {

inline constexpr ReplicaId kLansPhone = 7;
inline constexpr Tag kLansTag = 0xABCDE;

// Bytes first, first + 1, ...: a key for tests.
template <class Secret>
Secret counting(std::uint8_t first) {
  std::array<std::uint8_t, Secret::kSize> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return Secret(bytes);
}

inline BlockKey lans_block_key() { return counting<BlockKey>(0); }
inline SigningSeed lans_seed() { return counting<SigningSeed>(32); }

inline Name lans(Sequence sequence) { return {kLansPhone, sequence, kLansTag}; }

// A key for whatever name is asked for.
inline CommitmentLookup lans_lookup() {
  return {[](Name name) { return std::optional(derive_change_key(lans_block_key(), name)); }, {}};
}

inline Write wrote(FieldNumber field, Value value, Shape shape = Shape::kRegister) {
  return {field, shape, false, std::move(value)};
}

inline Write wrote_personal(FieldNumber field, Value value, Shape shape = Shape::kRegister) {
  return {field, shape, true, std::move(value)};
}

// Lan opens the record of a pupil: a name and a birth date, both personal, and a grade.
inline Change opening(Sequence sequence = 1) {
  Change change;
  change.name = change.record = lans(sequence);
  change.kind = 2;
  change.captured_ms = 1788000000000;
  change.correction_ms = -250;
  change.uncertainty_ms = 800;
  change.actor = "lan";
  change.unit = "S017";
  change.revision = 3;
  change.writes = {wrote_personal(1, Value(Text{"Lan"})), wrote(4, Value(std::int64_t{7})),
                   wrote_personal(5, Value(std::int64_t{-9000}))};
  return change;
}

// Lan changes a record that Minh opened: every shape and type of value, a personal member, extremes.
inline Change editing() {
  Change change;
  change.name = lans(2);
  change.record = Name(9, 4, 0x12345);
  change.kind = 2;
  change.saw = {Name(8, 3, 5), Name(9, 6, 0x12345)};
  change.captured_ms = -1;
  change.uncertainty_ms = kNeverSynchronised;
  change.unit = "S017";
  change.revision = 300;
  change.origin = Name(3, 2, 1);
  Group group;
  group.emplace_back(7, Value(std::int64_t{2}));
  group.emplace_back(8, Value(Text{"đã giao"}));
  change.writes = {wrote(kRemovedField, Value(std::int64_t{0})),
                   wrote(2, Value(Bytes{std::string("\0\xff", 2)}), Shape::kAdd),
                   wrote_personal(2, Value(lans(1)), Shape::kRemove),
                   wrote(3, Value(INT64_MIN), Shape::kIncrement),
                   wrote(6, Value()),
                   wrote(1000, Value(std::move(group)))};
  return change;
}

// Every copy of the bytes with one bit turned.
inline std::vector<std::string> bit_flips(const std::string& bytes) {
  std::vector<std::string> flipped;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    flipped.push_back(bytes);
    flipped.back()[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ (1u << bit % 8));
  }
  return flipped;
}

}  // namespace songsong::example
