#include "shared/replica/sqlite_reader.h"

#include <algorithm>
#include <utility>

#include "shared/replica/sqlite_columns.h"

namespace songsong {
namespace {

// One answer for each that was asked for, in that order.
template <class Asked, class Answer>
auto each(std::span<const Asked> asked, Answer answer) {
  std::vector<decltype(answer(asked.front()))> answers;
  answers.reserve(asked.size());
  for (const Asked& one : asked) answers.push_back(answer(one));
  return answers;
}

// Fewer are asked for one by one.
constexpr std::size_t kLeastSwept = 8;
// Rows in a row that nobody asked for, before the table is asked anew.
constexpr std::size_t kMostPassed = 2;

// Hands over all rows of the records, with the place of each among the ids. Where many are asked for in their order the
// table is walked as long as it holds what is asked for, so that the new records of a phone, of which it holds none,
// cost one look together.
template <class Take>
void rows_of(std::span<const RecordId> ids, SqliteStatement& one, SqliteStatement& from, const Take& take) {
  if (ids.size() < kLeastSwept || !std::is_sorted(ids.begin(), ids.end())) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      SqliteQuery query(one, ids[i]);
      while (query.step()) take(i, query);
    }
    return;
  }
  for (auto at = ids.begin(); at != ids.end();) {
    SqliteQuery query(from, *at);
    for (std::size_t passed = 0; passed <= kMostPassed;) {
      if (!query.step()) return;
      const RecordId id = query.name(0);
      at = std::lower_bound(at, ids.end(), id);
      if (at == ids.end()) return;
      passed = *at == id ? 0 : passed + 1;
      for (auto same = at; same != ids.end() && *same == id; ++same)
        take(static_cast<std::size_t>(same - ids.begin()), query);
    }
  }
}

}  // namespace

std::optional<RecordRow> SqliteReader::record(RecordId id) { return one_row(SqliteQuery(record_, id), record_row); }

std::vector<std::optional<RecordRow>> SqliteReader::records(std::span<const RecordId> ids) {
  std::vector<std::optional<RecordRow>> rows(ids.size());
  rows_of(ids, record_, records_from_, [&](std::size_t i, const SqliteQuery& query) { rows[i] = record_row(query); });
  return rows;
}

std::vector<std::string> SqliteReader::personal(std::span<const RecordId> ids) {
  std::vector<std::string> values(ids.size());
  rows_of(ids, personal_, personal_from_, [&](std::size_t i, const SqliteQuery& query) { values[i] = query.bytes(1); });
  return values;
}

std::vector<std::string> SqliteReader::search_texts(std::span<const RecordId> ids) {
  return each(ids, [&](RecordId id) {
    SqliteQuery query(search_text_, id);
    return query.step() ? std::string(query.text(1)) : std::string();
  });
}

StoreCounts SqliteReader::counts() {
  SqliteQuery query(counts_);
  StoreCounts counts;
  if (!query.step()) return counts;
  std::uint64_t* const numbers[] = {&counts.references, &counts.matches, &counts.claims, &counts.search,
                                    &counts.class_names};
  for (int column = 1; std::uint64_t* const number : numbers) *number = query.number<std::uint64_t>(column++);
  return counts;
}

std::vector<std::vector<ReferenceTo>> SqliteReader::references_to(std::span<const RecordId> targets) {
  std::vector<std::vector<ReferenceTo>> references(targets.size());
  rows_of(targets, references_, references_from_,
          [&](std::size_t i, const SqliteQuery& query) { references[i].push_back(reference_row(query)); });
  return references;
}

std::vector<RecordId> SqliteReader::class_names(std::span<const RecordId> ids) {
  std::vector<RecordId> names(ids.begin(), ids.end());
  rows_of(ids, class_name_, class_names_from_,
          [&](std::size_t i, const SqliteQuery& query) { names[i] = query.name(1); });
  return names;
}

std::vector<std::optional<AccountRow>> SqliteReader::accounts(std::span<const RecordId> ids) {
  std::vector<std::optional<AccountRow>> rows(ids.size());
  rows_of(ids, account_, accounts_from_,
          [&](std::size_t i, const SqliteQuery& query) { rows[i] = account_row(query); });
  return rows;
}

std::vector<std::vector<RecordId>> SqliteReader::claimants(std::span<const ClaimKey> keys) {
  return each(keys, [&](const ClaimKey& key) {
    return all_rows(SqliteQuery(claimants_, key.number, SqliteBytes{key.key}),
                    [](const SqliteQuery& query) { return query.name(1); });
  });
}

