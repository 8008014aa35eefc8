// SqliteReader: StoreReader over one connection. It reads whatever transaction the connection is in.
//
// Threads: the connection's one. Errors: StorageError, which SqliteStore turns into a Fault; a row whose bytes are not
// what this version writes is "storage_damaged", with table and row named.
//
// sqlite_reader.cc holds the batches, sqlite_pages.cc the pages.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/replica/sqlite.h"
#include "shared/replica/store.h"

namespace songsong {

class SqliteReader : public StoreReader {
 public:
  // The connection outlives the reader.
  explicit SqliteReader(SqliteConnection& connection) : connection_(&connection) {}

  std::vector<std::optional<RecordRow>> records(std::span<const RecordId> ids) override;
  std::vector<std::string> personal(std::span<const RecordId> ids) override;
  std::vector<std::string> search_texts(std::span<const RecordId> ids) override;
  std::vector<std::vector<ReferenceTo>> references_to(std::span<const RecordId> targets) override;
  std::vector<RecordId> class_names(std::span<const RecordId> ids) override;
  std::vector<std::optional<AccountRow>> accounts(std::span<const RecordId> ids) override;
  std::vector<std::vector<RecordId>> claimants(std::span<const ClaimKey> keys) override;
  std::vector<std::vector<RecordId>> matches(std::span<const MatchKey> keys) override;
  std::vector<std::optional<TotalsRow>> totals(std::span<const std::string> units) override;
  std::vector<std::optional<CaseRow>> cases(std::span<const std::string> ids) override;
  std::vector<std::vector<RunRow>> runs(std::span<const ReplicaId> replicas) override;
  std::vector<std::vector<TipRow>> tips(std::span<const ReplicaId> replicas) override;
  std::vector<std::optional<LogRow>> changes(std::span<const Name> names) override;
  std::vector<std::optional<LogRow>> log_at(std::span<const StoreSequence> sequences) override;
  std::vector<BlockKeyRow> block_keys(ReplicaId replica) override;
  std::vector<ChangeKeyRow> change_keys(ReplicaId replica) override;
  std::vector<ErasedRow> erased(ReplicaId replica, StoreSequence after) override;
  std::vector<Unit> units() override;
  std::string setting(const std::string& name) override;

  std::vector<LogRow> log(StoreSequence after, std::size_t limit) override;
  std::vector<LogRow> log_of(ReplicaId replica, Sequence after, std::size_t limit) override;
  std::vector<RecordRow> scan(KindNumber kind, RecordId after, std::size_t limit) override;
  std::vector<RecordRow> feed(std::span<const std::string> units, FeedPosition after, std::size_t limit) override;
  std::vector<DepartureRow> departures(std::span<const std::string> units, StoreSequence after,
                                       std::size_t limit) override;
  std::vector<CaseRow> open_cases(const std::string& after_id, std::size_t limit) override;
  std::vector<AccountRow> all_accounts(RecordId after, std::size_t limit) override;
  std::vector<TotalsRow> all_totals(const std::string& after_unit, std::size_t limit) override;
  std::vector<std::pair<std::string, std::string>> settings(const std::string& prefix, const std::string& after_name,
                                                            std::size_t limit) override;
  std::vector<RecordId> search(std::span<const std::string> words, std::span<const std::string> units,
                               std::size_t limit) override;

  StoreSequence last_sequence() override;
  StoreCounts counts() override;

 private:
  // A change of one replica and where it stands in the log.
  struct Admitted {
    Sequence sequence = 0;
    StoreSequence store_sequence = 0;

    auto operator<=>(const Admitted&) const = default;
  };

