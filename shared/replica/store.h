// Store: durability, and nothing else. It keeps the log, the records and what was counted of them; what they mean is
// decided by the rules in shared/core, what to write by the books (books.h) and the replica.
//
// Every call is a batch and names a shard; nothing of the database leaks: no statement, no row id, no transaction. All
// reading happens inside read() or write(), against one snapshot. write() is the only way to change anything: its
// functions run one after the other inside one transaction, each seeing what those before it wrote, and all become
// durable together or not at all (group commit). Readers never block the writer, nor it them.
//
// Threads: any thread may call; a Reader is used only inside the call that lent it, by that thread. Several processes
// may hold the same store open. Errors: what a full disk, a read-only folder or a damaged file causes comes back as a
// Fault (codes "storage_full", "storage_read_only", "storage_damaged", "storage_newer", "storage_busy",
// "storage_failed"; a shard that the store does not have is "shard_unknown") and leaves the store as it was; a function
// that returns a Fault is undone together with the whole call, and what a function throws is thrown on after the call
// was undone. A function does not call the store again: it would wait for itself.
//
// One contract test (tests/replica/store_contract_test.cc) runs on every implementation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "shared/core/account.h"
#include "shared/core/case.h"
#include "shared/core/chain.h"
#include "shared/core/commitment.h"
#include "shared/core/lineage.h"
#include "shared/core/match.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/core/records.h"
#include "shared/core/unit_tree.h"

namespace songsong {

using Shard = std::uint32_t;          // one feed; a phone has one, number 0
using StoreSequence = std::uint64_t;  // numbers admissions from 1, given inside the commit, in commit order

// What became of a change here. Stored: the numbers may not change.
enum class Verdict : std::uint8_t {
  kApplied = 1,
  kQuarantined = 2,  // in the chain, applied as empty
};

struct LogRow {
  StoreSequence sequence = 0;  // given by the store; whatever is put in is ignored
  Name name;
  Tag parent_tag = 0;  // of the change before it on its path; 0 for a replica's first
  RecordId record;
  StoreSequence previous = 0;  // the entry before it of the same record; 0 for the first
  Verdict verdict = Verdict::kApplied;
  std::string reason;  // of a quarantine: a fault's code
  std::int64_t received_ms = 0;
  ChainHash hash;
  std::string change;  // change_row.h, personal values left out

  bool operator==(const LogRow&) const = default;
};

struct RecordRow {
  RecordId id;
  KindNumber kind = 0;
  std::string unit;           // where it belongs now
  StoreSequence version = 0;  // the admission that changed it last; the feed is in this order
  bool live = false;
  std::string state;                // state_codec.h, personal values left out: what is shown here
  std::optional<std::string> base;  // what the server last said, while own changes are shown over it
  StoreSequence last_logged = 0;    // the log's last entry of the record; 0 where it has none
  // The epoch and store sequence at the server of what it last said; 0 before it said anything.
  std::uint64_t base_epoch = 0;
  std::uint64_t base_version = 0;

  bool operator==(const RecordRow&) const = default;
};

// The personal values of one record, each under the change that wrote it: the one place where they can be erased.
struct PersonalRow {
  RecordId record;
  std::string values;  // personal_values.h

  bool operator==(const PersonalRow&) const = default;
};

struct SearchRow {
  RecordId record;
  std::string unit;
  std::string text;  // folded; the row is gone when empty

  bool operator==(const SearchRow&) const = default;
};

struct AccountRow {
  RecordId id;
  Cells cells;
  std::vector<ClaimKey> claims;

  bool operator==(const AccountRow&) const = default;
};

struct TotalsRow {
  std::string unit;
  Cells own;      // of records that belong to the unit itself; the cells' unit is this unit
  Cells subtree;  // with all units below it

  bool operator==(const TotalsRow&) const = default;
};

struct CaseRow {
  Case raised;
  std::int64_t raised_ms = 0;

  bool operator==(const CaseRow&) const = default;
};

// A run of a replica's changes as lineage.h has it, with the tag of the opening that drew the commitment key which was
// in use when the run began.
struct RunRow {
  ReplicaId replica = 0;
  Run run;
  Tag key_tag = 0;

