#include "shared/sync/initiator.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "schemas/songsong/wire.pb.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/comparing.h"
#include "shared/sync/contact.h"
#include "shared/sync/courier.h"
#include "shared/sync/frame.h"
#include "shared/sync/intake.h"
#include "shared/sync/join.h"
#include "shared/sync/orphans.h"
#include "shared/sync/pacing.h"
#include "shared/sync/piece.h"
#include "shared/sync/questions.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
// Answers in a row that brought nothing forward, before the conversation is given up.
constexpr int kMostIdle = 3;

Fault fault(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
}

}  // namespace

class Initiator::Machine {
 public:
  Machine(Replica& replica, const InitiatorOptions& options)
      : replica_(replica),
        options_(options),
        courier_(replica),
        comparing_(options.check),
        pacing_(options.most_piece_bytes) {}

  Outcome<Done> look() {
    Outcome<Done> looked = Done{};
    const Outcome<Done> read = replica_.store().read(kShard, [&](StoreReader& reader) {
      try {
        own_ = OwnLines::read(reader);
        contact_ = Contact::read(reader);
        former_tickets_.clear();
        for (const OwnLine& line : own_.lines()) {
          const Outcome<Ticket> ticket = decode_ticket(reader.setting(former_ticket_setting(line.identity.replica)));
          if (ticket) former_tickets_.emplace(line.identity.replica, *ticket);
        }
      } catch (const StorageDamage& damage) {
        looked = damage.fault;
      }
    });
    if (!read) return read.fault();
    if (!looked) return looked;
    if (!contact_) return fault("no_server", "replica", "This replica has no ticket, and so no server to talk to.");
    // It holds records that it was never told of, another replica's or sent by a file: which of them live elsewhere by
    // now is asked as after a restore.
    const bool holds_some = own_.lines().size() > 1 || own_.present().received() > 0;
    renewed_ = renewed_ || (contact_->cursor.empty() && holds_some);
    if (renewed_ && contact_->after_restore == AfterRestore::kNo) contact_->after_restore = AfterRestore::kHearing;
    tally_.pending = own_.pending();
    return Done{};
  }

  Outcome<std::optional<Outgoing>> next(const ClockReading& now) {
    const Outcome<Done> looked = look();
    if (!looked) return looked.fault();
    const OwnLine* const line = line_to_speak_for();
    if (line == nullptr) return hand_on();
    Outcome<std::vector<RecordId>> orphans = std::vector<RecordId>();
    if (is_present(*line)) orphans = orphans_.next(replica_.store(), *contact_, heard_all());
    if (!orphans) return orphans.fault();
    if (is_present(*line) && orphans->empty() && heard_all() && comparing_.is_over() && !ticket_is_due())
      return next(now);
    asked_about_ = std::move(*orphans);
    if (idle_ >= kMostIdle) return fault("no_progress", "server", "The server's answers bring nothing forward.");
    return ask(*line, now);
  }

  Outcome<Done> receive(std::string_view bytes, const ClockReading& now) {
    ++tally_.round_trips;
    tally_.bytes_down += bytes.size();
    if (!asked_) return handing_on_ ? courier_.receive(bytes) : fault("not_our_server", "answer", "Nothing was asked.");
    const Asked asked = std::move(*asked_);
    asked_.reset();
    Outcome<wire::Answer> answer = open_answer(asked.secret, bytes);
    if (!answer) {
      if (answer.fault().code != "refused" || answer.fault().where != "unknown_replica" || asked.enrolling)
        return answer.fault();
      // A server that was put back from a backup has forgotten it; the ticket makes it known again.
      ++idle_;
      enrol_again_.insert(asked.question.replica);
      return Done{};
    }
    const Outcome<Taken> taken = take_in(replica_, asked.server, asked.question, *answer, now, options_.primer);
    if (!taken) return taken.fault();
    pacing_.went(asked.bytes, bytes.size(), asked.allowed, asked.left_some || answer->more(), took(asked, now));
    note(asked, *answer, *taken);
    const Outcome<Done> looked = look();
    const std::string& refusal = answer->refusal().code();
    const bool goes_on = looked && refusal == "replica_revoked" && is_more_to_send(asked.question.replica);
    if (!answer->has_refusal() || goes_on) return looked;
    return fault("refused", refusal, "The server refused.");
  }

  void failed() {
    asked_.reset();
    handing_on_ = false;
    pacing_.failed();
  }

