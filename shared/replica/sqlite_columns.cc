#include "shared/replica/sqlite_columns.h"

#include <cstdint>
#include <limits>
#include <string>

#include "shared/replica/store_rows.h"

namespace songsong {
namespace {

constexpr auto kMaxStoreSequence = static_cast<StoreSequence>(std::numeric_limits<std::int64_t>::max());

template <class Fixed>
Fixed fixed(const SqliteQuery& query, int column) {
  return decoded(query, Fixed::from_bytes(query.bytes(column), "column " + std::to_string(column)));
}

}  // namespace

RecordRow record_row(const SqliteQuery& query) {
  RecordRow row;
  row.id = query.name(0);
  row.kind = query.number<KindNumber>(1);
  row.unit = query.text(2);
  row.version = query.number(3, kMaxStoreSequence);
  row.live = query.flag(4);
  row.state = query.bytes(5);
  if (!query.is_null(6)) row.base = query.bytes(6);
  row.last_logged = query.number(7, kMaxStoreSequence);
  row.base_epoch = query.number(8, kMaxStoreSequence);
  row.base_version = query.number(9, kMaxStoreSequence);
  return row;
}

LogRow log_row(const SqliteQuery& query) {
  LogRow row;
  row.sequence = query.number(0, kMaxStoreSequence);
  row.name = query.name(1);
  row.parent_tag = query.number(2, kMaxTag);
  row.record = query.name(3);
  const auto verdict = query.number<std::uint8_t>(4);
  if (verdict != static_cast<std::uint8_t>(Verdict::kApplied) &&
      verdict != static_cast<std::uint8_t>(Verdict::kQuarantined)) {
    query.fail_damaged("the verdict is none");
  }
  row.verdict = static_cast<Verdict>(verdict);
  row.reason = query.text(5);
  row.received_ms = query.integer(6);
  row.hash = fixed<ChainHash>(query, 7);
  row.change = query.bytes(8);
  row.previous = query.number(9, kMaxStoreSequence);
  return row;
}

AccountRow account_row(const SqliteQuery& query) {
  AccountRow row;
  row.id = query.name(0);
  row.cells = decoded(query, decode_cells(query.bytes(1), ""));
  row.claims = decoded(query, decode_claims(query.bytes(2)));
  return row;
}

TotalsRow totals_row(const SqliteQuery& query) {
  TotalsRow row;
  row.unit = query.text(0);
  row.own = decoded(query, decode_cells(query.bytes(1), row.unit));
  row.subtree = decoded(query, decode_cells(query.bytes(2), row.unit));
  return row;
}

CaseRow case_row(const SqliteQuery& query) {
  const std::string id(query.text(0));
  return decoded(query, decode_case(query.bytes(1), id));
}

RunRow run_row(const SqliteQuery& query) {
  RunRow row;
  row.replica = query.number(0, kMaxReplica);
  row.run.first = query.number(1, kMaxSequence);
  row.run.last = query.number(2, kMaxSequence);
  row.run.tag = query.number(3, kMaxTag);
  row.run.parent_tag = query.number(4, kMaxTag);
  row.key_tag = query.number(5, kMaxTag);
  return row;
}

TipRow tip_row(const SqliteQuery& query) { return {query.name(0), fixed<ChainHash>(query, 1)}; }

BlockKeyRow block_key_row(const SqliteQuery& query) {
  BlockKeyRow row;
  row.block.replica = query.number(0, kMaxReplica);
  row.block.block = query.number<std::uint32_t>(1);
  row.block.tag = query.number(2, kMaxTag);
  if (!query.bytes(3).empty()) row.key = fixed<BlockKey>(query, 3);
  return row;
}

ChangeKeyRow change_key_row(const SqliteQuery& query) { return {query.name(0), fixed<ChangeKey>(query, 1)}; }

ErasedRow erased_row(const SqliteQuery& query) {
  return {query.name(0), query.number(1, kMaxStoreSequence), decoded(query, split_commitments(query.bytes(2)))};
}

Unit unit_row(const SqliteQuery& query) {
  Unit unit;
  unit.record = query.name(0);
  unit.code = query.text(1);
  unit.name = query.text(2);
  unit.level = query.text(3);
  unit.parent = query.text(4);
  unit.parent_ms = query.integer(5);
  unit.parent_by = query.name(6);
  return unit;
}

ReferenceTo reference_row(const SqliteQuery& query) {
  return {query.name(0), query.name(1), query.number<KindNumber>(2), query.number<FieldNumber>(3)};
}

DepartureRow departure_row(const SqliteQuery& query) {
  return {std::string(query.text(0)), query.number(1, kMaxStoreSequence), query.name(2), std::string(query.text(3))};
}

}  // namespace songsong
