// Admission: takes changes into the log and merges them, inside one Store::write call. The one way by which a change
// gets into any store: a phone admits what its user saves, a server what phones send.
//
// Whoever calls has decided already that a change is authentic, that its predecessor is in the log and what becomes of
// it (applied, or quarantined: then it is in the chain and counts as applied and empty). Here it becomes durable: log,
// lineage, states, personal values and all that is counted (Books), under consecutive store sequences.
//
// Belongs to the thread of the Store::write call. Throws StorageDamage.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/replica/books.h"
#include "shared/replica/erasing.h"
#include "shared/replica/key_book.h"
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
  // Of a change whose personal values its own replica erased before it sent it.
  std::optional<std::vector<Commitment>> commitments = std::nullopt;
};

// A change of this replica's own log, as the server judged it.
struct OwnChange {
  Change change;
  Verdict verdict = Verdict::kApplied;
};

// The epoch and the store sequence at the server of what it said last; a later one is newer.
struct ServerVersion {
  std::uint64_t epoch = 0;
  StoreSequence sequence = 0;

  auto operator<=>(const ServerVersion&) const = default;
};

// In which the server told of the record last.
inline ServerVersion version_told(const RecordRow& row) {
  return {.epoch = row.base_epoch, .sequence = row.base_version};
}

class Admission {
 public:
  Admission(const BooksContext& context, Authority authority, StoreReader& reader);

  Books& books() { return books_; }
  Lineages& lineages() { return lineages_; }
  KeyBook& keys() { return keys_; }

  // Loads what the changes touch, in one go. Admitting without it works, one record at a time.
  void prepare(std::span<const Change> changes);
  void admit(Incoming incoming);
  // A state from the server becomes the base; own changes that it does not cover are shown over it, those that the
  // server refused as empty ones. `said` is the server's epoch and store sequence of the state. The own changes are all
  // that the log holds of the record, oldest first.
  void rebase(State base, std::span<const OwnChange> own_changes, ServerVersion said = {});
  // The record as the store's row has it shown anew from its base, after verdicts on own changes.
  void reconsider(RecordId record, std::span<const OwnChange> own_changes);
  // The record left this replica's scope: it is shown no more, with all changes but those that `keeps` names, which the
  // server does not hold yet. Of the record its name is left, no kind. A state of a newer version brings it back.
  void leave(RecordId record, std::span<const OwnChange> own_changes, const std::function<bool(Name)>& keeps,
             ServerVersion said);

  // Destroys those personal values of the record's changes; the record is shown without them.
  void erase(RecordId record, const ErasureCovers& covers);

  // What to write. Once. On a store that holds all logs, what erasures ask for is carried out first.
  StoreBatch settle(std::int64_t now_ms);
  // The records of which something was erased so far; on a store that holds all logs, known after settle().
  const std::set<RecordId>& erased() const { return erased_; }

 private:
  void carry_out_erasures(StoreBatch& batch);
  State shown(RecordId record);
  void overlay(State base, std::span<const OwnChange> own_changes);
  std::optional<State> base(RecordId record);
  void move_tip(const Incoming& incoming);

  Authority authority_;
  const Policies& policies_;
  StoreReader& reader_;
  Books books_;
  Lineages lineages_;
  KeyBook keys_;
  StoreSequence last_;
  std::vector<Incoming> admitted_;
  Erasing erasing_;
  std::map<RecordId, std::optional<State>> bases_;  // as this commit leaves them
  std::map<Name, ChainHash> tips_;
  std::set<Name> tips_dropped_;
  std::map<RecordId, ServerVersion> said_;
  std::set<RecordId> erased_;
  std::set<std::pair<RecordId, RecordId>> left_behind_;  // whom a record told of, and the record
};

// On a server, of each erasure, under its id: what it says (erasure_acts.h).
inline constexpr const char* kErasurePrefix = "erasure.";

}  // namespace songsong