  std::optional<RecordRow> record(RecordId id);
  std::optional<LogRow> log_row(StoreSequence sequence);
  // The row that a segment leads to: it must be there and be that change.
  LogRow admitted_row(ReplicaId replica, Admitted admitted);
  std::optional<LogRow> change(Name name);
  // Lanes are numbered from 0 without gaps.
  std::size_t lanes(ReplicaId replica);
  // Those of one lane after a sequence, ascending, at most `limit`.
  void admitted_in_lane(ReplicaId replica, std::size_t lane, Sequence after, std::size_t limit,
                        std::vector<Admitted>& into);
  // The version of the last departure of a page of at least `limit`.
  StoreSequence departures_until(std::span<const std::string> units, StoreSequence after, std::size_t limit);

  SqliteStatement statement(const char* table, RowKey key, const char* sql) { return {*connection_, table, key, sql}; }

  SqliteConnection* connection_;

  SqliteStatement record_ = statement("record", RowKey::kName,
                                      "SELECT id, kind, unit, version, live, state, base, last_logged, base_epoch, "
                                      "base_version FROM record WHERE id = ?");
  SqliteStatement records_from_ = statement("record", RowKey::kName,
                                            "SELECT id, kind, unit, version, live, state, base, last_logged, "
                                            "base_epoch, base_version FROM record WHERE id >= ? ORDER BY id");
  SqliteStatement counts_ = statement(
      "counts", RowKey::kNumber,
      "SELECT 0, (SELECT count(*) FROM reference), (SELECT count(*) FROM match_key), (SELECT count(*) FROM claim),"
      " (SELECT count(*) FROM search), (SELECT count(*) FROM class_name)");
  SqliteStatement search_text_ = statement("search", RowKey::kName, "SELECT record, body FROM search WHERE record = ?");
  SqliteStatement personal_ =
      statement("personal", RowKey::kName, "SELECT record, body FROM personal WHERE record = ?");
  SqliteStatement personal_from_ =
      statement("personal", RowKey::kName, "SELECT record, body FROM personal WHERE record >= ? ORDER BY record");
  SqliteStatement references_from_ = statement(
      "reference", RowKey::kName,
      "SELECT target, source, kind, field FROM reference WHERE target >= ? ORDER BY target, source, kind, field");
  SqliteStatement class_names_from_ = statement(
      "class_name", RowKey::kName, "SELECT record, account FROM class_name WHERE record >= ? ORDER BY record");
  SqliteStatement accounts_from_ =
      statement("account", RowKey::kName, "SELECT id, cells, claims FROM account WHERE id >= ? ORDER BY id");
  SqliteStatement references_ =
      statement("reference", RowKey::kName,
                "SELECT target, source, kind, field FROM reference WHERE target = ? ORDER BY source, kind, field");
  SqliteStatement class_name_ =
      statement("class_name", RowKey::kName, "SELECT record, account FROM class_name WHERE record = ?");
  SqliteStatement account_ = statement("account", RowKey::kName, "SELECT id, cells, claims FROM account WHERE id = ?");
  SqliteStatement claimants_ = statement(
      "claim", RowKey::kNumber, "SELECT number, claimant FROM claim WHERE number = ? AND key = ? ORDER BY claimant");
  SqliteStatement matches_ =
      statement("match_key", RowKey::kNumber,
                "SELECT number, record FROM match_key WHERE number = ? AND digest = ? ORDER BY record");
  SqliteStatement total_ = statement("total", RowKey::kText, "SELECT unit, own, subtree FROM total WHERE unit = ?");
  SqliteStatement case_ = statement("open_case", RowKey::kText, "SELECT id, body FROM open_case WHERE id = ?");
  SqliteStatement runs_ =
      statement("run", RowKey::kNumber,
                "SELECT replica, first, last, tag, parent_tag, key_tag FROM run WHERE replica = ? ORDER BY first, tag");
  SqliteStatement tips_ =
      statement("tip", RowKey::kName, "SELECT name, hash FROM tip WHERE name BETWEEN ? AND ? ORDER BY name");
  SqliteStatement block_keys_ =
      statement("block_key", RowKey::kNumber,
                "SELECT replica, block, tag, key FROM block_key WHERE replica = ? ORDER BY block, tag");
  SqliteStatement change_keys_ = statement("change_key", RowKey::kName,
                                           "SELECT name, key FROM change_key WHERE name BETWEEN ? AND ? ORDER BY name");
  SqliteStatement erased_ = statement(
      "erased", RowKey::kName,
      "SELECT name, version, commitments FROM erased WHERE name BETWEEN ? AND ? AND version > ? ORDER BY name");
  SqliteStatement units_ =
      statement("unit", RowKey::kName,
                "SELECT record, code, name, level, parent, parent_ms, parent_by FROM unit ORDER BY record");
  SqliteStatement setting_ = statement("setting", RowKey::kText, "SELECT name, body FROM setting WHERE name = ?");
  SqliteStatement settings_ = statement(
      "setting", RowKey::kText, "SELECT name, body FROM setting WHERE name > ? AND name < ? ORDER BY name LIMIT ?");

