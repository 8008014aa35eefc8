#include "shared/sync/responder.h"

#include <algorithm>
#include <set>

#include "shared/core/messages.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/announcement.h"
#include "shared/sync/enrolment.h"
#include "shared/sync/members.h"
#include "shared/sync/telling.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::int64_t kContactMs = 60'000;

Fault refused(const char* code, const char* where, const char* what) {
  return Fault{.code = code, .where = where, .what = what};
}

}  // namespace

// What one request and its answer are made of.
struct Responder::Exchange {
  Frame frame;
  wire::Request request;
  wire::Answer answer;
  Member member;
  bool new_member = false;
  const KeyPair* keys = nullptr;  // the server's, as the sender knows it
  ChannelKey channel;
  Announcement announced;
  std::int64_t now_ms = 0;
  Served served;
  bool gap = false;  // a piece goes on from a change that is not held
  SentChanges sent;  // in its pieces
  Name upto;
  Scope scope;
  bool remembers_scope = false;  // the answer's cursor names one that is not stored yet
};

Answered Responder::refuse(const Fault& fault, int status) const {
  wire::Answer answer;
  answer.set_protocol(wire::kProtocol);
  answer.set_epoch(context_.server.epoch);
  answer.mutable_refusal()->set_code(fault.code);
  answer.mutable_refusal()->set_where(fault.where);
  Answered answered;
  answered.frame = seal(FrameTag(), answer.SerializeAsString());
  answered.status = status;
  answered.served.refusal = fault.code;
  return answered;
}

Answered Responder::answer(std::string_view bytes, std::size_t most_bytes) {
  std::string unsealed;
  if (is_sealed_frame(bytes) && bytes.size() <= most_bytes) {
    Outcome<std::string> inner = Fault{};
    for (const KeyPair& each : context_.keys.all()) {
      if (!inner) inner = unseal_frame(bytes, each);
    }
    if (!inner) return refuse(refused("sealed_for_another", "frame", "It was sealed to another key."), 400);
    unsealed = std::move(*inner);
    bytes = unsealed;
  }
  Outcome<Frame> frame = open_frame(bytes, most_bytes);
  if (!frame) {
    const bool large = frame.fault().code == "too_large";
    return refuse(large ? frame.fault() : refused("request_malformed", "frame", "This is no request."),
                  large ? 413 : 400);
  }
  Exchange exchange;
  exchange.frame = std::move(*frame);
  if (!exchange.request.ParseFromString(exchange.frame.body) || exchange.request.replica() == 0 ||
      exchange.request.replica() > kMaxReplica ||
      static_cast<std::size_t>(exchange.request.pieces_size()) > wire::kMaxPieces) {
    return refuse(refused("request_malformed", "body", "This is no request."), 400);
  }
  const wire::Request& request = exchange.request;
  const Name upto = Name::from_packed(request.upto());
  if (upto.valid() && upto.replica() == request.replica()) exchange.upto = upto;
  if (request.protocol() == 0) return refuse(refused("request_malformed", "protocol", "No protocol is named."), 400);
  // How a newer one vouches for its body is not known here. The refusal names the one that is spoken.
  if (request.protocol() > wire::kProtocol)
    return refuse(refused("protocol_newer", "protocol", "This server speaks an older protocol."), 400);
  exchange.now_ms = context_.doors.now_ms();
  const Outcome<Done> known = know_sender(exchange);
  if (!known) {
    return refuse(known.fault(), will_pass(known.fault().code) ? 503 : 401);
  }

  // From here on the answer is for this sender alone.
  wire::Answer& answer = exchange.answer;
  answer.set_protocol(wire::kProtocol);
  answer.set_epoch(context_.server.epoch);
  answer.set_server_ms(exchange.now_ms);
  if (context_.primer != nullptr) answer.set_primer(context_.primer->number());
  if (exchange.member.revoked_ms == 0)
    announce(exchange.announced, request, context_.keys, context_.doors.authority, answer);
  Outcome<Done> done = take_pieces(exchange);
  // Who is refused is not silent.
  if (!done && !will_pass(done.fault().code)) (void)commit_contact(exchange);
  if (done) done = tell(exchange);
  if (done) done = remember_scope(exchange);
  if (!done) {
    const std::string& code = done.fault().code;
    if (will_pass(code)) return refuse(done.fault(), 503);
    answer.mutable_refusal()->set_code(code);
    answer.mutable_refusal()->set_where(done.fault().where);
  } else if (exchange.member.revoked_ms != 0) {
    answer.mutable_refusal()->set_code("replica_revoked");
  }
  exchange.served.refusal = answer.refusal().code();
  const std::string body = answer.SerializeAsString();
  Answered answered;
  answered.frame = seal(answer_tag(exchange.channel, exchange.frame.tag, body), body);
  answered.served = std::move(exchange.served);
  answered.served.replica = request.replica();
  return answered;
}