std::vector<std::vector<RecordId>> SqliteReader::matches(std::span<const MatchKey> keys) {
  return each(keys, [&](const MatchKey& key) {
    return all_rows(SqliteQuery(matches_, key.number, Unsigned64{key.digest}),
                    [](const SqliteQuery& query) { return query.name(1); });
  });
}

std::vector<std::optional<TotalsRow>> SqliteReader::totals(std::span<const std::string> units) {
  return each(units, [&](const std::string& unit) { return one_row(SqliteQuery(total_, unit), totals_row); });
}

std::vector<std::optional<CaseRow>> SqliteReader::cases(std::span<const std::string> ids) {
  return each(ids, [&](const std::string& id) { return one_row(SqliteQuery(case_, id), case_row); });
}

std::vector<std::vector<RunRow>> SqliteReader::runs(std::span<const ReplicaId> replicas) {
  return each(replicas, [&](ReplicaId replica) { return all_rows(SqliteQuery(runs_, replica), run_row); });
}

std::vector<std::vector<TipRow>> SqliteReader::tips(std::span<const ReplicaId> replicas) {
  return each(replicas, [&](ReplicaId replica) {
    return all_rows(SqliteQuery(tips_, Name(replica, 0, 0), Name(replica, kMaxSequence, kMaxTag)), tip_row);
  });
}

std::vector<ChangeKeyRow> SqliteReader::change_keys(ReplicaId replica) {
  return all_rows(SqliteQuery(change_keys_, Name(replica, 0, 0), Name(replica, kMaxSequence, kMaxTag)), change_key_row);
}

std::vector<ErasedRow> SqliteReader::erased(ReplicaId replica, StoreSequence after) {
  return all_rows(SqliteQuery(erased_, Name(replica, 0, 0), Name(replica, kMaxSequence, kMaxTag), after), erased_row);
}

std::vector<BlockKeyRow> SqliteReader::block_keys(ReplicaId replica) {
  return all_rows(SqliteQuery(block_keys_, replica), block_key_row);
}

std::vector<Unit> SqliteReader::units() { return all_rows(SqliteQuery(units_), unit_row); }

std::string SqliteReader::setting(const std::string& name) {
  SqliteQuery query(setting_, name);
  return query.step() ? std::string(query.bytes(1)) : std::string();
}

StoreSequence SqliteReader::last_sequence() {
  SqliteQuery query(last_sequence_);
  return query.step() ? query.number<StoreSequence>(0) : 0;
}

std::optional<LogRow> SqliteReader::log_row(StoreSequence sequence) {
  return one_row(SqliteQuery(log_row_, sequence), songsong::log_row);
}

LogRow SqliteReader::admitted_row(ReplicaId replica, Admitted admitted) {
  std::optional<LogRow> row = log_row(admitted.store_sequence);
  if (!row || row->name.replica() != replica || row->name.sequence() != admitted.sequence) {
    connection_->fail_damaged("segment, replica " + std::to_string(replica),
                              "a change is not in the log at " + std::to_string(admitted.store_sequence));
  }
  return std::move(*row);
}

std::size_t SqliteReader::lanes(ReplicaId replica) {
  SqliteQuery query(last_lane_, replica);
  return query.step() ? std::size_t{query.number<std::uint32_t>(0)} + 1 : 0;
}

// Of several changes under one name (equal tags by chance) the one that was admitted first.
std::optional<LogRow> SqliteReader::change(Name name) {
  std::optional<LogRow> found;
  const std::size_t count = lanes(name.replica());
  for (std::size_t lane = 0; lane < count; ++lane) {
    SqliteQuery query(segment_of_, name.replica(), lane, name.sequence());
    if (!query.step()) continue;
    const Sequence offset = name.sequence() - query.number<Sequence>(0);
    if (offset >= query.number<Sequence>(2)) continue;
    LogRow row = admitted_row(name.replica(), {name.sequence(), query.number<StoreSequence>(1) + offset});
    if (row.name == name && (!found || row.sequence < found->sequence)) found = std::move(row);
  }
  return found;
}

std::vector<std::optional<LogRow>> SqliteReader::log_at(std::span<const StoreSequence> sequences) {
  return each(sequences, [&](StoreSequence sequence) { return log_row(sequence); });
}

std::vector<std::optional<LogRow>> SqliteReader::changes(std::span<const Name> names) {
  return each(names, [&](Name name) { return change(name); });
}

}  // namespace songsong
