#include "shared/sync/intake.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/core/change_row.h"
#include "shared/core/state_batch_codec.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/settings.h"
#include "shared/sync/contact.h"
#include "shared/sync/join.h"
#include "shared/sync/lines.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

Fault fault(const char* code, const char* where, const char* what) {
  return Fault{.code = code, .where = where, .what = what};
}

// What was decoded before the transaction.
struct Decoded {
  std::vector<State> states;
  std::vector<StoreSequence> versions;
  std::vector<Receipt> receipts;
  std::map<ReplicaId, std::vector<RunRow>> lines;
};

Outcome<Decoded> decode(const wire::Answer& answer, const PublicKey& server, const Primer* primer) {
  Decoded decoded;
  if (!answer.states().empty()) {
    Outcome<std::vector<State>> states = decode_states(answer.states(), wire::kStatesLimits, primer);
    if (!states) return fault("states_malformed", "states", "The server's states cannot be read.");
    decoded.states = std::move(*states);
  }
  if (decoded.states.size() != static_cast<std::size_t>(answer.versions_size()))
    return fault("states_malformed", "versions", "The server's states and versions do not fit.");
  std::int64_t version = 0;
  for (const std::int64_t step : answer.versions()) {
    version = static_cast<std::int64_t>(static_cast<std::uint64_t>(version) + static_cast<std::uint64_t>(step));
    if (version <= 0) return fault("states_malformed", "versions", "A version is none.");
    decoded.versions.push_back(static_cast<StoreSequence>(version));
  }
  for (const std::string& bytes : answer.receipts()) {
    Outcome<Receipt> receipt = decode_receipt(bytes);
    if (!receipt || !verify(*receipt, server) || receipt->epoch != answer.epoch())
      return fault("receipt_forged", "receipt", "A receipt is not the server's.");
    decoded.receipts.push_back(std::move(*receipt));
  }
  for (const wire::Line& line : answer.lines()) {
    Outcome<std::vector<RunRow>> runs = runs_of(line);
    if (!runs) return runs.fault();
    decoded.lines[line.replica()] = std::move(*runs);
  }
  return decoded;
}

