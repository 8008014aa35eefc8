#include "shared/sync/feed.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "shared/core/byte_reader.h"
#include "shared/core/personal_values.h"
#include "shared/core/state_codec.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/recounting.h"
#include "shared/sync/members.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kMostDepartures = 4096;
// Rows that are passed over (removed ones, at the beginning) are read in pages of this size.
constexpr std::size_t kPage = 1024;
constexpr std::size_t kMostPages = 256;

void write(ByteWriter& writer, const FeedPosition& position) {
  writer.varint(position.version);
  writer.varint(position.record.packed());
}

FeedPosition read_position(ByteReader& reader) {
  const StoreSequence version = reader.varint();
  return FeedPosition{.version = version, .record = Name::from_packed(reader.varint())};
}

class FeedReader {
 public:
  FeedReader(StoreReader& reader, const Policies& policies, const Scope& scope, std::size_t most)
      : reader_(reader), policies_(policies), scope_(scope), most_(most) {}

  FeedPage read(std::uint64_t epoch, std::string_view before, bool renewed) {
    begin(epoch, before, renewed);
    if (page_.cursor.scope_before != 0) read_entered();
    if (page_.cursor.scope_before == 0) read_scope();
    read_departures();
    return std::move(page_);
  }

 private:
  void begin(std::uint64_t epoch, std::string_view before, bool renewed) {
    FeedCursor& cursor = page_.cursor;
    const Outcome<FeedCursor> decoded = decode_cursor(before);
    const bool same_epoch = decoded && decoded->epoch == epoch;
    if (same_epoch) {
      cursor = *decoded;
      go_back_before_recount();
      if (cursor.scope == scope_.digest || follow_scope()) return;
      leave_scopes();
    }
    const StoreSequence departed = cursor.departed;
    cursor = FeedCursor{};
    cursor.epoch = epoch;
    cursor.scope = scope_.digest;
    cursor.revision = policies_.revision();
    // What is no cursor, of another program's kind, says that there was one.
    const bool holds_some = before.empty() ? renewed : !decoded;
    cursor.departed = same_epoch ? departed : holds_some ? 0 : reader_.last_sequence();
    if (before.empty() && !renewed) cursor.fresh_until = reader_.last_sequence();
  }

  // What a recount moved got the version of the last change before it.
  void go_back_before_recount() {
    FeedCursor& cursor = page_.cursor;
    if (cursor.revision >= policies_.revision()) return;
    const std::optional<StoreSequence> recounted = recounted_after(reader_, cursor.revision);
    cursor.revision = policies_.revision();
    if (!recounted) return;
    const FeedPosition there{.version = *recounted, .record = {}};
    cursor.at = std::min(cursor.at, there);
    cursor.entered_at = std::min(cursor.entered_at, there);
    cursor.departed = std::min(cursor.departed, *recounted - 1);
  }

  // False when nothing is known of the scope that the cursor was made for, it changed again meanwhile, or the replica
  // has become one that is told of records, or is told of none any more.
  bool follow_scope() {
    FeedCursor& cursor = page_.cursor;
    if (cursor.scope_before != 0 || has_records(cursor.scope) != scope_.records) return false;
    const std::optional<std::vector<std::string>> units = units_of(cursor.scope);
    if (!units) return false;
    std::set_difference(units->begin(), units->end(), scope_.units.begin(), scope_.units.end(),
                        std::back_inserter(page_.units_left));
    const bool grew = !std::includes(units->begin(), units->end(), scope_.units.begin(), scope_.units.end());
    if (grew) {
      cursor.scope_before = cursor.scope;
      cursor.entered_at = FeedPosition{};
    }
    cursor.scope = scope_.digest;
    return true;
  }

  // It is told all of the scope anew, and of what it was told before only what it has to let go.
  void leave_scopes() {
    std::set<std::string> left;
    for (const std::uint64_t told : {page_.cursor.scope, page_.cursor.scope_before}) {
      const std::optional<std::vector<std::string>> units = units_of(told);
      if (units) left.insert(units->begin(), units->end());
    }
    const bool loses_records = has_records(page_.cursor.scope) && !scope_.records;
    if (!loses_records) {
      for (const std::string& unit : scope_.units) left.erase(unit);
    }
    page_.units_left.assign(left.begin(), left.end());
  }

  std::optional<std::vector<std::string>> units_of(std::uint64_t digest) {
    Outcome<std::vector<std::string>> units = decode_units(reader_.setting(scope_setting(digest)));
    if (!units || units->empty()) return std::nullopt;
    return std::move(*units);
  }

  // What stands beyond the cursor is in the scope's own feed.
  void read_entered() {
    FeedCursor& cursor = page_.cursor;
    const std::optional<std::vector<std::string>> before = units_of(cursor.scope_before);
    std::vector<std::string> entered;
    if (before) {
      std::set_difference(scope_.units.begin(), scope_.units.end(), before->begin(), before->end(),
                          std::back_inserter(entered));
    }
    const bool done = take(entered, cursor.entered_at, cursor.at);
    if (done) {
      cursor.scope_before = 0;
      cursor.entered_at = FeedPosition{};
    }
  }

