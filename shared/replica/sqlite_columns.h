// Sqlite columns: how the reader makes rows of columns, in the order in which its SELECTs name them.
//
// The query stands on a row. Errors: StorageError "storage_damaged" with table and row named.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "shared/replica/sqlite.h"
#include "shared/replica/store.h"

namespace songsong {

RecordRow record_row(
    const SqliteQuery& query);  // id, kind, unit, version, live, state, base, last_logged, base_epoch, base_version
LogRow log_row(const SqliteQuery&
                   query);  // sequence, name, parent_tag, record, verdict, reason, received_ms, hash, change, previous
AccountRow account_row(const SqliteQuery& query);       // id, cells, claims
TotalsRow totals_row(const SqliteQuery& query);         // unit, own, subtree
CaseRow case_row(const SqliteQuery& query);             // id, body
RunRow run_row(const SqliteQuery& query);               // replica, first, last, tag, parent_tag, key_tag
TipRow tip_row(const SqliteQuery& query);               // name, hash
BlockKeyRow block_key_row(const SqliteQuery& query);    // replica, block, tag, key
ChangeKeyRow change_key_row(const SqliteQuery& query);  // name, key
ErasedRow erased_row(const SqliteQuery& query);         // name, version, commitments
Unit unit_row(const SqliteQuery& query);                // record, code, name, level, parent, parent_ms, parent_by
ReferenceTo reference_row(const SqliteQuery& query);    // target, source, kind, field
DepartureRow departure_row(const SqliteQuery& query);   // unit, version, record, home

// The value of an outcome, or damage in this row.
template <class Value>
Value decoded(const SqliteQuery& query, Outcome<Value> outcome) {
  if (!outcome.ok()) query.fail_damaged(outcome.fault().where + ": " + outcome.fault().what);
  return std::move(*outcome);
}

template <class MakeRow>
auto all_rows(SqliteQuery&& query, MakeRow make_row) {
  std::vector<decltype(make_row(query))> rows;
  while (query.step()) rows.push_back(make_row(query));
  return rows;
}

template <class MakeRow>
auto one_row(SqliteQuery&& query, MakeRow make_row) {
  std::optional<decltype(make_row(query))> row;
  if (query.step()) row = make_row(query);
  return row;
}

}  // namespace songsong
