// The pages of SqliteReader.
#include <algorithm>
#include <limits>
#include <queue>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "shared/replica/sqlite_columns.h"
#include "shared/replica/sqlite_reader.h"

namespace songsong {
namespace {

constexpr StoreSequence kBeyondAll = std::numeric_limits<StoreSequence>::max();

// Ascending, each once.
std::vector<std::string_view> distinct(std::span<const std::string> units) {
  std::vector<std::string_view> sorted(units.begin(), units.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

// The least `limit` of the values that are offered, which come from several ascending lists.
template <class Value>
class Least {
 public:
  explicit Least(std::size_t limit) : limit_(limit) {}

  // False: neither this nor anything greater belongs to the least.
  bool offer(const Value& value) {
    if (heap_.size() < limit_) return heap_.push(value), true;
    if (limit_ == 0 || !(value < heap_.top())) return false;
    heap_.pop();
    heap_.push(value);
    return true;
  }

  std::size_t size() const { return heap_.size(); }
  const Value& greatest() const { return heap_.top(); }

  std::vector<Value> ascending() && {
    std::vector<Value> values(heap_.size());
    for (std::size_t left = values.size(); left-- > 0; heap_.pop()) values[left] = heap_.top();
    return values;
  }

 private:
  std::size_t limit_;
  std::priority_queue<Value> heap_;
};

bool holds_all(std::string_view text, std::span<const std::string> words) {
  return std::all_of(words.begin(), words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

std::vector<LogRow> SqliteReader::log(StoreSequence after, std::size_t limit) {
  return all_rows(SqliteQuery(log_, after, limit), songsong::log_row);
}

void SqliteReader::admitted_in_lane(ReplicaId replica, std::size_t lane, Sequence after, std::size_t limit,
                                    std::vector<Admitted>& into) {
  const std::size_t most = into.size() + std::min(limit, std::size_t{kMaxSequence});
  const auto take = [&](const SqliteQuery& query) {
    const auto first = query.number<Sequence>(0);
    const auto store_first = query.number<StoreSequence>(1);
    const auto count = query.number<Sequence>(2, kMaxSequence);
    for (Sequence offset = after < first ? 0 : after - first + 1; offset < count && into.size() < most; ++offset) {
      into.push_back({first + offset, store_first + offset});
    }
  };
  {
    SqliteQuery query(segment_of_, replica, lane, after);
    if (query.step()) take(query);
  }
  SqliteQuery query(segments_after_, replica, lane, after);
  while (into.size() < most && query.step()) take(query);
}

// Each lane gives as many as the page may have, so whatever shares the last sequence of the page is among them.
std::vector<LogRow> SqliteReader::log_of(ReplicaId replica, Sequence after, std::size_t limit) {
  if (limit == 0) return {};
  std::vector<Admitted> admitted;
  const std::size_t count = lanes(replica);
  for (std::size_t lane = 0; lane < count; ++lane) admitted_in_lane(replica, lane, after, limit, admitted);
  std::sort(admitted.begin(), admitted.end());
  if (admitted.size() > limit) {
    const Sequence last = admitted[limit - 1].sequence;
    std::erase_if(admitted, [&](const Admitted& one) { return one.sequence > last; });
  }

  std::vector<LogRow> rows;
  rows.reserve(admitted.size());
  for (const Admitted& one : admitted) rows.push_back(admitted_row(replica, one));
  std::sort(rows.begin(), rows.end(), [](const LogRow& one, const LogRow& other) {
    return std::pair(one.name, one.sequence) < std::pair(other.name, other.sequence);
  });
  return rows;
}

std::vector<RecordRow> SqliteReader::scan(KindNumber kind, RecordId after, std::size_t limit) {
  if (kind == 0) return all_rows(SqliteQuery(scan_, after, limit), record_row);
  return all_rows(SqliteQuery(scan_kind_, kind, after, limit), record_row);
}

std::vector<RecordRow> SqliteReader::feed(std::span<const std::string> units, FeedPosition after, std::size_t limit) {
  Least<FeedPosition> least(limit);
  for (const std::string_view unit : distinct(units)) {
    SqliteQuery query(feed_, unit, after.version, after.record);
    while (query.step() && least.offer({query.number<StoreSequence>(1), query.name(0)})) {
    }
  }

  std::vector<RecordRow> rows;
  rows.reserve(least.size());
  for (const FeedPosition& position : std::move(least).ascending()) {
    std::optional<RecordRow> row = record(position.record);
    if (!row) connection_->fail_damaged("record_feed, row " + to_text(position.record), "a record is missing");
    rows.push_back(std::move(*row));
  }
  return rows;
}

StoreSequence SqliteReader::departures_until(std::span<const std::string> units, StoreSequence after,
                                             std::size_t limit) {
  Least<StoreSequence> least(limit);
  for (const std::string_view unit : distinct(units)) {
    SqliteQuery query(departures_, unit, after, kBeyondAll);
    while (query.step() && least.offer(query.number<StoreSequence>(1))) {
    }
  }
  return least.size() < limit ? kBeyondAll : least.greatest();
}

std::vector<DepartureRow> SqliteReader::departures(std::span<const std::string> units, StoreSequence after,
                                                   std::size_t limit) {
  if (limit == 0) return {};
  const StoreSequence until = departures_until(units, after, limit);
  std::vector<DepartureRow> rows;
  for (const std::string_view unit : distinct(units)) {
    SqliteQuery query(departures_, unit, after, until);
    while (query.step()) rows.push_back(departure_row(query));
  }
  std::sort(rows.begin(), rows.end(), [](const DepartureRow& one, const DepartureRow& other) {
    return std::tie(one.version, one.record, one.left) < std::tie(other.version, other.record, other.left);
  });
  return rows;
}

std::vector<CaseRow> SqliteReader::open_cases(const std::string& after_id, std::size_t limit) {
  return all_rows(SqliteQuery(open_cases_, after_id, limit), case_row);
}

std::vector<AccountRow> SqliteReader::all_accounts(RecordId after, std::size_t limit) {
  return all_rows(SqliteQuery(all_accounts_, after, limit), account_row);
}

std::vector<TotalsRow> SqliteReader::all_totals(const std::string& after_unit, std::size_t limit) {
  return all_rows(SqliteQuery(all_totals_, after_unit, limit), totals_row);
}

// Names are UTF-8, so whatever begins with the prefix stands before the prefix with the greatest character after it.
std::vector<std::pair<std::string, std::string>> SqliteReader::settings(const std::string& prefix,
                                                                        const std::string& after_name,
                                                                        std::size_t limit) {
  std::vector<std::pair<std::string, std::string>> rows;
  const std::string end = prefix + "\xF4\x8F\xBF\xBF";
  SqliteQuery query(settings_, std::max(prefix, after_name), end, limit);
  while (query.step()) rows.emplace_back(query.text(0), query.bytes(1));
  return rows;
}

// The words are looked for here, not in SQL: one statement serves any number of them, and finding bytes is what
// string_view does fastest.
std::vector<RecordId> SqliteReader::search(std::span<const std::string> words, std::span<const std::string> units,
                                           std::size_t limit) {
  const std::vector<std::string_view> within = distinct(units);
  std::vector<RecordId> found;
  SqliteQuery query(search_);
  while (found.size() < limit && query.step()) {
    if (!within.empty() && !std::binary_search(within.begin(), within.end(), query.text(1))) continue;
    if (holds_all(query.text(2), words)) found.push_back(query.name(0));
  }
  return found;
}

}  // namespace songsong