class Intake {
 public:
  Intake(Replica& replica, StoreReader& reader, const Question& question, const wire::Answer& answer,
         const Decoded& decoded, Taken& taken)
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
        admission_.lineages().learn(replica, runs);
        if (replica != own_.present().identity.replica) known.insert(replica);
        if (own_.find(replica) != nullptr && beyond_log(runs)) settings_[other_lives_setting(replica)] = "1";
      }
      if (!decoded_.lines.empty()) settings_[kLinesKnownSetting] = encode_replicas(known);
      take_receipts();
      take_verdicts();
      if (!taken_.overtaken) take_states();
      reconsider_refused();
      if (!taken_.overtaken) take_scope();
      if (epoch != 0 && answer_.epoch() > epoch) settings_[kAfterRestoreSetting] = to_setting(AfterRestore::kHearing);
      settings_[kServerEpochSetting] = std::to_string(answer_.epoch());
      if (answer_.primer() != 0) settings_[kServerPrimerSetting] = std::to_string(answer_.primer());
    }
    if (question_.replica == own_.present().identity.replica) settings_[kEnrolledSetting] = "1";
    take_policies(revision);
    StoreBatch batch = admission_.settle(now_ms_);
    batch.verdicts = std::move(verdicts_);
    for (auto& [name, value] : settings_) batch.settings[name] = std::move(value);
    return batch;
  }

 private:
  // What has left the scope, and how far the server was heard.
  void take_scope() {
    take_departures();
    if (question_.compares && answer_.compared()) take_mended();
    if (!question_.orphans.empty() && !answer_.has_refusal()) take_orphans();
    if (!answer_.cursor().empty() && question_.wants_states) settings_[kCursorSetting] = answer_.cursor();
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
      refused_.insert(name);
      refused_of_.insert(entry->record);
      ++taken_.quarantined;
    }
  }

  // Records whose state came were made anew with it.
  void reconsider_refused() {
    for (const RecordId record : refused_of_) {
      if (!taken_in_.contains(record)) admission_.reconsider(record, own_changes(record));
    }
  }

  std::vector<OwnChange> own_changes(RecordId record) {
    std::vector<OwnChange> changes;
    RecordCache& cache = admission_.books().cache();
    const RecordId wanted[] = {record};
    cache.load(wanted);
    const RecordRow* const row = cache.stored(record);
    if (row == nullptr || row->last_logged == 0) return changes;
    for (const LogRow& entry : log_of_record(reader_, *row)) {
      Outcome<Change> change = decode_change(entry.change, cache.personal(record).lookup());
      if (!change) throw StorageDamage{change.fault()};
      const bool refused = entry.verdict == Verdict::kQuarantined || refused_.contains(entry.name);
      changes.push_back(
          OwnChange{.change = std::move(*change), .verdict = refused ? Verdict::kQuarantined : Verdict::kApplied});
    }
    return changes;
  }

  bool is_newer(RecordId record, ServerVersion said) {
    const RecordRow* const row = admission_.books().cache().stored(record);
    return row == nullptr || ServerVersion{row->base_epoch, row->base_version} <= said;
  }

  void take_states() {
    std::vector<RecordId> ids;
    for (const State& state : decoded_.states) ids.push_back(state.id);
    admission_.books().cache().load(ids);
    for (std::size_t i = 0; i < decoded_.states.size(); ++i) {
      const State& state = decoded_.states[i];
      const ServerVersion said{.epoch = answer_.epoch(), .sequence = decoded_.versions[i]};
      if (!is_newer(state.id, said)) continue;
      admission_.rebase(state, own_changes(state.id), said);
      taken_in_.insert(state.id);
      ++taken_.received;
    }
  }

  // A record is dropped only if it is in no newer version. Where this replica takes it to live does not matter: what it
  // belongs to may not be held here.
  void take_departures() {
    for (const wire::Departure& mark : answer_.departures()) {
      leave(Name::from_packed(mark.record()), ServerVersion{answer_.epoch(), mark.version()});
    }
    for (const std::string& unit : answer_.units_left()) {
      const std::string units[] = {unit};
      for (FeedPosition at;;) {
        const std::vector<RecordRow> rows = reader_.feed(units, at, kPage);
        if (rows.empty()) break;
        at = FeedPosition{.version = rows.back().version, .record = rows.back().id};
        for (const RecordRow& row : rows) {
          if (!belongs_to_waiting(row)) leave(row.id, ServerVersion{row.base_epoch, row.base_version});
        }
      }
    }
  }

  // Whether what a record belongs to was changed here, and nobody had heard of it when the question was asked: it may
  // stand in the unit by that alone. Should the change be admitted, the server names what departs with it.
  bool belongs_to_waiting(const RecordRow& row) {
    if (own_before_.pending() == 0) return false;
    RecordCache& cache = admission_.books().cache();
    RecordId at = row.id;
    for (int steps = 0; steps < kMostSteps; ++steps) {
      const RecordId wanted[] = {at};
      cache.load(wanted);
      const Shown* const shown = cache.records().find(at);
      const Value* const up =
          shown != nullptr && shown->kind != nullptr ? shown->find(shown->kind->unit_via()) : nullptr;
      if (up == nullptr || up->reference() == nullptr) return false;
      at = *up->reference();
      const std::vector<OwnChange> own = own_changes(at);
      if (std::any_of(own.begin(), own.end(),
                      [this](const OwnChange& each) { return own_before_.may_wait(each.change.name); }))
        return true;
    }
    return false;
  }

  // Of a range that was mended the server sent all that it holds; what else is held here has left the scope.
  void take_mended() {
    std::set<RecordId> sent;
    for (const State& state : decoded_.states) sent.insert(state.id);
    for (const wire::Range& range : answer_.differing()) {
      if (!range.mended()) continue;
      for (RecordId at = Name::from_packed(range.from() == 0 ? 0 : range.from() - 1);;) {
        const std::vector<RecordRow> rows = reader_.scan(0, at, kPage);
        for (const RecordRow& row : rows) {
          if (range.to() != 0 && row.id.packed() >= range.to()) break;
          if (row.live && !sent.contains(row.id) && !is_orphan(row, answer_.epoch())) drop(row);
        }
        if (rows.size() < kPage || (range.to() != 0 && rows.back().id.packed() >= range.to())) break;
        at = rows.back().id;
      }
    }
  }

  // What lives in other units now is none of this replica's. Units and quarantines are the server's own: what it does
  // not know of them is no more. Anything else was lost with the backup, and whoever saved it is gone: it stays here,
  // the last copy that there is.
  void take_orphans() {
    std::set<RecordId> elsewhere;
    for (const std::uint64_t packed : answer_.orphans_elsewhere()) elsewhere.insert(Name::from_packed(packed));
    admission_.books().cache().load(question_.orphans);
    for (const RecordId record : question_.orphans) {
      const RecordRow* const row = admission_.books().cache().stored(record);
      if (row == nullptr || !row->live || row->base_epoch >= answer_.epoch()) continue;
      const KindPolicy* const kind = policies_.kind(row->kind);
      const bool of_server = kind != nullptr && (kind->internal() || kind->has_unit_tree());
      if (of_server || elsewhere.contains(record)) drop(RecordRow(*row));
    }
  }

  // What was saved here since the question was asked stays.
  void drop(const RecordRow& row) {
    const std::vector<OwnChange> own = own_changes(row.id);
    const bool waits =
        std::any_of(own.begin(), own.end(), [this](const OwnChange& each) { return own_.may_wait(each.change.name); });
    if (waits) return;
    // Versions of an older epoch say nothing of this one's: the record may come back in a version that is less.
    const bool same_epoch = row.base_epoch == answer_.epoch();
    leave(row.id, ServerVersion{answer_.epoch(), same_epoch ? row.base_version : 0});
    ++taken_.dropped;
  }

  void leave(RecordId record, ServerVersion said) {
    if (!record.valid() || taken_in_.contains(record)) return;
    const RecordId wanted[] = {record};
    admission_.books().cache().load(wanted);
    const RecordRow* const row = admission_.books().cache().stored(record);
    if (row == nullptr || !is_newer(record, said)) return;
    const auto keeps = [this](Name name) { return own_.may_wait(name); };
    admission_.leave(record, own_changes(record), keeps, said);
  }

  void take_policies(std::uint32_t revision) {
    if (answer_.policy_table().empty()) return;
    const Outcome<Policies> table = Policies::parse(answer_.policy_table());
    if (!table || table->revision() <= revision) return;
    settings_[kPolicyTableSetting] = answer_.policy_table();
    taken_.new_policies = true;
  }

  static constexpr std::size_t kMaxReason = 60;
  static constexpr int kMostSteps = 8;  // from a record to what it belongs to

  StoreReader& reader_;
  const Question& question_;
  const wire::Answer& answer_;
  const Policies& policies_;
  const Decoded& decoded_;
  Taken& taken_;
  OwnLines own_;
  const OwnLines own_before_ = own_;  // this answer's receipts
  Admission admission_;
  std::map<std::string, std::string> settings_;
  std::vector<VerdictRow> verdicts_;
  std::set<Name> refused_;
  std::set<RecordId> refused_of_;
  std::set<RecordId> taken_in_;
  std::int64_t now_ms_ = 0;
};

}  // namespace

Outcome<Taken> take_in(Replica& replica, const PublicKey& server, const Question& question, const wire::Answer& answer,
                       const ClockReading& now, const Primer* primer) {
  const Outcome<Decoded> decoded = decode(answer, server, primer);
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
