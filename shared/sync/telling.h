// Telling: what one answer says: receipts, verdicts, the next states of the scope, lines of copied phones, and whether
// ranges of records are the same here, and a record's log. Piece of Responder; all within one snapshot. Throws
// StorageDamage.
#pragma once

#include <set>
#include <span>

#include "shared/core/receipt.h"
#include "shared/sync/feed.h"
#include "shared/sync/responder.h"

namespace songsong {

// The changes in a request, whether new here or sent again.
struct SentChanges {
  std::set<Name> names;
  std::set<RecordId> records;
  Received received;
};

class Telling {
 public:
  // Borrows all of them. `upto`: the last change on the sender's path that the sender takes to be held now.
  // `keys`: the server's, as the sender knows it.
  Telling(const ResponderContext& context, const KeyPair& keys, const wire::Request& request, const Member& member,
          const SentChanges& sent, Name upto, StoreReader& reader, wire::Answer& answer);

  void receipts();
  // Of changes of the sender, and of lines that it knows, whose personal values it has not heard to be erased.
  void erasures();
  // Whether the sender holds records and may not have heard yet what this epoch makes of its line.
  bool begins_anew() const;
  // Of the changes in this request, whether new or sent again; of the sender's whole line where it begins anew.
  void verdicts();
  void states();
  // The log of the record that was asked for, if it is one of the scope.
  void history();
  void orphans();

  const Scope& scope() const { return scope_; }
  std::size_t told_states() const { return told_states_; }
  // Of the states those of kinds that may hold somebody's data.
  const std::vector<RecordId>& told_of_people() const { return told_of_people_; }

 private:
  Receipt receipt_for(const LogRow& row) const;
  bool is_one_line() const;
  bool hears_anew() const;
  bool is_echo(const RecordRow& row) const;
  bool tells(const Scope& scope, const RecordRow& row) const;
  void put(const FeedPage& page, std::string encoded);
  void put_version(const RecordRow& row);
  void add_removed_meanwhile(FeedPage& page);
  void departed_meanwhile();
  void lines(std::span<const State> states);
  std::set<ReplicaId> lines_known() const;
  void ranges();
  void mend(std::span<const RecordId> ids);
  Scope member_scope() const;
  const Primer* primer() const;

  const ResponderContext& context_;
  const KeyPair& keys_;
  const wire::Request& request_;
  const Member& member_;
  const SentChanges& sent_;
  StoreReader& reader_;
  wire::Answer& answer_;
  Name upto_;
  const Outcome<FeedCursor> cursor_;  // of the request
  Scope scope_;
  StoreSequence last_version_ = 0;
  std::size_t told_states_ = 0;
  std::vector<RecordId> told_of_people_;
};

}  // namespace songsong