  bool operator==(const RunRow&) const = default;
};

// The last change of one branch of a replica.
struct TipRow {
  Name name;
  ChainHash hash;

  bool operator==(const TipRow&) const = default;
};

// A record left a unit: a reader of that unit drops it, if it still lives there in no newer version.
struct DepartureRow {
  std::string left;
  StoreSequence version = 0;
  RecordId record;
  std::string home;

  bool operator==(const DepartureRow&) const = default;
};

// What a server said of a change that this store saved: the log's entry keeps it. A replica writes them of its own
// changes; on a server a verdict is final when it is admitted.
struct VerdictRow {
  StoreSequence sequence = 0;  // of the log's entry
  Verdict verdict = Verdict::kApplied;
  std::string reason;

  bool operator==(const VerdictRow&) const = default;
};

// How many rows stand in the tables that cannot be paged through.
struct StoreCounts {
  std::uint64_t references = 0;
  std::uint64_t matches = 0;
  std::uint64_t claims = 0;
  std::uint64_t search = 0;
  std::uint64_t class_names = 0;

  bool operator==(const StoreCounts&) const = default;
};

struct BlockKeyRow {
  BlockName block;
  std::optional<BlockKey> key;  // none: destroyed, with the values of a change that it bound
};

// The key of one change, where its block's was destroyed.
struct ChangeKeyRow {
  Name name;
  std::optional<ChangeKey> key;  // none drops the row
};

// A change whose personal values were destroyed, and what they are checked by since: a commitment for each personal
// write, in order.
struct ErasedRow {
  Name name;
  StoreSequence version = 0;  // of the commit that destroyed them
  std::vector<Commitment> commitments;

  bool operator==(const ErasedRow&) const = default;
};

// A position in a feed; opaque to everyone but the store that made it.
struct FeedPosition {
  StoreSequence version = 0;
  RecordId record;

  auto operator<=>(const FeedPosition&) const = default;
};

// What one commit writes. Rows replace rows of the same key, of several in one batch the last stands. What goes
// (removed, closed, dropped) goes before what comes.
struct StoreBatch {
  // All rows of search, accounts, class_names, references, claims, matches, cases and totals go, before anything comes.
  bool drop_books = false;
  std::vector<LogRow> log;  // appended in this order, from the reader's last_sequence() + 1 on; their names are valid
  std::vector<VerdictRow> verdicts;  // of entries that were in the log before
  std::vector<RecordRow> records;
  std::vector<PersonalRow> personal;
  std::vector<SearchRow> search;
  std::vector<AccountRow> accounts;          // a row without cells and claims is dropped
  std::map<RecordId, RecordId> class_names;  // record → the account that counts it; to itself drops the row
  std::vector<ReferenceTo> references_added, references_removed;
  std::vector<ClaimKey> claims_added, claims_removed;
  std::vector<std::pair<MatchKey, RecordId>> matches_added, matches_removed;
  std::vector<CaseRow> cases;
  std::vector<std::string> cases_closed;
  std::vector<TotalsRow> totals;  // a row without cells is dropped
  std::vector<Unit> units;        // by record
  std::vector<RecordId> units_dropped;
  std::vector<RunRow> runs;  // by (replica, first, tag)
  std::vector<TipRow> tips;
  std::vector<Name> tips_dropped;
  std::vector<DepartureRow> departures;
  std::vector<BlockKeyRow> block_keys;
  std::vector<ChangeKeyRow> change_keys;
  std::vector<ErasedRow> erased;
  std::map<std::string, std::string> settings;  // small named values of whoever uses the store; empty drops

  // Whether something goes that is to be found nowhere any more.
  bool destroys() const { return !erased.empty() || values_destroyed; }
  bool values_destroyed = false;  // personal values that a server says were erased
};

// A row that this program wrote cannot be read back: the disk or another hand changed it. Thrown by what reads rows, in
// a call of Store::read or Store::write, which return the fault.
struct StorageDamage {
  Fault fault;
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;

