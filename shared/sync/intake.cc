#include "shared/sync/intake.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/settings.h"
#include "shared/sync/contact.h"
#include "shared/sync/decoded_answer.h"
#include "shared/sync/join.h"
#include "shared/sync/leaving.h"
#include "shared/sync/lines.h"
#include "shared/sync/own_changes.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

class Intake {
 public:
  Intake(Replica& replica, StoreReader& reader, const Question& question, const wire::Answer& answer,
         const DecodedAnswer& decoded, Taken& taken)
      : reader_(reader),
        question_(question),
        answer_(answer),
        policies_(replica.policies()),
        decoded_(decoded),
        taken_(taken),
        own_(OwnLines::read(reader)),
        admission_(replica.books(), Authority::kHoldsOwnLog, reader) {}

  StoreBatch run(const ClockReading& now, std::uint32_t revision) {
    const std::optional<Contact> contact = Contact::read(reader_);
    const std::uint64_t epoch = contact ? contact->epoch : 0;
    // An answer from before a restore that is overtaken by one from after it.
    const bool stale = answer_.epoch() < epoch;
    // Another program has heard the server meanwhile, perhaps of records that are none of this replica's any more.
    taken_.overtaken = question_.wants_states && (!contact || contact->cursor != question_.cursor);
    take_clock(now);
    if (!stale) {
      std::set<ReplicaId> known = decode_replicas(reader_.setting(kLinesKnownSetting));
      for (const auto& [replica, runs] : decoded_.lines) {
        learnt_ = admission_.lineages().learn(replica, runs) || learnt_;
        if (replica != own_.present().identity.replica) known.insert(replica);
        if (own_.find(replica) != nullptr && beyond_log(runs)) settings_[other_lives_setting(replica)] = "1";
      }
      if (!decoded_.lines.empty()) settings_[kLinesKnownSetting] = encode_replicas(known);
      take_grants();
      take_receipts();
      take_verdicts();
      take_erased();
      if (!taken_.overtaken) take_states();
      reconsider_refused();
      if (learnt_) reconsider_overlaid();
      if (!taken_.overtaken) take_scope();
      if (epoch != 0 && answer_.epoch() > epoch) settings_[kAfterRestoreSetting] = to_setting(AfterRestore::kHearing);
      settings_[kServerEpochSetting] = std::to_string(answer_.epoch());
      if (answer_.primer() != 0) settings_[kServerPrimerSetting] = std::to_string(answer_.primer());
    }
    if (question_.replica == own_.present().identity.replica) settings_[kEnrolledSetting] = "1";
    take_policies(revision);
    if (question_.replica == own_.present().identity.replica) take_announcement();
    StoreBatch batch = admission_.settle(now_ms_);
    batch.verdicts = std::move(verdicts_);
    for (auto& [name, value] : settings_) batch.settings[name] = std::move(value);
    return batch;
  }

 private:
  // What has left the scope, and how far the server was heard.
  void take_scope() {
    const LeavingContext context{.reader = reader_,
                                 .admission = admission_,
                                 .own_changes = own_changes_,
                                 .policies = policies_,
                                 .question = question_,
                                 .answer = answer_,
                                 .own = own_,
                                 .own_before = own_before_,
                                 .taken_in = taken_in_};
    Leaving leaving(context);
    if (answer_.refusal().code() == "replica_revoked" && question_.replica == own_.present().identity.replica) {
      leaving.everything();
      settings_[kCursorSetting] = "";
      return;
    }
    leaving.departures();
    if (question_.compares && answer_.compared()) {
      std::set<RecordId> sent;
      for (const State& state : decoded_.states) sent.insert(state.id);
      leaving.mended(sent);
    }
    if (!question_.orphans.empty() && !answer_.has_refusal()) leaving.orphans();
    taken_.dropped = leaving.dropped();
    if (answer_.cursor().empty() || !question_.wants_states) return;
    settings_[kCursorSetting] = answer_.cursor();
    // With the cursor in the store nothing else says that there is still to be asked what lives elsewhere.
    if (question_.renewed && question_.cursor.empty())
      settings_[kAfterRestoreSetting] = to_setting(AfterRestore::kHearing);
  }

  void take_clock(const ClockReading& now) {
    const Outcome<ClockState> clock = decode_clock(reader_.setting(kClockSetting));
    if (!clock) throw StorageDamage{clock.fault()};
    const ClockState learnt = question_.carried ? *clock : learn(*clock, question_.sent, now, answer_.server_ms());
    if (!question_.carried) settings_[kClockSetting] = encode_clock(learnt);
    now_ms_ = corrected(learnt, now).captured_ms;
  }

  // The log's entry at a sequence of the line; own lines do not branch.
  std::optional<LogRow> own_entry(ReplicaId replica, Sequence sequence) {
    if (sequence == 0) return std::nullopt;
    const std::vector<LogRow> rows = reader_.log_of(replica, sequence - 1, 1);
    if (rows.empty() || rows.front().name.sequence() != sequence) return std::nullopt;
    return rows.front();
  }