Outcome<Done> Responder::know_sender(Exchange& exchange) {
  const wire::Request& request = exchange.request;
  std::string stored;
  const Outcome<Done> read = context_.store.read(kShard, [&](StoreReader& reader) {
    stored = reader.setting(member_setting(request.replica()));
    exchange.announced = decode_announcement(reader.setting(kAnnouncedSetting));
  });
  if (!read) return read.fault();
  if (!stored.empty()) {
    Outcome<Member> member = decode_member(stored);
    if (!member) return member.fault();
    exchange.member = std::move(*member);
  }
  if (!exchange.member.key) {
    if (!request.has_enrolment())
      return refused("unknown_replica", "replica", "This server does not know the replica; it has to enrol.");
    Outcome<Member> enrolled = enrol(exchange.member, request, context_.keys, exchange.now_ms);
    if (!enrolled) return enrolled.fault();
    exchange.member = std::move(*enrolled);
    exchange.new_member = true;
  } else if (request.has_enrolment() && request.enrolment().public_key() != exchange.member.key->view()) {
    return refused("ticket_used", "ticket", "Another device has enrolled with this ticket.");
  }
  const auto fits = [&](const ChannelKey& channel) {
    return request_tag(channel, exchange.frame.body) == exchange.frame.tag;
  };
  exchange.keys = context_.keys.that_was_meant(*exchange.member.key, fits, exchange.channel);
  if (exchange.keys == nullptr)
    return refused("request_forged", "tag", "The request was altered, or another key made it.");
  return Done{};
}

Outcome<Done> Responder::take_pieces(Exchange& exchange) {
  Outcome<std::vector<OpenedPiece>> pieces = open_pieces(exchange);
  if (!pieces) return pieces.fault();
  if (pieces->empty()) return commit_contact(exchange);
  const bool notes = notes_contact(exchange);
  Received& received = exchange.sent.received;
  // A sender's key is stored in the same commit as the first pieces that it vouches for.
  const Outcome<StoreSequence> written = context_.doors.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    Outcome<StoreBatch> batch =
        receive(context_.receiving, reader, exchange.member, *pieces, exchange.now_ms, received);
    if (!batch || !notes) return batch;
    const Outcome<Done> noted = note_contact(exchange, reader, *batch);
    if (!noted) return noted.fault();
    return batch;
  });
  if (!written) return written.fault();
  exchange.served.applied = received.applied;
  exchange.served.known = received.known;
  exchange.served.quarantined = received.quarantined;
  for (const OpenedPiece& piece : *pieces) {
    for (const Change& change : piece.changes) {
      exchange.sent.names.insert(change.name);
      exchange.sent.records.insert(change.record);
    }
  }
  exchange.upto = pieces->back().changes.back().name;
  return Done{};
}

// Decoding, hashing and checking of signatures, outside of any transaction: what a piece goes on from never alters.
Outcome<std::vector<OpenedPiece>> Responder::open_pieces(Exchange& exchange) {
  const ReplicaId replica = exchange.request.replica();
  const PublicKey& key = *exchange.member.key;
  std::vector<OpenedPiece> pieces;
  Predecessor before;
  for (const wire::Piece& message : exchange.request.pieces()) {
    if (pieces.empty()) {
      const Outcome<std::optional<Predecessor>> held = held_before(message, replica, key);
      if (!held) return held.fault();
      exchange.gap = !*held;
      if (exchange.gap) return pieces;
      before = **held;
    } else if (predecessor_of(message, replica) != before.name) {
      return refused("piece_misplaced", "piece", "The piece does not go on from the one before it.");
    }
    Outcome<OpenedPiece> piece = open_piece(message, replica, key, before, context_.primer);
    if (!piece) return piece.fault();
    before = after_piece(before, *piece);
    pieces.push_back(std::move(*piece));
  }
  return pieces;
}

