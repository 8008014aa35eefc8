// Chain: the hash chain over what one replica wrote.
//
//   root            = BLAKE2b-256 of (replica, public key): stands before the replica's first change
//   hash of change  = BLAKE2b-256 of (hash before, canonical bytes of the change)
//
// The hash of a change is its identity: it stands for the change's bytes and for all before it on its path. A copied
// phone makes a tree of such paths; on each, the hashes are these. Hashes prove that nothing was altered, left out or
// put in; who wrote it is proven by the signature of a piece (signature.h).
//
// Pure functions, any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/commitment.h"
#include "shared/core/crypto.h"
#include "shared/core/fixed_bytes.h"

namespace songsong {

// 32 bytes; as text 64 hexadecimal digits.
using ChainHash = FixedBytes<struct ChainHashKind, 32>;

// What stands before a replica's first change. It binds the chain to the key that the replica signs with.
ChainHash root_hash(ReplicaId replica, const PublicKey& key);

ChainHash next_hash(const ChainHash& before, std::string_view canonical_bytes);

// The hash after each of the changes, which are consecutive changes of one replica on one path, the first of them right
// after `before`. Faults: "commitment_missing" for a personal value that nothing stands for, "chain_broken" where the
// sequence skips or the replica changes.
Outcome<std::vector<ChainHash>> chain(const ChainHash& before, std::span<const Change> changes,
                                      const CommitmentLookup& lookup);

}  // namespace songsong