  // Whether a run tells of changes that this store did not save.
  bool beyond_log(const std::vector<RunRow>& runs) {
    return std::any_of(runs.begin(), runs.end(), [this](const RunRow& row) {
      const Name last[] = {Name(row.replica, row.run.last, row.run.tag)};
      return !reader_.changes(last).front().has_value();
    });
  }

  void take_receipts() {
    const OwnLine* const line = own_.find(question_.replica);
    if (line == nullptr) return;
    const Receipt* best = nullptr;
    for (const Receipt& receipt : decoded_.receipts) {
      const std::optional<LogRow> entry = own_entry(question_.replica, receipt.held.sequence());
      const auto own_hash = [&](Sequence) { return entry ? std::optional(entry->hash) : std::nullopt; };
      if (!concerns(receipt, question_.replica, own_hash) || entry->name != receipt.held) continue;
      if (best == nullptr || best->held.sequence() < receipt.held.sequence()) best = &receipt;
    }
    const bool same_epoch = line->receipt && line->receipt->epoch == answer_.epoch();
    if (best != nullptr) {
      if (same_epoch && best->held.sequence() <= line->received()) return;
      if (best->held.sequence() > line->received()) taken_.sent += best->held.sequence() - line->received();
      settings_[receipt_setting(question_.replica)] = encode(*best);
      for (OwnLine& each : own_.lines()) {
        if (each.identity.replica == question_.replica) each.receipt = *best;
      }
      return;
    }
    // The server holds less of this line than was thought: it was restored, or this phone was. What a receipt of this
    // epoch covers stays covered.
    if (same_epoch || (!question_.upto.valid() && !line->receipt)) return;
    taken_.held_without_receipt = held_by_lines(*line);
    settings_[receipt_setting(question_.replica)] = "";
  }

  // The last own change that the server's runs hold.
  Sequence held_by_lines(const OwnLine& line) {
    const auto runs = decoded_.lines.find(question_.replica);
    if (runs == decoded_.lines.end()) return 0;
    Sequence held = 0;
    for (const RunRow& row : runs->second) {
      const Sequence last = std::min(row.run.last, line.tip.sequence());
      for (Sequence at = last; at >= row.run.first && at > held; --at) {
        const std::optional<LogRow> entry = own_entry(question_.replica, at);
        if (entry && entry->name.tag() == row.run.tag) held = at;
      }
    }
    return held;
  }

  void take_verdicts() {
    for (const wire::Quarantined& told : answer_.quarantined()) {
      const Name name = Name::from_packed(told.change());
      if (!name.valid() || own_.find(name.replica()) == nullptr) continue;
      const Name wanted[] = {name};
      const std::optional<LogRow> entry = reader_.changes(wanted).front();
      if (!entry || entry->verdict == Verdict::kQuarantined) continue;
      verdicts_.push_back(VerdictRow{.sequence = entry->sequence,
                                     .verdict = Verdict::kQuarantined,
                                     .reason = told.reason().substr(0, kMaxReason)});
      own_changes_.refuse(name);
      refused_of_.insert(entry->record);
      ++taken_.quarantined;
    }
  }

  // Personal values that this store saved and that are to be held nowhere any more.
  void take_erased() {
    std::map<RecordId, std::set<Name>> erased;
    bool heard_all = true;
    for (const std::uint64_t packed : answer_.erased()) {
      const Name name[] = {Name::from_packed(packed)};
      if (!name[0].valid() || own_.find(name[0].replica()) == nullptr) continue;
      const bool known = admission_.keys().of(name[0].replica()).erased(name[0]) != nullptr;
      const std::optional<LogRow> entry = reader_.changes(name).front();
      if (known || !entry) continue;
      // Nothing is destroyed here before a receipt says that the server has it. A phone that was put back hears of the
      // erasure first: it is told again with its receipt.
      if (own_.may_wait(entry->name)) {
        heard_all = false;
        continue;
      }
      erased[entry->record].insert(entry->name);
    }
    for (const auto& [record, names] : erased) erase(record, names);
    if (heard_all && answer_.erased_until() > erased_heard(reader_, answer_.epoch()))
      settings_[kErasedHeardSetting] = encode_erased_heard(answer_.epoch(), answer_.erased_until());
  }

  // Records whose state came were made anew with it.
  void reconsider_refused() {
    for (const RecordId record : refused_of_) {
      if (!taken_in_.contains(record)) admission_.reconsider(record, own_changes_.of(record));
    }
  }

  // What a name stands for has changed, and with it what the own changes over a base do to it. Rare: a phone was
  // copied.
  void reconsider_overlaid() {
    for (RecordId after;;) {
      const std::vector<RecordRow> page = reader_.scan(0, after, kPage);
      if (page.empty()) return;
      after = page.back().id;
      for (const RecordRow& row : page) {
        const bool overlaid = row.base.has_value() && !taken_in_.contains(row.id) && !refused_of_.contains(row.id);
        if (overlaid) admission_.reconsider(row.id, own_changes_.of(row.id));
      }
    }
  }