  const SyncTally& tally() const { return tally_; }
  bool has_new_policies() const { return new_policies_; }

 private:
  struct Asked {
    Question question;
    QuestionSecret secret;
    std::size_t bytes = 0;
    std::size_t allowed = 0;  // of the piece, as of the states
    bool left_some = false;   // more of the line waits than the piece holds
    bool enrolling = false;
    PublicKey server;   // as it was asked
    Sequence from = 0;  // the piece went on from here
  };

  bool is_present(const OwnLine& line) const { return line.identity.replica == own_.present().identity.replica; }

  // A restored server may have lost what it gave a receipt for: it is asked.
  bool is_of_older_epoch(const OwnLine& line) const { return line.receipt && line.receipt->epoch < contact_->epoch; }

  // The server has something to tell of itself; it is asked once in a conversation.
  bool ticket_is_due() const { return contact_->ticket_wanted && !brought_ticket_; }

  // Changes leave in the order in which they were saved; the present line also listens.
  const OwnLine* line_to_speak_for() const {
    for (const OwnLine& line : own_.lines()) {
      if (!is_present(line) && (line.pending() > 0 || is_of_older_epoch(line))) return &line;
    }
    const OwnLine& present = own_.present();
    return !heard_all() || orphans_.is_due(*contact_) || !comparing_.is_over() || ticket_is_due() ? &present : nullptr;
  }

  // A replica that was revoked goes on sending what it saved before; a former one does not keep the present one
  // waiting.
  bool is_more_to_send(ReplicaId revoked) const {
    const OwnLine& present = own_.present();
    return revoked != present.identity.replica || (present.pending() > 0 && idle_ < kMostIdle);
  }

  bool heard_all() const { return own_.present().pending() == 0 && listened_ && !more_; }

  Sequence send_from(const OwnLine& line) const {
    const auto known = held_.find(line.identity.replica);
    return known != held_.end() ? std::max(known->second, line.received()) : line.received();
  }

  Outcome<std::optional<Outgoing>> ask(const OwnLine& line, const ClockReading& now) {
    Asked asked;
    QuestionDraft draft;
    draft.line = &line;
    draft.ticket = ticket_of(line);
    draft.server = contact_->ticket.server;
    draft.enrols = !is_present(line) || !contact_->enrolled || contact_->ticket_wanted ||
                   enrol_again_.contains(line.identity.replica);
    draft.ticket_revision = contact_->ticket_revision;
    draft.from = send_from(line);
    draft.most_piece_bytes = pacing_.bytes();
    draft.cursor = contact_->cursor;
    draft.epoch = contact_->epoch;
    draft.most_state_bytes = is_present(line) ? static_cast<std::uint32_t>(pacing_.bytes()) : 0;
    draft.schema_revision = replica_.policies().revision();
    draft.wall_ms = now.wall_ms;
    draft.primer = options_.primer;
    draft.piece_primer =
        options_.primer != nullptr && contact_->primer >= options_.primer->number() ? options_.primer : nullptr;
    draft.renewed = renewed_;
    draft.after_restore = contact_->after_restore == AfterRestore::kHearing;
    draft.orphans = std::exchange(asked_about_, {});
    if (is_present(line) && heard_all() && draft.orphans.empty() && !comparing_.is_over()) {
      Outcome<std::vector<wire::Range>> ranges = comparing_.next(replica_.store());
      if (!ranges) return ranges.fault();
      draft.ranges = std::move(*ranges);
    }
    Outcome<QuestionMade> made = make_question(replica_.store(), draft);
    if (!made) return made.fault();
    asked.question = Question{.replica = line.identity.replica,
                              .upto = made->upto,
                              .cursor = draft.cursor,
                              .wants_states = draft.most_state_bytes != 0,
                              .renewed = draft.renewed,
                              .compares = !draft.ranges.empty(),
                              .orphans = draft.orphans,
                              .brought_ticket = draft.enrols,
                              .sent = now};
    asked.secret = made->secret;
    asked.bytes = made->frame.size();
    asked.allowed = pacing_.bytes();
    asked.left_some = line.tip.valid() && line.tip.sequence() > made->upto.sequence();
    asked.enrolling = draft.enrols;
    asked.server = draft.server;
    asked.from = draft.from;
    tally_.bytes_up += made->frame.size();
    const std::string url = contact_->ticket.url + (draft.enrols ? wire::kEnrolPath : wire::kSyncPath);
    asked_ = std::move(asked);
    return std::optional(Outgoing{.url = url, .authority = contact_->ticket.authority, .body = std::move(made->frame)});
  }