// What the request's first piece goes on from; nothing where the server does not hold it.
Outcome<std::optional<Predecessor>> Responder::held_before(const wire::Piece& piece, ReplicaId replica,
                                                           const PublicKey& key) const {
  Predecessor before{.name = {}, .hash = root_hash(replica, key), .run = std::nullopt};
  if (piece.first() <= 1) return std::optional(before);
  before.name = predecessor_of(piece, replica);
  if (!before.name.valid())
    return refused("piece_misplaced", "piece", "The piece names no change that it goes on from.");
  std::optional<LogRow> row;
  const Outcome<Done> read = context_.store.read(kShard, [&](StoreReader& reader) {
    const Name wanted[] = {before.name};
    const ReplicaId of[] = {replica};
    row = reader.changes(wanted).front();
    const std::vector<RunRow> runs = reader.runs(of).front();
    if (const RunRow* const run = run_holding(runs, before.name)) before.run = *run;
  });
  if (!read) return read.fault();
  if (!row) return std::optional<Predecessor>();
  before.hash = row->hash;
  return std::optional(before);
}

// Contacts are noted to the minute, so that asking costs no write.
bool Responder::notes_contact(const Exchange& exchange) {
  const Member& member = exchange.member;
  return exchange.new_member || exchange.now_ms - member.contact_ms >= kContactMs ||
         member.waiting != exchange.request.waiting();
}

Outcome<Done> Responder::commit_contact(const Exchange& exchange) {
  if (!notes_contact(exchange)) return Done{};
  const Outcome<StoreSequence> written = context_.doors.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    StoreBatch batch;
    const Outcome<Done> noted = note_contact(exchange, reader, batch);
    if (!noted) return noted.fault();
    return batch;
  });
  if (!written) return written.fault();
  return Done{};
}

Outcome<Done> Responder::note_contact(const Exchange& exchange, StoreReader& reader, StoreBatch& batch) {
  Member member = exchange.member;
  member.contact_ms = exchange.now_ms;
  member.clock_ms = exchange.request.wall_ms() - exchange.now_ms;
  member.waiting = exchange.request.waiting();
  const std::string name = member_setting(member.replica);
  // Somebody may have revoked, or enrolled, it meanwhile.
  if (const std::string stored = reader.setting(name); !stored.empty()) {
    const Outcome<Member> now = decode_member(stored);
    if (!now) return now.fault();
    if (now->key && now->key != member.key)
      return refused("ticket_used", "ticket", "Another device has enrolled with this ticket.");
    member.account = now->account;
    member.revoked_ms = now->revoked_ms;
    member.grants = now->grants;
    member.grants_revision = now->grants_revision;
  }
  batch.settings[name] = encode_member(member);
  return Done{};
}

Outcome<Done> Responder::tell(Exchange& exchange) {
  Outcome<Done> told = Done{};
  const Outcome<Done> read = context_.store.read(kShard, [&](StoreReader& reader) {
    try {
      Telling telling(context_, *exchange.keys, exchange.request, exchange.member, exchange.sent, exchange.upto, reader,
                      exchange.answer);
      telling.receipts();
      telling.erasures();
      if (exchange.served.quarantined + exchange.served.known > 0 || telling.begins_anew()) telling.verdicts();
      if (exchange.member.revoked_ms == 0) {
        telling.states();
        telling.history();
        telling.orphans();
      }
      exchange.served.states = telling.told_states();
      exchange.served.by_auditor = roles_of(present_grants(exchange.member)).has(schema::AUDITOR);
      if (exchange.served.by_auditor) {
        exchange.served.account = exchange.member.account;
        exchange.served.looked_at = telling.told_of_people();
      }
      if (exchange.answer.has_history()) exchange.served.history = Name::from_packed(exchange.request.history());
      exchange.scope = telling.scope();
      exchange.remembers_scope = !exchange.scope.units.empty() && !exchange.answer.cursor().empty() &&
                                 reader.setting(scope_setting(exchange.scope.digest)).empty();
    } catch (const StorageDamage& damage) {
      told = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!told) return told.fault();
  if (exchange.member.revoked_ms == 0 && exchange.request.grants_revision() != exchange.member.grants_revision)
    *exchange.answer.mutable_grants() = grants_told(exchange.member);
  if (exchange.member.revoked_ms == 0 && exchange.request.schema_revision() < context_.policies.revision()) {
    exchange.answer.set_policy_table(context_.policies.table().SerializeAsString());
  }
  return Done{};
}

// Once for each scope that a cursor names.
Outcome<Done> Responder::remember_scope(const Exchange& exchange) {
  if (!exchange.remembers_scope) return Done{};
  const Outcome<StoreSequence> written = context_.doors.commit([&](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[scope_setting(exchange.scope.digest)] = encode_units(exchange.scope.units);
    return batch;
  });
  if (!written) return written.fault();
  return Done{};
}

}  // namespace songsong
