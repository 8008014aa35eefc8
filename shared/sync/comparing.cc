#include "shared/sync/comparing.h"

#include <algorithm>

#include "shared/replica/record_cache.h"
#include "shared/sync/contact.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

// What a restored server lost is no part of it: both sides know that they differ there.
std::vector<HeldRecord> all_held(StoreReader& reader) {
  const std::optional<Contact> contact = Contact::read(reader);
  const std::uint64_t epoch = contact ? contact->epoch : 0;
  std::vector<HeldRecord> held;
  for (RecordId at;;) {
    const std::vector<RecordRow> rows = reader.scan(0, at, kPage);
    for (const RecordRow& row : rows) {
      if (!is_orphan(row, epoch)) held.push_back(held_record(row));
    }
    if (rows.size() < kPage) return held;
    at = rows.back().id;
  }
}

}  // namespace

Outcome<std::vector<wire::Range>> Comparing::next(Store& store) {
  Outcome<Done> summing = Done{};
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    try {
      held_ = all_held(reader);
    } catch (const StorageDamage& damage) {
      summing = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!summing) return summing.fault();
  whole_ = parts_.empty();
  if (whole_) parts_.push_back(whole_range());
  std::vector<wire::Range> ranges;
  for (const wire::Range& part : parts_) {
    if (ranges.size() == wire::kMaxRanges) break;
    ranges.push_back(summed(held_, part));
  }
  ++questions_;
  return ranges;
}

// What was mended is not looked at again until all is compared once more.
void Comparing::heard(const wire::Answer& answer, std::uint64_t mended) {
  mended_ += mended;
  parts_.clear();
  if (answer.compared()) {
    for (const wire::Range& range : answer.differing()) {
      if (!range.mended() && !same(summed(held_, range), range)) parts_.push_back(range);
    }
    same_ = whole_ && answer.differing_size() == 0;
  }
  const bool nothing_new = answer.states().empty() && answer.cursor().empty();
  const bool cannot = !answer.compared() && nothing_new;  // an older server, or too large a scope
  over_ = same_ || cannot || questions_ == kMostQuestions;
}

}  // namespace songsong