  // When all of its own is done: other phones' bundles.
  Outcome<std::optional<Outgoing>> hand_on() {
    Outcome<std::optional<std::string>> frame = courier_.next();
    if (!frame) return frame.fault();
    handing_on_ = frame->has_value();
    if (!handing_on_) return std::optional<Outgoing>();
    tally_.bytes_up += (*frame)->size();
    return std::optional(Outgoing{.url = contact_->ticket.url + wire::kSyncPath,
                                  .authority = contact_->ticket.authority,
                                  .body = std::move(**frame)});
  }

  Ticket ticket_of(const OwnLine& line) const {
    const auto former = former_tickets_.find(line.identity.replica);
    return former != former_tickets_.end() ? former->second : contact_->ticket;
  }

  static std::optional<std::int64_t> took(const Asked& asked, const ClockReading& now) {
    if (asked.question.sent.boot_session != now.boot_session) return std::nullopt;
    return now.monotonic_ms - asked.question.sent.monotonic_ms;
  }

  void note(const Asked& asked, const wire::Answer& answer, const Taken& taken) {
    const ReplicaId replica = asked.question.replica;
    brought_ticket_ = brought_ticket_ || (asked.enrolling && replica == own_.present().identity.replica);
    enrol_again_.erase(replica);
    if (taken.held_without_receipt) {
      held_[replica] = *taken.held_without_receipt;
    } else if (taken.sent > 0) {
      held_.erase(replica);
    }
    tally_.sent += taken.sent;
    tally_.received += taken.received;
    tally_.quarantined += taken.quarantined;
    tally_.erased += taken.erased;
    tally_.unreadable += taken.unreadable;
    new_policies_ = new_policies_ || taken.new_policies;
    if (asked.question.wants_states && !taken.overtaken) {
      listened_ = true;
      more_ = answer.more();
      tally_.remaining = answer.remaining();
    }
    if (!asked.question.orphans.empty() && !answer.has_refusal() && !taken.overtaken) orphans_.heard();
    if (asked.question.compares && !taken.overtaken) {
      comparing_.heard(answer, taken.received + taken.dropped);
      tally_.same = comparing_.is_same();
      tally_.mended = comparing_.mended();
    }
    const bool moved = asked.question.compares || !asked.question.orphans.empty() || taken.sent > 0 ||
                       taken.received > 0 || taken.held_without_receipt.has_value() ||
                       (!answer.cursor().empty() && answer.cursor() != asked.question.cursor) || asked.enrolling;
    idle_ = moved ? 0 : idle_ + 1;
  }

  Replica& replica_;
  InitiatorOptions options_;
  Courier courier_;
  Comparing comparing_;
  Pacing pacing_;
  Orphans orphans_;
  std::vector<RecordId> asked_about_;
  bool handing_on_ = false;
  OwnLines own_;
  std::optional<Contact> contact_;
  bool brought_ticket_ = false;  // in this conversation
  std::map<ReplicaId, Ticket> former_tickets_;
  std::optional<Asked> asked_;
  std::map<ReplicaId, Sequence> held_;  // what the server holds of a line, where no receipt says it
  std::set<ReplicaId> enrol_again_;
  bool renewed_ = false;
  bool listened_ = false;
  bool more_ = false;
  bool new_policies_ = false;
  int idle_ = 0;
  SyncTally tally_;
};

Outcome<std::unique_ptr<Initiator>> Initiator::begin(Replica& replica, const InitiatorOptions& options) {
  auto machine = std::make_unique<Machine>(replica, options);
  const Outcome<Done> looked = machine->look();
  if (!looked) return looked.fault();
  return std::unique_ptr<Initiator>(new Initiator(std::move(machine)));
}

Initiator::Initiator(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}
Initiator::~Initiator() = default;

Outcome<std::optional<Outgoing>> Initiator::next(const ClockReading& now) { return machine_->next(now); }
Outcome<Done> Initiator::receive(std::string_view answer, const ClockReading& now) {
  return machine_->receive(answer, now);
}
void Initiator::failed() { machine_->failed(); }
const SyncTally& Initiator::tally() const { return machine_->tally(); }
bool Initiator::has_new_policies() const { return machine_->has_new_policies(); }

}  // namespace songsong
