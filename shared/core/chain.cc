#include "shared/core/chain.h"

#include "shared/core/canonical.h"

namespace songsong {
namespace {

constexpr HashDomain kRootDomain("songsong root 1");
constexpr HashDomain kChainDomain("songsong chain 1");

bool follows(const Name& later, const Name& earlier) {
  return later.replica() == earlier.replica() && later.sequence() == earlier.sequence() + 1;
}

}  // namespace

ChainHash root_hash(ReplicaId replica, const PublicKey& key) {
  ByteWriter message;
  message.fixed64(replica);
  message.raw_bytes(key.view());
  return {hash256(kRootDomain, message.out())};
}

ChainHash next_hash(const ChainHash& before, std::string_view canonical_bytes) {
  ByteWriter message;
  message.raw_bytes(before.view());
  message.raw_bytes(canonical_bytes);
  return {hash256(kChainDomain, message.out())};
}

Outcome<std::vector<ChainHash>> chain(const ChainHash& before, std::span<const Change> changes,
                                      const CommitmentLookup& lookup) {
  std::vector<ChainHash> hashes;
  hashes.reserve(changes.size());
  for (const Change& change : changes) {
    if (!hashes.empty() && !follows(change.name, changes[hashes.size() - 1].name)) {
      return Fault{"chain_broken", to_text(change.name), "It does not follow the change before it."};
    }
    const auto committed = commitments(change, lookup);
    if (!committed) return committed.fault();
    // The same as next_hash(), with the canonical bytes written where they are hashed.
    ByteWriter message;
    message.raw_bytes(hashes.empty() ? before.view() : hashes.back().view());
    write_canonical(message, change, *committed);
    hashes.push_back({hash256(kChainDomain, message.out())});
  }
  return hashes;
}

}  // namespace songsong
