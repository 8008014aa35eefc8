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
//   2. the keys of the *other* changes of its block are written out and the block key is destroyed (erase() below),
//   3. the values are destroyed,
//
// in one transaction, and in every copy of the keys. A change key does not lead back to the block key, nor to another
// change key, so the erased change's key cannot be had again, and the other changes are checked as before. Erasure is
// for whole changes: where a change holds values of two people, those that stay are no longer bound to their
// commitment.
//
// One key serves all writes of a change, and the index keeps equal values of two writes apart: within a change the keys
// stand and fall together, so deriving one for each write would cost a hash and gain nothing.
//
// Pure functions and value types; one CommitmentKeys belongs to one thread at a time. Keys wipe themselves.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
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

// The keys of some changes, of any replicas: block keys, and single change keys where a block key was destroyed.
class CommitmentKeys {
 public:
  // Taken in again after an erasure (from a backup, from a phone that had not heard), a block key is at once turned
  // into the keys of the changes that are not erased, and an erased change's key is dropped.
  void add(BlockName block, const BlockKey& key);
  void add(Name name, const ChangeKey& key);

  // Empty when the key is not held, or was erased.
  std::optional<ChangeKey> key_for(Name name) const;

  // Forgets the change's key, now and for later. A block key that would lead to it is turned into the other changes'
  // keys up to sequence `last`. `last` may be given only where it is sure that no change after it was saved under this
  // block key; a server never is, for a phone may hold changes that it has not sent.
  void erase(Name name, Sequence last = kMaxSequence);

  // What a store keeps, in the order of names.
  const std::map<BlockName, BlockKey>& block_keys() const { return block_keys_; }
  const std::map<Name, ChangeKey>& change_keys() const { return change_keys_; }
  const std::set<Name>& erased() const { return erased_; }

 private:
  bool any_erased(BlockName block) const;
  void split(BlockName block, const BlockKey& key, Sequence last);

  std::map<BlockName, BlockKey> block_keys_;
  std::map<Name, ChangeKey> change_keys_;
  std::set<Name> erased_;
};

// Whence the commitments of a change come.
struct CommitmentLookup {
  std::function<std::optional<ChangeKey>(Name)> key;
  // What was stored when the change was erased; `write` is the index of the write in its change. May be left empty.
  std::function<std::optional<Commitment>(Name, std::size_t write)> stored;
};

// Over keys that outlive the lookup, with nothing erased.
CommitmentLookup lookup_in(const CommitmentKeys& keys);

// One for each personal write, in order: computed where value and key are held, else the stored one, else the fault
// "commitment_missing". A computed one goes before a stored one, because only it checks the value.
Outcome<std::vector<Commitment>> commitments(const Change& change, const CommitmentLookup& lookup);

}  // namespace songsong
