#include "shared/sync/leaving.h"

#include <algorithm>

#include "shared/sync/contact.h"
#include "shared/sync/orphans.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 1000;
constexpr int kMostSteps = 8;  // from a record to what it belongs to

}  // namespace

// A record is dropped only if it is in no newer version. Where this replica takes it to live does not matter: what it
// belongs to may not be held here.
void Leaving::departures() {
  for (const wire::Departure& mark : context_.answer.departures()) {
    leave(Name::from_packed(mark.record()), ServerVersion{context_.answer.epoch(), mark.version()});
  }
  for (const std::string& unit : context_.answer.units_left()) {
    const std::string units[] = {unit};
    for (FeedPosition at;;) {
      const std::vector<RecordRow> rows = context_.reader.feed(units, at, kPage);
      if (rows.empty()) break;
      at = FeedPosition{.version = rows.back().version, .record = rows.back().id};
      for (const RecordRow& row : rows) {
        if (!belongs_to_waiting(row)) leave(row.id, version_told(row));
      }
    }
  }
}

// Whether what a record belongs to was changed here, and nobody had heard of it when the question was asked: it may
// stand in the unit by that alone. Should the change be admitted, the server names what departs with it.
bool Leaving::belongs_to_waiting(const RecordRow& row) {
  if (context_.own_before.pending() == 0) return false;
  RecordCache& cache = context_.admission.books().cache();
  RecordId at = row.id;
  for (int steps = 0; steps < kMostSteps; ++steps) {
    const RecordId wanted[] = {at};
    cache.load(wanted);
    const Shown* const shown = cache.records().find(at);
    const Value* const up = shown != nullptr && shown->kind != nullptr ? shown->find(shown->kind->unit_via()) : nullptr;
    if (up == nullptr || up->reference() == nullptr) return false;
    at = *up->reference();
    const std::vector<OwnChange> own = context_.own_changes.of(at);
    if (std::any_of(own.begin(), own.end(),
                    [this](const OwnChange& each) { return context_.own_before.may_wait(each.change.name); }))
      return true;
  }
  return false;
}

// Of a range that was mended the server sent all that it holds; what else is held here has left the scope.
void Leaving::mended(const std::set<RecordId>& sent) {
  for (const wire::Range& range : context_.answer.differing()) {
    if (!range.mended()) continue;
    for (RecordId at = Name::from_packed(range.from() == 0 ? 0 : range.from() - 1);;) {
      const std::vector<RecordRow> rows = context_.reader.scan(0, at, kPage);
      for (const RecordRow& row : rows) {
        if (range.to() != 0 && row.id.packed() >= range.to()) break;
        if (row.live && !sent.contains(row.id) && !is_orphan(row, context_.answer.epoch())) drop(row);
      }
      if (rows.size() < kPage || (range.to() != 0 && rows.back().id.packed() >= range.to())) break;
      at = rows.back().id;
    }
  }
}

void Leaving::everything() {
  for (RecordId after;;) {
    const std::vector<RecordRow> rows = context_.reader.scan(0, after, kPage);
    if (rows.empty()) return;
    after = rows.back().id;
    for (const RecordRow& row : rows) {
      if (row.live || row.kind != 0) leave(row.id, version_told(row));
    }
  }
}

// What lives in other units now is none of this replica's. Units and quarantines are the server's own: what it does
// not know of them is no more. Anything else was lost with the backup, and whoever saved it is gone: it stays here,
// the last copy that there is.
void Leaving::orphans() {
  std::set<RecordId> elsewhere;
  for (const std::uint64_t packed : context_.answer.orphans_elsewhere()) elsewhere.insert(Name::from_packed(packed));
  context_.admission.books().cache().load(context_.question.orphans);
  for (const RecordId record : context_.question.orphans) {
    const RecordRow* const row = context_.admission.books().cache().stored(record);
    if (row == nullptr || !row->live) continue;
    const bool told_now = row->base_epoch >= context_.answer.epoch();
    if (told_now && !(hangs(*row) && elsewhere.contains(record))) continue;
    const KindPolicy* const kind = context_.policies.kind(row->kind);
    const bool of_server = kind != nullptr && (kind->internal() || kind->has_unit_tree());
    if (of_server || elsewhere.contains(record)) drop(RecordRow(*row));
  }
}

// What was saved here since the question was asked stays.
void Leaving::drop(const RecordRow& row) {
  const std::vector<OwnChange> own = context_.own_changes.of(row.id);
  const bool waits = std::any_of(own.begin(), own.end(),
                                 [this](const OwnChange& each) { return context_.own.may_wait(each.change.name); });
  if (waits) return;
  // Versions of an older epoch say nothing of this one's: the record may come back in a version that is less.
  const bool same_epoch = row.base_epoch == context_.answer.epoch();
  leave(row.id, ServerVersion{context_.answer.epoch(), same_epoch ? row.base_version : 0});
  ++dropped_;
}

void Leaving::leave(RecordId record, ServerVersion said) {
  if (!record.valid() || context_.taken_in.contains(record)) return;
  const RecordId wanted[] = {record};
  context_.admission.books().cache().load(wanted);
  const RecordRow* const row = context_.admission.books().cache().stored(record);
  if (row == nullptr || version_told(*row) > said) return;
  const auto keeps = [this](Name name) { return context_.own.may_wait(name); };
  context_.admission.leave(record, context_.own_changes.of(record), keeps, said);
}

}  // namespace songsong
