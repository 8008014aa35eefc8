// Replica: what an application uses. It writes, reads, lists and searches records, offline, on one store; conversation
// with a server is the sync layer's.
//
// What a person saves is final at once: numbered, stamped, chained and durable when save() returns. Several replicas
// objects (processes) may work on one store; each opening draws a tag of its own.
//
// Threads: one at a time. Ownership: the store and the environment's doors must outlive the replica. Errors: faults of
// compose.h for what a person filled in, of store.h for the disk, and those named at each function.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/clock.h"
#include "shared/core/compose.h"
#include "shared/core/crypto.h"
#include "shared/core/grants.h"
#include "shared/core/policy.h"
#include "shared/core/validate.h"
#include "shared/replica/admission.h"
#include "shared/replica/books.h"
#include "shared/replica/store.h"

namespace songsong {

// Which of a server's words on the grants was heard last; those of the ticket are older than any.
struct GrantsTold {
  std::uint64_t epoch = 0;
  std::uint32_t revision = 0;

  auto operator<=>(const GrantsTold&) const = default;
};

// Who this copy is; minted into its ticket.
struct Identity {
  ReplicaId replica = 0;
  SigningSeed seed;  // of the Ed25519 key that signs its pieces
  Grants grants;     // its scope is their units and all below
  GrantsTold grants_told;
};

// The doors to the world outside: this layer has no clock and no randomness of its own.
struct Environment {
  std::function<ClockReading()> clock;
  std::function<void(std::span<std::uint8_t>)> entropy;
  std::string actor;  // the account that is logged in; empty without accounts
};

struct Act {
  RecordId record;      // not valid for a new one
  KindNumber kind = 0;  // of a new record
  std::vector<Input> inputs;
  std::optional<VersionVector> seen;  // the record's `applied` when the form was opened; now, if not given
  std::string unit;                   // at capture; the first of the scope, if empty
  bool removes = false;               // a removal; then no inputs
  bool restores = false;              // the record is to stay after all; then no inputs
  bool lets_go = false;               // to a unit of which this store need not know, whose people receive it
};

struct RecordView {
  State state;
  std::string unit;
  bool live = false;
  bool sent = true;  // nothing of it waits for a receipt
};

struct HistoryEntry {
  Change change;
  Verdict verdict = Verdict::kApplied;  // as the server said, as far as it has
  std::string reason;                   // of a quarantine
  std::int64_t received_ms = 0;
  StoreSequence sequence = 0;
};

class Replica {
 public:
  // Makes a new store this replica's. Fault "replica_exists" if it is one already.
  static Outcome<Done> create(Store& store, const Identity& identity);
  // Fault "no_replica" if the store is none's.
  static Outcome<std::unique_ptr<Replica>> open(Store& store, const Policies& policies, Environment environment);

  // Its grants as they stood when it was opened, or saved last.
  const Identity& identity() const { return identity_; }
  const Policies& policies() const { return policies_; }
  Store& store() { return store_; }

  // One act of a person, or several that stand or fall together (a pupil and its need): all are saved, or none. Ids in
  // the order of the acts. An act may refer to an earlier one's new record by placeholder(n). Faults name the act in
  // `where` as "act 2: pupil.full_name". "unknown_record", "unknown_kind" where there is none.
  // `marks` are settings that are written with them, so that an import knows after a kill what it has saved.
  Outcome<std::vector<RecordId>> save(std::span<const Act> acts, const std::map<std::string, std::string>& marks = {});
  Outcome<RecordId> save(const Act& act);
  static RecordId placeholder(std::size_t act);

  Outcome<std::optional<RecordView>> view(RecordId record);
  // Live records of a kind (0: all), ascending by id; stops when `each` returns false. `each` does not call the
  // replica.
  Outcome<Done> list(KindNumber kind, const std::function<bool(const RecordView&)>& each);
  // Live records whose searchable fields hold every word of the text, tone marks aside; at most `limit`, ascending.
  Outcome<std::vector<RecordId>> search(std::string_view text, std::size_t limit);
  // What this store's log holds of the record, oldest first.
  Outcome<std::vector<HistoryEntry>> history(RecordId record);
  // Own changes after the last receipt, those of replicas that this store was before among them.
  Outcome<std::size_t> pending();
  Outcome<std::optional<TotalsRow>> totals(const std::string& unit);
  Outcome<std::vector<CaseRow>> cases();

  BooksContext books() { return BooksContext{.policies = policies_, .dependencies = dependencies_, .trees = trees_}; }

 private:
  Replica(Store& store, const Policies& policies, Environment environment, Identity identity);
  void draw_tag();
  void take_grants(StoreReader& reader);

  const Policies& policies_;
  Dependencies dependencies_;
  UnitTreeCache trees_;
  Validator validator_;
  Store& store_;
  Environment environment_;
  Identity identity_;
  Tag tag_ = 0;  // of this opening, or since a write failed
};

}  // namespace songsong
