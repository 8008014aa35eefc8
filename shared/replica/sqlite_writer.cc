#include "shared/replica/sqlite_writer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>

#include "shared/replica/store_rows.h"

namespace songsong {
namespace {

// Hands the rows over in the order of their keys; equal keys in the order of the batch.
template <class Row, class KeyOf, class Put>
void in_key_order(const std::vector<Row>& rows, KeyOf key_of, Put put) {
  const auto before = [&](const Row& one, const Row& other) { return key_of(one) < key_of(other); };
  if (std::is_sorted(rows.begin(), rows.end(), before)) {
    for (const Row& row : rows) put(row);
    return;
  }
  std::vector<const Row*> sorted;
  sorted.reserve(rows.size());
  for (const Row& row : rows) sorted.push_back(&row);
  // All lie in one vector, so of equal keys the earlier row has the lesser address.
  std::sort(sorted.begin(), sorted.end(), [&](const Row* one, const Row* other) {
    if (before(*one, *other)) return true;
    return !before(*other, *one) && one < other;
  });
  for (const Row* row : sorted) put(*row);
}

constexpr auto kItself = [](const auto& row) -> const auto& { return row; };

std::string_view view(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<SqliteBytes> optional_bytes(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return SqliteBytes{*bytes};
}

template <class... Values>
void run(SqliteStatement& statement, const Values&... values) {
  SqliteQuery(statement, values...).run();
}

}  // namespace

StoreSequence SqliteWriter::apply(const StoreBatch& batch, StoreSequence last) {
  if (batch.drop_books) {
    for (const char* table :
         {"search", "account", "class_name", "reference", "claim", "match_key", "open_case", "total"})
      connection_->execute(std::string("DELETE FROM ") + table);
  }
  put_verdicts(batch);
  last = append_log(batch.log, last);
  put_records(batch);
  put_erasable(batch);
  put_accounts(batch);
  put_places(batch);
  put_lineage(batch);
  put_settings(batch);
  return last;
}

StoreSequence SqliteWriter::append_log(const std::vector<LogRow>& rows, StoreSequence last) {
  Segment segment;
  for (const LogRow& row : rows) {
    if (!row.name.valid()) throw std::logic_error("a change without a name cannot be admitted");
    ++last;
    run(log_, last, row.name, row.parent_tag, row.record, static_cast<std::uint8_t>(row.verdict), row.reason,
        row.received_ms, SqliteBytes{row.hash.view()}, SqliteBytes{row.change}, row.previous);
    if (segment.count == 0 || !segment.continued_by(row.name, last)) {
      if (segment.count != 0) put_segment(segment);
      segment = segment_for(row.name, last);
    }
    ++segment.count;
  }
  if (segment.count != 0) put_segment(segment);
  return last;
}

void SqliteWriter::put_verdicts(const StoreBatch& batch) {
  for (const VerdictRow& row : batch.verdicts) {
    run(put_verdict_, static_cast<std::uint8_t>(row.verdict), row.reason, row.sequence);
  }
}

// The segment that the change goes on, or a new one in the lowest lane that ends before it.
SqliteWriter::Segment SqliteWriter::segment_for(Name name, StoreSequence sequence) {
  std::optional<std::uint32_t> free_lane;
  for (std::uint32_t lane = 0;; ++lane) {
    SqliteQuery query(last_segments_, name.replica(), lane);
    if (!query.step()) return {name.replica(), free_lane.value_or(lane), name.sequence(), sequence, 0};
    const Segment last = {name.replica(), lane, query.number<Sequence>(1), query.number<StoreSequence>(2),
                          query.number<Sequence>(3)};
    if (last.continued_by(name, sequence)) return last;
    if (!free_lane && last.first + last.count <= name.sequence()) free_lane = lane;
  }
}

void SqliteWriter::put_segment(const Segment& segment) {
  run(put_segment_, segment.replica, segment.lane, segment.first, segment.store_first, segment.count);
}

void SqliteWriter::put_records(const StoreBatch& batch) {
  in_key_order(
      batch.records, [](const RecordRow& row) { return row.id; },
      [&](const RecordRow& row) {
        run(put_record_, row.id, row.kind, row.unit, row.version, row.live, SqliteBytes{row.state},
            optional_bytes(row.base), row.last_logged, row.base_epoch, row.base_version);
      });
  in_key_order(
      batch.departures, [](const DepartureRow& row) { return std::tie(row.left, row.version, row.record); },
      [&](const DepartureRow& row) { run(put_departure_, row.left, row.version, row.record, row.home); });
}

void SqliteWriter::put_erasable(const StoreBatch& batch) {
  in_key_order(
      batch.personal, [](const PersonalRow& row) { return row.record; },
      [&](const PersonalRow& row) {
        if (row.values.empty()) return run(drop_personal_, row.record);
        run(put_personal_, row.record, SqliteBytes{row.values});
      });
  in_key_order(
      batch.search, [](const SearchRow& row) { return row.record; },
      [&](const SearchRow& row) {
        if (row.text.empty()) return run(drop_search_, row.record);
        run(put_search_, row.record, row.unit, row.text);
      });
  using Match = std::pair<MatchKey, RecordId>;
  in_key_order(batch.matches_removed, kItself, [&](const Match& match) {
    run(drop_match_, match.first.number, Unsigned64{match.first.digest}, match.second);
  });
  in_key_order(batch.matches_added, kItself, [&](const Match& match) {
    run(put_match_, match.first.number, Unsigned64{match.first.digest}, match.second);
  });
}

void SqliteWriter::put_accounts(const StoreBatch& batch) {
  in_key_order(batch.references_removed, kItself, [&](const ReferenceTo& reference) {
    run(drop_reference_, reference.target, reference.source, reference.source_kind, reference.field);
  });
  in_key_order(batch.references_added, kItself, [&](const ReferenceTo& reference) {
    run(put_reference_, reference.target, reference.source, reference.source_kind, reference.field);
  });
  for (const auto& [record, account] : batch.class_names) {
    if (record == account)
      run(drop_class_name_, record);
    else
      run(put_class_name_, record, account);
  }
  in_key_order(
      batch.accounts, [](const AccountRow& row) { return row.id; },
      [&](const AccountRow& row) {
        if (row.cells.empty() && row.claims.empty()) return run(drop_account_, row.id);
        const std::string cells = encode_cells(row.cells, "");
        const std::string claims = encode_claims(row.claims);
        run(put_account_, row.id, SqliteBytes{cells}, SqliteBytes{claims});
      });
  in_key_order(batch.claims_removed, kItself,
               [&](const ClaimKey& claim) { run(drop_claim_, claim.number, SqliteBytes{claim.key}, claim.claimant); });
  in_key_order(batch.claims_added, kItself,
               [&](const ClaimKey& claim) { run(put_claim_, claim.number, SqliteBytes{claim.key}, claim.claimant); });
}

void SqliteWriter::put_places(const StoreBatch& batch) {
  in_key_order(
      batch.totals, [](const TotalsRow& row) -> const std::string& { return row.unit; },
      [&](const TotalsRow& row) {
        if (row.own.empty() && row.subtree.empty()) return run(drop_total_, row.unit);
        const std::string own = encode_cells(row.own, row.unit);
        const std::string subtree = encode_cells(row.subtree, row.unit);
        run(put_total_, row.unit, SqliteBytes{own}, SqliteBytes{subtree});
      });
  in_key_order(batch.cases_closed, kItself, [&](const std::string& id) { run(drop_case_, id); });
  in_key_order(
      batch.cases, [](const CaseRow& row) -> const std::string& { return row.raised.id; },
      [&](const CaseRow& row) {
        const std::string body = encode_case(row);
        run(put_case_, row.raised.id, SqliteBytes{body});
      });
  in_key_order(batch.units_dropped, kItself, [&](RecordId record) { run(drop_unit_, record); });
  in_key_order(
      batch.units, [](const Unit& unit) { return unit.record; },
      [&](const Unit& unit) {
        run(put_unit_, unit.record, unit.code, unit.name, unit.level, unit.parent, unit.parent_ms, unit.parent_by);
      });
}

void SqliteWriter::put_lineage(const StoreBatch& batch) {
  in_key_order(
      batch.runs, [](const RunRow& row) { return std::tuple(row.replica, row.run.first, row.run.tag); },
      [&](const RunRow& row) {
        run(put_run_, row.replica, row.run.first, row.run.tag, row.run.last, row.run.parent_tag, row.key_tag);
      });
  in_key_order(batch.tips_dropped, kItself, [&](Name name) { run(drop_tip_, name); });
  in_key_order(
      batch.tips, [](const TipRow& row) { return row.name; },
      [&](const TipRow& row) { run(put_tip_, row.name, SqliteBytes{row.hash.view()}); });
  in_key_order(
      batch.block_keys, [](const BlockKeyRow& row) { return row.block; },
      [&](const BlockKeyRow& row) {
        const std::string_view key = row.key ? view(row.key->view()) : std::string_view();
        run(put_block_key_, row.block.replica, row.block.block, row.block.tag, SqliteBytes{key});
      });
  in_key_order(
      batch.change_keys, [](const ChangeKeyRow& row) { return row.name; },
      [&](const ChangeKeyRow& row) {
        if (!row.key) return run(drop_change_key_, row.name);
        run(put_change_key_, row.name, SqliteBytes{view(row.key->view())});
      });
  in_key_order(
      batch.erased, [](const ErasedRow& row) { return row.name; },
      [&](const ErasedRow& row) {
        const std::string commitments = join_commitments(row.commitments);
        run(put_erased_, row.name, row.version, SqliteBytes{commitments});
      });
}

void SqliteWriter::put_settings(const StoreBatch& batch) {
  for (const auto& [name, value] : batch.settings) {
    if (value.empty())
      run(drop_setting_, name);
    else
      run(put_setting_, name, SqliteBytes{value});
  }
}

}  // namespace songsong
