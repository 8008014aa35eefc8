// Keyring: which commitment key a change was, or is to be, bound with (commitment.h).
//
// A block key is drawn by the opening of the store that first needs one, and serves 256 sequences also when the store
// is opened anew in between: a command line opens it once an act, and a key for each would cost more than the act. So a
// key is known by (replica, block, tag of the opening that drew it), and each run of changes says with whose key it
// began (RunRow::key_tag): a change in the block where its run begins uses that key, a later one of the run its own.
#pragma once

#include <optional>

#include "shared/core/commitment.h"
#include "shared/replica/store.h"

namespace songsong {

// The block key of a change that lies in this run.
BlockName key_of(const RunRow& run, Name name);

// The block key for the change after `tip`, saved under `tag`; a new one where the tip's does not reach. `tip_run` is
// null before a replica's first change.
BlockName key_after(const RunRow* tip_run, Name tip, Name next);

// Looks keys up by the run that a change lies in.
class Keyring {
 public:
  void add(const BlockKeyRow& row) { keys_.insert_or_assign(row.block, row.key); }
  bool has(const BlockName& block) const { return keys_.contains(block); }
  std::optional<ChangeKey> key_for(const BlockName& block, Name name) const;

 private:
  std::map<BlockName, BlockKey> keys_;
};

}  // namespace songsong
