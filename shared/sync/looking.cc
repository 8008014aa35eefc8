#include "shared/sync/looking.h"

#include <algorithm>
#include <iterator>

#include "shared/replica/own_lines.h"
#include "shared/sync/feed.h"
#include "shared/sync/piece.h"

namespace songsong {
namespace {

// How many rows are read for one page at most, whatever is sought among them.
constexpr std::size_t kMostRead = 2000;
// Of all open cases of a store so many are looked through for one page; a store with more has other worries.
constexpr std::size_t kMostCasePages = 100;

RecordView view_of(State state, const RecordRow& row) {
  return RecordView{.state = std::move(state), .unit = row.unit, .live = row.live, .sent = true};
}

}  // namespace

Looking::Looking(const Policies& policies, UnitTreeCache& trees, StoreReader& reader, const Grants& grants)
    : policies_(policies), trees_(trees, reader, policies), reader_(reader), records_(scope_of(grants, trees_)) {}

std::optional<RecordRow> Looking::row(RecordId record) const {
  const RecordId wanted[] = {record};
  std::optional<RecordRow> row = reader_.records(wanted).front();
  if (!row || !records_.contains(row->unit) || !records_.tells(policies_.kind(row->kind))) return std::nullopt;
  return row;
}

std::optional<RecordView> Looking::record(RecordId record) const {
  const std::optional<RecordRow> found = row(record);
  if (!found) return std::nullopt;
  std::vector<State> states = decode_rows(reader_, {&*found, 1});
  return view_of(std::move(states.front()), *found);
}

std::vector<HistoryEntry> Looking::history(RecordId record) const {
  std::vector<HistoryEntry> entries;
  const std::optional<RecordRow> found = row(record);
  if (!found) return entries;
  const std::vector<LogRow> logged = log_of_record(reader_, *found, kMaxHistory);
  std::vector<Change> changes = read_changes(reader_, logged);
  for (std::size_t i = 0; i < logged.size(); ++i) {
    entries.push_back(HistoryEntry{.change = std::move(changes[i]),
                                   .verdict = logged[i].verdict,
                                   .reason = logged[i].reason,
                                   .received_ms = logged[i].received_ms,
                                   .sequence = logged[i].sequence});
  }
  return entries;
}

std::vector<std::string> Looking::within(const std::string& unit) const {
  const std::vector<std::string> below = trees_.now()->subtree(unit);
  std::vector<std::string> theirs;
  std::set_intersection(below.begin(), below.end(), records_.units.begin(), records_.units.end(),
                        std::back_inserter(theirs));
  return theirs;
}

Looking::Records Looking::records(const std::string& unit, KindNumber kind, FeedPosition after,
                                  std::size_t limit) const {
  Records page;
  page.next = after;
  const std::vector<std::string> units = within(unit);
  std::vector<RecordRow> rows = reader_.feed(units, after, kMostRead);
  page.more = rows.size() >= kMostRead;
  std::vector<RecordRow> wanted;
  for (RecordRow& row : rows) {
    if (wanted.size() == limit) {
      page.more = true;
      break;
    }
    page.next = FeedPosition{.version = row.version, .record = row.id};
    const bool asked = row.live && (kind == 0 || row.kind == kind) && records_.tells(policies_.kind(row.kind));
    if (asked) wanted.push_back(std::move(row));
  }
  std::vector<State> states = decode_rows(reader_, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) page.records.push_back(view_of(std::move(states[i]), wanted[i]));
  return page;
}

Looking::Cases Looking::cases(const std::string& unit, const std::string& after, std::size_t limit) const {
  Cases page;
  if (!records_.records) return page;
  const std::vector<std::string> units = within(unit);
  // Until one more than the page has room for: neither the cursor nor whether there is more tells of others' cases.
  std::string read_until = after;
  for (std::size_t pages = 0; pages < kMostCasePages && page.cases.size() <= limit; ++pages) {
    const std::vector<CaseRow> rows = reader_.open_cases(read_until, kMostRead);
    if (rows.empty()) break;
    read_until = rows.back().raised.id;
    for (const CaseRow& row : rows) {
      if (page.cases.size() > limit) break;
      if (std::binary_search(units.begin(), units.end(), row.raised.unit)) page.cases.push_back(row);
    }
  }
  page.more = page.cases.size() > limit;
  if (page.more) page.cases.pop_back();
  page.next = page.cases.empty() ? after : page.cases.back().raised.id;
  return page;
}

}  // namespace songsong