  // Of batches: one entry for each that was asked for, in that order.
  virtual std::vector<std::optional<RecordRow>> records(std::span<const RecordId> ids) = 0;
  virtual std::vector<std::string> personal(std::span<const RecordId> ids) = 0;      // empty where there are none
  virtual std::vector<std::string> search_texts(std::span<const RecordId> ids) = 0;  // empty where there is none
  virtual std::vector<std::vector<ReferenceTo>> references_to(std::span<const RecordId> targets) = 0;  // ascending
  virtual std::vector<RecordId> class_names(std::span<const RecordId> ids) = 0;  // the record itself where no row
  virtual std::vector<std::optional<AccountRow>> accounts(std::span<const RecordId> ids) = 0;
  virtual std::vector<std::vector<RecordId>> claimants(
      std::span<const ClaimKey> keys) = 0;  // by number and key; ascending
  virtual std::vector<std::vector<RecordId>> matches(std::span<const MatchKey> keys) = 0;  // ascending
  virtual std::vector<std::optional<TotalsRow>> totals(std::span<const std::string> units) = 0;
  virtual std::vector<std::optional<CaseRow>> cases(std::span<const std::string> ids) = 0;
  virtual std::vector<std::vector<RunRow>> runs(std::span<const ReplicaId> replicas) = 0;  // ascending by (first, tag)
  virtual std::vector<std::vector<TipRow>> tips(std::span<const ReplicaId> replicas) = 0;  // ascending by name
  virtual std::vector<std::optional<LogRow>> changes(std::span<const Name> names) = 0;
  virtual std::vector<std::optional<LogRow>> log_at(std::span<const StoreSequence> sequences) = 0;
  virtual std::vector<BlockKeyRow> block_keys(ReplicaId replica) = 0;
  virtual std::vector<ChangeKeyRow> change_keys(ReplicaId replica) = 0;  // by name
  // By name; those of later commits than this version.
  virtual std::vector<ErasedRow> erased(ReplicaId replica, StoreSequence after = 0) = 0;
  virtual std::vector<Unit> units() = 0;                     // of every live unit record
  virtual std::string setting(const std::string& name) = 0;  // empty where there is none

  // Pages: at most `limit` rows, in ascending order, after the place given. Where several rows stand at one place
  // (branches of a sequence, departures of a version) a page goes on to the last of them, so that the next page misses
  // none.
  virtual std::vector<LogRow> log(StoreSequence after, std::size_t limit) = 0;
  virtual std::vector<LogRow> log_of(ReplicaId replica, Sequence after, std::size_t limit) = 0;  // by name
  virtual std::vector<RecordRow> scan(KindNumber kind, RecordId after, std::size_t limit) = 0;   // kind 0: all
  virtual std::vector<RecordRow> feed(std::span<const std::string> units, FeedPosition after, std::size_t limit) = 0;
  // By (version, record, unit left).
  virtual std::vector<DepartureRow> departures(std::span<const std::string> units, StoreSequence after,
                                               std::size_t limit) = 0;
  virtual std::vector<CaseRow> open_cases(const std::string& after_id, std::size_t limit) = 0;
  virtual std::vector<AccountRow> all_accounts(RecordId after, std::size_t limit) = 0;
  virtual std::vector<TotalsRow> all_totals(const std::string& after_unit, std::size_t limit) = 0;
  // Records whose folded text holds every word, ascending. No units: everywhere.
  virtual std::vector<RecordId> search(std::span<const std::string> words, std::span<const std::string> units,
                                       std::size_t limit) = 0;

  // Settings whose names begin with `prefix` and come after `after_name`, by name.
  virtual std::vector<std::pair<std::string, std::string>> settings(const std::string& prefix,
                                                                    const std::string& after_name,
                                                                    std::size_t limit) = 0;

  virtual StoreSequence last_sequence() = 0;
  virtual StoreCounts counts() = 0;  // reads the tables through
};

class Store {
 public:
  // Returns what to write, or a Fault that undoes the call.
  using Writing = std::function<Outcome<StoreBatch>(StoreReader&)>;

  virtual ~Store() = default;

  virtual Outcome<Done> read(Shard shard, const std::function<void(StoreReader&)>& reading) = 0;
  // The last store sequence given. Durable when it returns. Of a batch that erases, no old page with what was erased is
  // left in the store's files as soon as no reader needs it.
  virtual Outcome<StoreSequence> write(Shard shard, std::span<const Writing> writings) = 0;
};

}  // namespace songsong
