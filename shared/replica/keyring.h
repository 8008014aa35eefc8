// Keyring: which commitment key a change was, or is to be, bound with (commitment.h).
//
// A block key is drawn by the opening of the store that first needs one, and serves 256 sequences also when the store
// is opened anew in between: a command line opens it once an act, and a key for each would cost more than the act. So a
// key is known by (replica, block, tag of the opening that drew it), and each run of changes says with whose key it
// began (RunRow::key_tag): a change in the block where its run begins uses that key, a later one of the run its own.
//
// Where values of a change were erased, the block's key is destroyed, and each other change of the block is bound by a
// key of its own.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "shared/core/commitment.h"
#include "shared/replica/store.h"

namespace songsong {

// The block key of a change that lies in this run.
BlockName key_of(const RunRow& run, Name name);

// The block key for the change after `tip`, saved under `tag`; a new one where the tip's does not reach. `tip_run` is
// null before a replica's first change.
BlockName key_after(const RunRow* tip_run, Name tip, Name next);

// Looks keys up by the run that a change lies in. A value type.
class Keyring {
 public:
  void add(const BlockKeyRow& row) { blocks_.insert_or_assign(row.block, row.key); }
  void add(Name name, const ChangeKey& key) { changes_.insert_or_assign(name, key); }
  // Whatever key there is of the change leads nowhere from now on.
  void add(const ErasedRow& row);

  // A key, or the word that it was destroyed.
  bool has(const BlockName& block) const { return blocks_.contains(block); }
  bool is_destroyed(const BlockName& block) const;
  // Null where there is none, or none any more.
  const BlockKey* block_key(const BlockName& block) const;
  const ChangeKey* change_key(Name name) const;
  const std::vector<Commitment>* erased(Name name) const;

  std::optional<ChangeKey> key_for(const BlockName& block, Name name) const;
  // Of changes of one block. Borrows this object.
  CommitmentLookup lookup(const BlockName& block) const;

 private:
  std::map<BlockName, std::optional<BlockKey>> blocks_;
  std::map<Name, ChangeKey> changes_;
  std::map<Name, std::vector<Commitment>> erased_;
};

// All that a store holds of a replica's keys.
void load_keys(StoreReader& reader, ReplicaId replica, Keyring& into);

}  // namespace songsong
