// KeyBook: the commitment keys of replicas as one commit leaves them. Lives inside one Store::write call and belongs to
// its thread. Throws StorageDamage.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "shared/replica/keyring.h"

namespace songsong {

class KeyBook {
 public:
  explicit KeyBook(StoreReader& reader) : reader_(reader) {}

  const Keyring& of(ReplicaId replica);

  // A key as it came, or was drawn. False, and nothing is kept, where another one stands: with two, what was bound by
  // the first could be checked no more. A block whose key was destroyed takes none; whoever has it takes in the keys of
  // the changes that it leads to.
  bool take(const BlockName& block, const BlockKey& key);
  bool take(Name name, const ChangeKey& key);
  void destroy(const BlockName& block);
  // The change's key goes, for good.
  void erase(Name name, std::vector<Commitment> commitments);

  // Adds what changed. `version` is the commit's last store sequence.
  void settle(StoreSequence version, StoreBatch& batch);

 private:
  Keyring& loaded(ReplicaId replica);

  StoreReader& reader_;
  std::map<ReplicaId, Keyring> rings_;
  std::set<BlockName> blocks_changed_;
  std::set<Name> changes_changed_, erased_;
};

}  // namespace songsong
