#include "shared/sync/inquiry.h"

#include <optional>
#include <utility>

#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/contact.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

}  // namespace

Outcome<Inquiry> Inquiry::begin(Replica& replica, RecordId record, const Primer* primer, const ClockReading& now) {
  OwnLines own;
  std::optional<Contact> contact;
  Outcome<Done> looked = Done{};
  const Outcome<Done> read = replica.store().read(kShard, [&](StoreReader& reader) {
    try {
      own = OwnLines::read(reader);
      contact = Contact::read(reader);
    } catch (const StorageDamage& damage) {
      looked = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!looked) return looked.fault();
  if (!contact)
    return Fault{.code = "no_server", .where = "replica", .what = "This replica has no ticket, and so no server."};
  if (!contact->enrolled)
    return Fault{.code = "not_enrolled", .where = "replica", .what = "The server does not know this replica yet."};
  QuestionDraft draft;
  draft.line = &own.present();
  draft.ticket = contact->ticket;
  draft.server = contact->ticket.server;
  draft.from = own.present().received();
  draft.most_pieces = 0;
  draft.cursor = contact->cursor;
  draft.epoch = contact->epoch;
  draft.schema_revision = replica.policies().revision();
  draft.ticket_revision = contact->ticket_revision;
  draft.wall_ms = now.wall_ms;
  draft.history = record;
  draft.primer = primer;
  Outcome<QuestionMade> made = make_question(replica.store(), draft);
  if (!made) return made.fault();
  return Inquiry(record,
                 Outgoing{.url = contact->ticket.url + wire::kSyncPath,
                          .authority = contact->ticket.authority,
                          .body = std::move(made->frame)},
                 std::move(made->secret));
}

Outcome<ToldHistory> Inquiry::receive(std::string_view bytes, const Primer* primer) const {
  const Outcome<wire::Answer> answer = open_answer(secret_, bytes);
  if (!answer) return answer.fault();
  if (answer->has_refusal())
    return Fault{.code = "refused", .where = answer->refusal().code(), .what = "The server refused."};
  if (!answer->has_history())
    return Fault{.code = "not_told", .where = to_text(record_), .what = "The server does not tell this record's log."};
  ToldHistory told;
  told.older = answer->history().older();
  StoreSequence place = 0;
  for (const wire::Logged& entry : answer->history().entries()) {
    Outcome<std::vector<Change>> changes = decode_changes(entry.change(), wire::kPieceLimits, primer);
    if (!changes) return changes.fault();
    if (changes->size() != 1 || changes->front().record != record_ || told.entries.size() == kMaxHistory)
      return Fault{.code = "answer_malformed", .where = "history", .what = "The answer is not what was asked for."};
    told.entries.push_back(
        HistoryEntry{.change = std::move(changes->front()),
                     .verdict = entry.set_aside().empty() ? Verdict::kApplied : Verdict::kQuarantined,
                     .reason = entry.set_aside(),
                     .received_ms = entry.received_ms(),
                     .sequence = ++place});
  }
  return told;
}

}  // namespace songsong
