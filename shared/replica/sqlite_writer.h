// SqliteWriter: puts a StoreBatch into the tables, over a connection that is in a write transaction.
//
// Rows go in in the order of their keys, so that neighbours in the table are written one after the other. Of rows with
// one key the last of the batch stands. What goes (removed, closed, dropped) goes before what comes.
//
// Threads: the connection's one. Errors: StorageError; a log row whose name is not valid() is a programming error
// (std::logic_error). Either way the caller rolls the transaction back.
#pragma once

#include <vector>

#include "shared/replica/sqlite.h"
#include "shared/replica/store.h"

namespace songsong {

class SqliteWriter {
 public:
  // The connection outlives the writer.
  explicit SqliteWriter(SqliteConnection& connection) : connection_(&connection) {}

  // The log rows take the store sequences after `last`; the last one given comes back.
  StoreSequence apply(const StoreBatch& batch, StoreSequence last);

 private:
  // Changes of one replica that stand one after the other in its chain and in the log (STORE.md, segment).
  struct Segment {
    ReplicaId replica = 0;
    std::uint32_t lane = 0;
    Sequence first = 0;
    StoreSequence store_first = 0;
    Sequence count = 0;

    bool continued_by(Name name, StoreSequence sequence) const {
      return name.replica() == replica && name.sequence() == first + count && sequence == store_first + count;
    }
  };

  StoreSequence append_log(const std::vector<LogRow>& rows, StoreSequence last);
  void put_verdicts(const StoreBatch& batch);
  Segment segment_for(Name name, StoreSequence sequence);
  void put_segment(const Segment& segment);

  void put_records(const StoreBatch& batch);
  void put_erasable(const StoreBatch& batch);
  void put_accounts(const StoreBatch& batch);
  void put_places(const StoreBatch& batch);
  void put_lineage(const StoreBatch& batch);
  void put_settings(const StoreBatch& batch);

  SqliteStatement statement(const char* table, const char* sql) { return {*connection_, table, RowKey::kNumber, sql}; }

  SqliteConnection* connection_;

  SqliteStatement log_ = statement("log", "INSERT INTO log VALUES(?,?,?,?,?,?,?,?,?,?)");
  SqliteStatement put_verdict_ = statement("log", "UPDATE log SET verdict = ?, reason = ? WHERE sequence = ?");
  SqliteStatement last_segments_ =
      statement("segment",
                "SELECT lane, first, store_first, count FROM segment WHERE replica = ? AND lane = ?"
                " ORDER BY first DESC LIMIT 1");
  SqliteStatement put_segment_ = statement("segment", "INSERT OR REPLACE INTO segment VALUES(?,?,?,?,?)");

  SqliteStatement put_record_ = statement("record", "INSERT OR REPLACE INTO record VALUES(?,?,?,?,?,?,?,?,?,?)");
  SqliteStatement put_departure_ = statement("departure", "INSERT OR REPLACE INTO departure VALUES(?,?,?,?)");

  SqliteStatement put_personal_ = statement("personal", "INSERT OR REPLACE INTO personal VALUES(?,?)");
  SqliteStatement drop_personal_ = statement("personal", "DELETE FROM personal WHERE record = ?");
  SqliteStatement put_search_ = statement("search", "INSERT OR REPLACE INTO search VALUES(?,?,?)");
  SqliteStatement drop_search_ = statement("search", "DELETE FROM search WHERE record = ?");
  SqliteStatement put_match_ = statement("match_key", "INSERT OR IGNORE INTO match_key VALUES(?,?,?)");
  SqliteStatement drop_match_ =
      statement("match_key", "DELETE FROM match_key WHERE number = ? AND digest = ? AND record = ?");

  SqliteStatement put_reference_ = statement("reference", "INSERT OR IGNORE INTO reference VALUES(?,?,?,?)");
  SqliteStatement drop_reference_ =
      statement("reference", "DELETE FROM reference WHERE target = ? AND source = ? AND kind = ? AND field = ?");
  SqliteStatement put_class_name_ = statement("class_name", "INSERT OR REPLACE INTO class_name VALUES(?,?)");
  SqliteStatement drop_class_name_ = statement("class_name", "DELETE FROM class_name WHERE record = ?");
  SqliteStatement put_account_ = statement("account", "INSERT OR REPLACE INTO account VALUES(?,?,?)");
  SqliteStatement drop_account_ = statement("account", "DELETE FROM account WHERE id = ?");
  SqliteStatement put_claim_ = statement("claim", "INSERT OR IGNORE INTO claim VALUES(?,?,?)");
  SqliteStatement drop_claim_ = statement("claim", "DELETE FROM claim WHERE number = ? AND key = ? AND claimant = ?");
  SqliteStatement put_total_ = statement("total", "INSERT OR REPLACE INTO total VALUES(?,?,?)");
  SqliteStatement drop_total_ = statement("total", "DELETE FROM total WHERE unit = ?");
  SqliteStatement put_case_ = statement("open_case", "INSERT OR REPLACE INTO open_case VALUES(?,?)");
  SqliteStatement drop_case_ = statement("open_case", "DELETE FROM open_case WHERE id = ?");

  SqliteStatement put_unit_ = statement("unit", "INSERT OR REPLACE INTO unit VALUES(?,?,?,?,?,?,?)");
  SqliteStatement drop_unit_ = statement("unit", "DELETE FROM unit WHERE record = ?");
  SqliteStatement put_run_ = statement("run", "INSERT OR REPLACE INTO run VALUES(?,?,?,?,?,?)");
  SqliteStatement put_tip_ = statement("tip", "INSERT OR REPLACE INTO tip VALUES(?,?)");
  SqliteStatement drop_tip_ = statement("tip", "DELETE FROM tip WHERE name = ?");
  SqliteStatement put_block_key_ = statement("block_key", "INSERT OR REPLACE INTO block_key VALUES(?,?,?,?)");
  SqliteStatement put_change_key_ = statement("change_key", "INSERT OR REPLACE INTO change_key VALUES(?,?)");
  SqliteStatement drop_change_key_ = statement("change_key", "DELETE FROM change_key WHERE name = ?");
  SqliteStatement put_erased_ = statement("erased", "INSERT OR REPLACE INTO erased VALUES(?,?,?)");
  SqliteStatement put_setting_ = statement("setting", "INSERT OR REPLACE INTO setting VALUES(?,?)");
  SqliteStatement drop_setting_ = statement("setting", "DELETE FROM setting WHERE name = ?");
};

}  // namespace songsong
