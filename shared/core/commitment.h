// Commitments: how a personal value is bound into the hash chain and can still be erased for good.
//
//   block key    32 random bytes from the caller, one for each (replica, block of 256 sequences, tag)
//   change key   derived one way from the block key and the change's name
//   commitment   keyed BLAKE2b-256 under the change key of (index of the write, canonical value)
//
// Whoever holds the block key and the value can check the value against the chain; whoever holds only the commitment
// learns nothing, as long as the key is secret. That is why erasing takes the key as well: a birth date has so few
// possible values that with the key anyone could try them all. To erase a change's personal values
//
//   1. the commitments of all its personal writes are stored (erased values can be committed to no more),
//   2. the keys of the *other* changes of its block are written out and the block key is destroyed,
//   3. the values are destroyed,
//
// in one transaction (shared/replica/erasing.h), and in every copy of the keys. A change key does not lead back to the
// block key, nor to another change key, so the erased change's key cannot be had again, and the other changes are
// checked as before; what is saved later in the block is bound by a key drawn for it alone. Erasure is for whole
// changes: where a change holds values of two people, those that stay are no longer bound to their commitment.
//
// One key serves all writes of a change, and the index keeps equal values of two writes apart: within a change the keys
// stand and fall together, so deriving one for each write would cost a hash and gain nothing.
//
// Pure functions and value types. Keys wipe themselves.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/canonical.h"
#include "shared/core/change.h"
#include "shared/core/crypto.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"

namespace songsong {

// Sequences 1..256 of one tag share a block key, 257..512 the next. Part of stored chains: it may not change.
inline constexpr Sequence kCommitmentBlock = 256;

using BlockKey = SecretBytes<struct BlockKeyKind, 32>;
using ChangeKey = SecretBytes<struct ChangeKeyKind, 32>;

struct BlockName {
  ReplicaId replica = 0;
  std::uint32_t block = 0;  // (sequence - 1) / kCommitmentBlock
  Tag tag = 0;

  Sequence first() const { return block * kCommitmentBlock + 1; }
  Sequence last() const;
  auto operator<=>(const BlockName&) const = default;
};

// The name must be valid (std::logic_error).
BlockName block_of(Name name);

ChangeKey derive_change_key(const BlockKey& key, Name name);
// `write` is the index of the write in its change. An erased value has no commitment to be made (std::logic_error).
Commitment commit(const ChangeKey& key, std::size_t write, const Value& value);

// Whence the commitments of a change come.
struct CommitmentLookup {
  std::function<std::optional<ChangeKey>(Name)> key;
  // What was stored when the change was erased, one for each personal write in order; null where it was not. The
  // function may be left empty.
  std::function<const std::vector<Commitment>*(Name)> stored;
};

// One for each personal write, in order: computed where value and key are held, else the stored one, else the fault
// "commitment_missing". A computed one goes before a stored one, because only it checks the value.
Outcome<std::vector<Commitment>> commitments(const Change& change, const CommitmentLookup& lookup);

// One after the other, as rows and pieces have them. Fault "commitments_malformed": their length is none of a list.
std::string join_commitments(std::span<const Commitment> commitments);
Outcome<std::vector<Commitment>> split_commitments(std::string_view bytes);

}  // namespace songsong