  void read_scope() {
    constexpr FeedPosition kEnd{.version = ~StoreSequence{0} >> 1, .record = {}};
    FeedPosition& at = page_.cursor.at;
    // Versions are committed whole, so the end of one is the beginning of the next: ten bytes less in every question.
    if (take(scope_.units, at, kEnd) && at.record.valid()) at = FeedPosition{.version = at.version + 1, .record = {}};
    if (page_.more)
      page_.remaining = reader_.last_sequence() - std::min(reader_.last_sequence(), page_.cursor.at.version);
  }

  // Moves `at` over the records up to `until`; false when the page is full before.
  bool take(const std::vector<std::string>& units, FeedPosition& at, FeedPosition until) {
    for (std::size_t pages = 0;; ++pages) {
      const std::size_t room = pages < kMostPages ? most_ - page_.rows.size() : 0;
      if (room == 0) {
        page_.more = !reader_.feed(units, at, 1).empty();
        return !page_.more;
      }
      std::vector<RecordRow> rows = reader_.feed(units, at, std::min(room, kPage));
      const bool last_page = rows.size() < std::min(room, kPage);
      while (!rows.empty() && FeedPosition{rows.back().version, rows.back().id} > until) rows.pop_back();
      if (rows.empty()) return true;
      at = FeedPosition{.version = rows.back().version, .record = rows.back().id};
      pass_over(rows);
      std::move(rows.begin(), rows.end(), std::back_inserter(page_.rows));
      if (last_page) return true;
    }
  }

  // A removed record is told of nonetheless where others lead to it: they belong to its unit.
  void pass_over(std::vector<RecordRow>& rows) {
    std::vector<RecordId> removed;
    for (const RecordRow& row : rows) {
      if (!row.live && row.version <= page_.cursor.fresh_until) removed.push_back(row.id);
    }
    std::set<RecordId> passed;
    const std::vector<std::vector<ReferenceTo>> leading = reader_.references_to(removed);
    for (std::size_t i = 0; i < removed.size(); ++i) {
      if (leading[i].empty()) passed.insert(removed[i]);
    }
    std::erase_if(
        rows, [&](const RecordRow& row) { return passed.contains(row.id) || !scope_.tells(policies_.kind(row.kind)); });
  }

  // Marks up to where the states have come, so that a record which comes back is never dropped by an older mark.
  void read_departures() {
    FeedCursor& cursor = page_.cursor;
    if (page_.more || !scope_.records) return;
    const std::vector<DepartureRow> marks = reader_.departures(scope_.units, cursor.departed, kMostDepartures);
    if (marks.empty()) return;
    cursor.departed = marks.back().version;
    page_.more = marks.size() >= kMostDepartures;
    // A record that lives in the scope by now is, or was, sent in a newer version.
    std::vector<RecordId> ids;
    for (const DepartureRow& mark : marks) ids.push_back(mark.record);
    const std::vector<std::optional<RecordRow>> rows = reader_.records(ids);
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const bool stays = rows[i] && scope_.contains(rows[i]->unit);
      if (!stays) page_.departures.push_back(marks[i]);
    }
  }

  StoreReader& reader_;
  const Policies& policies_;
  const Scope& scope_;
  std::size_t most_;
  FeedPage page_;
};

}  // namespace

std::vector<State> decode_rows(StoreReader& reader, std::span<const RecordRow> rows) {
  std::vector<RecordId> ids;
  for (const RecordRow& row : rows) ids.push_back(row.id);
  const std::vector<std::string> personal = reader.personal(ids);
  std::vector<State> states;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(personal[i]);
    if (!values) throw StorageDamage{values.fault()};
    Outcome<State> state = decode_state(rows[i].state, values->lookup());
    if (!state) throw StorageDamage{state.fault()};
    states.push_back(std::move(*state));
  }
  return states;
}

std::string encode(const FeedCursor& cursor) {
  ByteWriter writer;
  writer.byte(kVersion);
  writer.varint(cursor.epoch);
  writer.varint(cursor.scope);
  writer.varint(cursor.revision);
  write(writer, cursor.at);
  writer.varint(cursor.departed);
  writer.varint(cursor.fresh_until);
  writer.varint(cursor.scope_before);
  if (cursor.scope_before != 0) write(writer, cursor.entered_at);
  return std::move(writer).take();
}

Outcome<FeedCursor> decode_cursor(std::string_view bytes) {
  ByteReader reader(bytes);
  FeedCursor cursor;
  if (reader.byte() != kVersion) reader.fail();
  cursor.epoch = reader.varint();
  cursor.scope = reader.varint();
  cursor.revision = reader.varint();
  cursor.at = read_position(reader);
  cursor.departed = reader.varint();
  cursor.fresh_until = reader.varint();
  cursor.scope_before = reader.varint();
  if (cursor.scope_before != 0) cursor.entered_at = read_position(reader);
  constexpr StoreSequence kMost = ~StoreSequence{0} >> 1;
  const bool in_range = cursor.at.version <= kMost && cursor.departed <= kMost && cursor.entered_at.version <= kMost;
  if (!reader.at_end() || !in_range) {
    return Fault{.code = "cursor_malformed", .where = "cursor", .what = "The cursor is none of this server."};
  }
  return cursor;
}

FeedPage read_feed(StoreReader& reader, const Policies& policies, const Scope& scope, std::uint64_t epoch,
                   std::string_view before, bool renewed, std::size_t most) {
  return FeedReader(reader, policies, scope, most).read(epoch, before, renewed);
}

}  // namespace songsong
