// Erasing: destroys personal values of changes that a store holds, and the keys with which guesses of them could be
// tried (commitment.h): the rest of a block is bound by keys of its own from then on, and the chain is checked by the
// commitments that are kept.
//
// Lives inside one Store::write call and belongs to its thread. Throws StorageDamage.
#pragma once

#include <functional>
#include <vector>

#include "shared/core/change.h"
#include "shared/replica/key_book.h"
#include "shared/replica/lineages.h"
#include "shared/replica/record_cache.h"

namespace songsong {

// Which values: of which change, in which register.
using ErasureCovers = std::function<bool(Name, FieldNumber)>;

struct Incoming;

class Erasing {
 public:
  // Borrows all. `admitted` are the changes that this commit takes in, beside those in the store.
  Erasing(RecordCache& cache, Lineages& lineages, KeyBook& keys, StoreReader& reader,
          const std::vector<Incoming>& admitted)
      : cache_(cache), lineages_(lineages), keys_(keys), reader_(reader), admitted_(admitted) {}

  // Of all changes of the record. Whether there was anything to destroy.
  bool destroy(RecordId record, const ErasureCovers& covers);
  // A change that its own replica erased before it sent it.
  void forget(Name name, std::vector<Commitment> commitments);

 private:
  std::vector<Change> changes_of(RecordId record);
  BlockName block_of(Name name);
  void split(const BlockName& block);
  void keep_key(const BlockName& block, const BlockKey& key, const Change& change);

  RecordCache& cache_;
  Lineages& lineages_;
  KeyBook& keys_;
  StoreReader& reader_;
  const std::vector<Incoming>& admitted_;
};

// The values that are held no more, in a state as it is held in memory.
void blank_erased(State& state, const PersonalValuesOf& held);

}  // namespace songsong