  bool is_newer(RecordId record, ServerVersion said) {
    const RecordRow* const row = admission_.books().cache().stored(record);
    return row == nullptr || version_told(*row) <= said;
  }

  void take_states() {
    std::vector<RecordId> ids;
    for (const State& state : decoded_.states) ids.push_back(state.id);
    admission_.books().cache().load(ids);
    for (std::size_t i = 0; i < decoded_.states.size(); ++i) {
      State state = decoded_.states[i];
      const ServerVersion said{.epoch = answer_.epoch(), .sequence = decoded_.versions[i]};
      if (!is_newer(state.id, said)) continue;
      std::vector<OwnChange> own_changes = own_changes_.of(state.id);
      std::set<Name> erased = erased_in(state, own_changes);
      std::erase_if(erased, [this](Name name) { return own_.may_wait(name); });
      if (!erased.empty()) {
        erase(state.id, erased);
        own_changes = own_changes_.of(state.id);
      }
      blank_own(state, own_changes);
      if (contradicts(state, own_changes)) {
        ++taken_.unreadable;
        continue;
      }
      admission_.rebase(std::move(state), own_changes, said);
      taken_in_.insert(decoded_.states[i].id);
      ++taken_.received;
    }
  }

  void erase(RecordId record, const std::set<Name>& names) {
    admission_.erase(record, [&](Name change, FieldNumber) { return names.contains(change); });
    taken_.erased = admission_.erased().size();
  }

  // An answer that was overtaken by a later one says older ones. A restored server may have forgotten some, and is
  // right.
  void take_grants() {
    Identity identity = own_.present().identity;
    if (!decoded_.grants || question_.replica != identity.replica) return;
    const GrantsTold told{.epoch = answer_.epoch(), .revision = answer_.grants().revision()};
    if (told <= identity.grants_told) return;
    identity.grants = *decoded_.grants;
    identity.grants_told = told;
    settings_[kIdentitySetting] = encode_identity(identity);
  }

  // What the server says of itself: the first answer asks for the ticket, the next one has what takes its place.
  void take_announcement() {
    const std::uint32_t revision = answer_.ticket_revision();
    if (revision == 0) return;
    if (!question_.brought_ticket) {
      if (!question_.carried) settings_[kTicketWantedSetting] = "1";
      return;
    }
    const std::optional<Contact> contact = Contact::read(reader_);
    // What comes late by a file says nothing of the present.
    if (!contact || (question_.carried && revision <= contact->ticket_revision)) return;
    if (!answer_.ticket().empty()) {
      const Outcome<Ticket> ticket = decode_ticket(answer_.ticket());
      if (!ticket || !verify(*ticket) || ticket->replica != question_.replica) return;
      settings_[kTicketSetting] = answer_.ticket();
      if (ticket->server != contact->ticket.server)
        settings_[kFormerServersSetting] = with_former_server(reader_, contact->ticket.server);
    }
    settings_[kTicketRevisionSetting] = std::to_string(revision);
    settings_[kTicketWantedSetting] = "";
  }

  void take_policies(std::uint32_t revision) {
    if (answer_.policy_table().empty()) return;
    const Outcome<Policies> table = Policies::parse(answer_.policy_table());
    if (!table || table->revision() <= revision) return;
    settings_[kPolicyTableSetting] = answer_.policy_table();
    taken_.new_policies = true;
  }

  static constexpr std::size_t kMaxReason = 60;
  static constexpr std::size_t kPage = 500;

  StoreReader& reader_;
  const Question& question_;
  const wire::Answer& answer_;
  const Policies& policies_;
  const DecodedAnswer& decoded_;
  Taken& taken_;
  OwnLines own_;
  const OwnLines own_before_ = own_;  // this answer's receipts
  Admission admission_;
  OwnChanges own_changes_{reader_, admission_.books().cache()};
  std::map<std::string, std::string> settings_;
  std::vector<VerdictRow> verdicts_;
  std::set<RecordId> refused_of_;
  std::set<RecordId> taken_in_;
  bool learnt_ = false;  // more of a copied phone's line than was known
  std::int64_t now_ms_ = 0;
};

}  // namespace

Outcome<Taken> take_in(Replica& replica, const PublicKey& server, const Question& question, const wire::Answer& answer,
                       const ClockReading& now, const Primer* primer) {
  const Outcome<DecodedAnswer> decoded = decode(answer, server, primer);
  if (!decoded) return decoded.fault();
  Taken taken;
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    taken = Taken{};
    try {
      return Intake(replica, reader, question, answer, *decoded, taken).run(now, replica.policies().revision());
    } catch (const StorageDamage& damage) {
      return damage.fault;
    }
  };
  const Outcome<StoreSequence> written = replica.store().write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return taken;
}

}  // namespace songsong
