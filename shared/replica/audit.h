// Audit: what `verify` runs. Recounts everything that a store keeps from its log alone, with the naive reference model
// and the plain recount, and names the first difference.
//
// Checked, in this order: the log (numbering, links, bytes), each replica's chain of hashes against its personal values
// and commitment keys, runs and tips, states against the reference model (on a phone: what is shown against the base
// and the own changes over it), units, homes, accounts, claims, classes, references, match keys, search texts, cases,
// totals.
//
// Reads one snapshot, so it works beside a writer. Holds all states in memory. Pure of clocks and randomness.
#pragma once

#include <cstdint>

#include "shared/core/crypto.h"
#include "shared/core/outcome.h"
#include "shared/core/policy.h"
#include "shared/replica/lineages.h"
#include "shared/replica/store.h"

namespace songsong {

struct AuditSummary {
  std::uint64_t changes = 0;
  std::uint64_t records = 0;
  std::uint64_t replicas = 0;
  std::uint64_t accounts = 0;
  std::uint64_t cases = 0;
  std::uint64_t units_with_totals = 0;

  bool operator==(const AuditSummary&) const = default;
};

// The key that a replica signs with: what its chain is rooted in. Empty when the store does not know the replica.
using ReplicaKeys = std::function<std::optional<PublicKey>(StoreReader&, ReplicaId)>;

// A difference is the Fault "difference": `where` names the table and the key ("log 17", "account 0k3f9.12.7c2q",
// "total THBG01"), `what` says what differs, without personal values.
Outcome<AuditSummary> audit(Store& store, Shard shard, const Policies& policies, Authority authority,
                            const ReplicaKeys& keys);

}  // namespace songsong
