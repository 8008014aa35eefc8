// Admission: takes changes into the log and merges them, inside one Store::write call. The one way by which a change
// gets into any store: a phone admits what its user saves, a server what phones send.
//
// Whoever calls has decided already that a change is authentic, that its predecessor is in the log and what becomes of
// it (applied, or quarantined: then it is in the chain and counts as applied and empty). Here it becomes durable: log,
// lineage, states, personal values and all that is counted (Books), under consecutive store sequences.
//
// Belongs to the thread of the Store::write call. Throws StorageDamage.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/replica/books.h"
#include "shared/replica/lineages.h"
#include "shared/replica/store.h"

namespace songsong {

struct Incoming {
  Change change;
  Tag parent_tag = 0;  // of the change before it on its path
  Tag key_tag = 0;     // RunRow::key_tag, should the change begin a run
  ChainHash hash;
  Verdict verdict = Verdict::kApplied;
  std::string reason;  // of a quarantine
};

class Admission {
 public:
  Admission(const BooksContext& context, Authority authority, StoreReader& reader);

  Books& books() { return books_; }
  Lineages& lineages() { return lineages_; }

  // Loads what the changes touch, in one go. Admitting without it works, one record at a time.
  void prepare(std::span<const Change> changes);
  void admit(Incoming incoming);
  // A state from the server becomes the base; own changes that it does not cover are shown over it.
  void rebase(State base, std::span<const Change> own_changes);

  // What to write. Once.
  StoreBatch settle(std::int64_t now_ms);

 private:
  State shown(RecordId record);
  std::optional<State> base(RecordId record);
  void move_tip(const Incoming& incoming);

  Authority authority_;
  Books books_;
  Lineages lineages_;
  StoreSequence last_;
  std::vector<Incoming> admitted_;
  std::map<RecordId, std::optional<State>> bases_;  // as this commit leaves them
  std::map<Name, ChainHash> tips_;
  std::set<Name> tips_dropped_;
};

}  // namespace songsong
