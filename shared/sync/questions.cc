#include "shared/sync/questions.h"

#include "shared/replica/record_cache.h"
#include "shared/sync/contact.h"
#include "shared/sync/lines.h"
#include "shared/sync/piece.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

Name name_at(StoreReader& reader, ReplicaId replica, Sequence sequence) {
  if (sequence == 0) return Name();
  const std::vector<LogRow> rows = reader.log_of(replica, sequence - 1, 1);
  return rows.empty() || rows.front().name.sequence() != sequence ? Name() : rows.front().name;
}

}  // namespace

Outcome<QuestionMade> make_question(Store& store, const QuestionDraft& draft) {
  const OwnLine& line = *draft.line;
  const KeyPair keys(line.identity.seed);
  wire::Request request;
  request.set_protocol(wire::kProtocol);
  request.set_replica(line.identity.replica);
  if (draft.enrols) {
    request.mutable_enrolment()->set_ticket(encode(draft.ticket));
    request.mutable_enrolment()->set_public_key(std::string(keys.public_key().view()));
  }
  QuestionMade made;
  Outcome<Done> drafted = Done{};
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    try {
      Sequence after = draft.from;
      made.upto = name_at(reader, line.identity.replica, after);
      for (std::size_t i = 0; i < draft.most_pieces; ++i) {
        std::optional<PieceDraft> piece = draft_piece(reader, line, after, draft.most_piece_bytes, draft.piece_primer);
        if (!piece) break;
        after = piece->last.sequence();
        made.upto = piece->last;
        made.changes += piece->count;
        *request.add_pieces() = std::move(piece->message);
      }
      for (const ReplicaId known : decode_replicas(reader.setting(kLinesKnownSetting))) request.add_lines_known(known);
      request.set_erased_heard(erased_heard(reader, draft.epoch));
      const Sequence tip = line.tip.valid() ? line.tip.sequence() : 0;
      request.set_waiting(tip > after ? tip - after : 0);
    } catch (const StorageDamage& damage) {
      drafted = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!drafted) return drafted.fault();
  if (made.upto.valid() && request.pieces().empty()) request.set_upto(made.upto.packed());
  request.set_cursor(draft.cursor);
  request.set_most_state_bytes(draft.most_state_bytes);
  request.set_schema_revision(draft.schema_revision);
  request.set_ticket_revision(draft.ticket_revision);
  request.set_grants_revision(line.identity.grants_told.revision);
  request.set_wall_ms(draft.wall_ms);
  for (const wire::Range& range : draft.ranges) *request.add_ranges() = range;
  if (draft.renewed && draft.cursor.empty()) request.set_renewed(true);
  if (draft.after_restore) request.set_after_restore(true);
  for (const RecordId orphan : draft.orphans) request.add_orphans(orphan.packed());
  if (draft.history.valid()) request.set_history(draft.history.packed());
  if (draft.primer != nullptr) request.set_primer(draft.primer->number());

  const Outcome<ChannelKey> channel = agree(keys, draft.server);
  if (!channel) return channel.fault();
  const std::string body = request.SerializeAsString();
  made.secret.channel = *channel;
  made.secret.tag = request_tag(*channel, body);
  made.frame = seal(made.secret.tag, body);
  return made;
}

Outcome<wire::Answer> open_answer(const QuestionSecret& secret, std::string_view bytes) {
  Outcome<Frame> frame = open_frame(bytes, wire::kMaxAnswerBytes);
  if (!frame) return frame.fault();
  wire::Answer answer;
  if (!answer.ParseFromString(frame->body) || answer.protocol() == 0)
    return Fault{.code = "not_our_server", .where = "answer", .what = "The answer is none of a SongSong server."};
  if (frame->tag == FrameTag() && answer.has_refusal())
    return Fault{.code = "refused", .where = answer.refusal().code(), .what = "The server refused."};
  if (frame->tag != answer_tag(secret.channel, secret.tag, frame->body))
    return Fault{
        .code = "answer_forged", .where = "answer", .what = "The answer was altered, or answers something else."};
  return answer;
}

}  // namespace songsong
