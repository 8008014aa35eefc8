// Change: what one replica wrote to one record in one act, and what its author had seen.
//
// A change is final when it is saved: name, time, `saw` and bytes never alter afterwards. It carries the shape of each
// write, so that merging never needs the schema.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/name.h"
#include "shared/core/value.h"

namespace songsong {

// Part of every stored change: the numbers may not change, and a field's shape is frozen once released.
enum class Shape : std::uint8_t {
  kRegister = 0,   // replaces the heads that the author saw
  kAdd = 1,        // a member becomes present in a union
  kRemove = 2,     // a member becomes absent from a union
  kIncrement = 3,  // adds an integer to a sum
};

struct Write {
  FieldNumber field = 0;
  Shape shape = Shape::kRegister;
  bool personal =
      false;    // only of a register, fixed at saving: enters the chain hash through a commitment, is stored erasably
  Value value;  // register: the new value; add, remove: the member; increment: an integer

  bool operator==(const Write&) const = default;
};

// Bounds on one change from outside. A change beyond them is refused by its decoder.
inline constexpr std::size_t kMaxWritesPerChange = 256;
inline constexpr std::size_t kMaxSawPerChange = 1024;
inline constexpr std::size_t kMaxValueBytes = 64 * 1024;
inline constexpr std::size_t kMaxUnitCodeBytes = 64;
inline constexpr std::size_t kMaxActorBytes = 64;

struct Change {
  Name name;
  RecordId record;  // equals `name` (or `origin`) in the change that opens the record
  KindNumber kind = 0;
  // The record's `applied` as it stood when the author opened the form, without the author's own replica's line:
  // a change has always seen its own replica's earlier changes. Ascending, no two of one branch.
  std::vector<Name> saw;
  std::int64_t captured_ms = 0;      // when the author saved: the device's wall clock, corrected by correction_ms
  std::int64_t correction_ms = 0;    // captured_ms - correction_ms is what the device's clock showed
  std::uint32_t uncertainty_ms = 0;  // half-width of what is known of the correction; kNeverSynchronised before contact
  std::string actor;                 // account that was logged in; empty on a replica without accounts
  std::string unit;                  // code of the unit at capture
  std::uint32_t revision = 0;        // of the schema that the form was opened with
  // A change released from quarantine carries the name of the quarantined change, which counts as applied and empty.
  Name origin;
  // Ascending by (field, value for members); a register is written at most once, a member added or removed at most
  // once.
  std::vector<Write> writes;

  bool opens() const { return record == name || (origin.valid() && record == origin); }
  bool operator==(const Change&) const = default;
};

inline constexpr std::uint32_t kNeverSynchronised = 0xFFFFFFFFu;

}  // namespace songsong