  SqliteStatement log_row_ = statement(
      "log", RowKey::kNumber,
      "SELECT sequence, name, parent_tag, record, verdict, reason, received_ms, hash, change, previous FROM log"
      " WHERE sequence = ?");
  SqliteStatement log_ = statement(
      "log", RowKey::kNumber,
      "SELECT sequence, name, parent_tag, record, verdict, reason, received_ms, hash, change, previous FROM log"
      " WHERE sequence > ? ORDER BY sequence LIMIT ?");
  SqliteStatement last_sequence_ =
      statement("log", RowKey::kNumber, "SELECT sequence FROM log ORDER BY sequence DESC LIMIT 1");
  SqliteStatement last_lane_ =
      statement("segment", RowKey::kNumber, "SELECT lane FROM segment WHERE replica = ? ORDER BY lane DESC LIMIT 1");
  SqliteStatement segment_of_ =
      statement("segment", RowKey::kNumber,
                "SELECT first, store_first, count FROM segment WHERE replica = ? AND lane = ? AND first <= ?"
                " ORDER BY first DESC LIMIT 1");
  SqliteStatement segments_after_ = statement(
      "segment", RowKey::kNumber,
      "SELECT first, store_first, count FROM segment WHERE replica = ? AND lane = ? AND first > ? ORDER BY first");
  SqliteStatement scan_ = statement("record", RowKey::kName,
                                    "SELECT id, kind, unit, version, live, state, base, last_logged, base_epoch, "
                                    "base_version FROM record WHERE id > ?"
                                    " ORDER BY id LIMIT ?");
  SqliteStatement scan_kind_ =
      statement("record", RowKey::kName,
                "SELECT id, kind, unit, version, live, state, base, last_logged, base_epoch, base_version FROM record"
                " WHERE kind = ? AND id > ? ORDER BY id LIMIT ?");
  SqliteStatement feed_ =
      statement("record", RowKey::kName,
                "SELECT id, version FROM record WHERE unit = ? AND (version, id) > (?, ?) ORDER BY version, id");
  SqliteStatement departures_ =
      statement("departure", RowKey::kText,
                "SELECT unit, version, record, home FROM departure WHERE unit = ? AND version > ? AND version <= ?"
                " ORDER BY version, record");
  SqliteStatement open_cases_ =
      statement("open_case", RowKey::kText, "SELECT id, body FROM open_case WHERE id > ? ORDER BY id LIMIT ?");
  SqliteStatement all_accounts_ =
      statement("account", RowKey::kName, "SELECT id, cells, claims FROM account WHERE id > ? ORDER BY id LIMIT ?");
  SqliteStatement all_totals_ =
      statement("total", RowKey::kText, "SELECT unit, own, subtree FROM total WHERE unit > ? ORDER BY unit LIMIT ?");
  SqliteStatement search_ = statement("search", RowKey::kName, "SELECT record, unit, body FROM search ORDER BY record");
};

}  // namespace songsong
