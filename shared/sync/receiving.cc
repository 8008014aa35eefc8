#include "shared/sync/receiving.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "shared/core/change_row.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/settings.h"
#include "shared/sync/judge.h"
#include "shared/sync/offers.h"

namespace songsong {
namespace {

class Receiver {
 public:
  Receiver(const ReceivingContext& context, StoreReader& reader, const Member& member, Received& received)
      : context_(context),
        reader_(reader),
        member_(member),
        received_(received),
        judge_(context.books.policies, context.validator),
        saver_context_{.policies = context.books.policies,
                       .validator = context.validator,
                       .identity = context.self,
                       .environment = context.environment,
                       .tag = context.tag},
        admission_(context.books, Authority::kHoldsAllLogs, reader) {}

  Outcome<Done> take(const OpenedPiece& piece) {
    const Outcome<std::vector<bool>> known = known_of(piece);
    if (!known) return known.fault();
    const Outcome<Done> keys = take_keys(piece, *known);
    if (!keys) return keys;
    admission_.prepare(piece.changes);
    Tag parent_tag = piece.parent_tag;
    for (std::size_t i = 0; i < piece.changes.size(); ++i) {
      const Change& change = piece.changes[i];
      if ((*known)[i]) {
        ++received_.known;
        received_.versions_before[change.record] = kNoVersion;
      } else {
        Outcome<Done> admitted = admit(piece, i, parent_tag);
        if (!admitted) return admitted;
      }
      parent_tag = change.name.tag();
    }
    return Done{};
  }

  StoreBatch settle(std::int64_t now_ms) {
    StoreBatch batch = admission_.settle(now_ms);
    // What the sender holds is more than it may: it is to be told what is left.
    for (const RecordId record : admission_.erased()) received_.versions_before[record] = kNoVersion;
    if (!batch.log.empty()) received_.version = batch.log.back().sequence;
    if (saver_ != nullptr) {
      batch.settings[kOwnTipSetting] = to_text(saver_->tip());
    }
    return batch;
  }

 private:
  static Fault collide(const std::string& where) {
    return Fault{.code = "names_collide",
                 .where = where,
                 .what = "Another change of this replica has the same name; it needs a new ticket."};
  }

  // Which of them the log holds: a change whose name lies in a run. All are looked for, also where the piece goes on
  // from the end of a line: a replica that does not keep the rules can give a name of one line to a change of another.
  Outcome<std::vector<bool>> known_of(const OpenedPiece& piece) {
    std::vector<bool> known(piece.changes.size(), false);
    const Name first = piece.changes.front().name;
    const ReplicaId replica[] = {first.replica()};
    admission_.lineages().load(replica);
    const std::vector<RunRow>& all = admission_.lineages().runs_of(first.replica());
    std::vector<RunRow> runs;
    std::copy_if(all.begin(), all.end(), std::back_inserter(runs),
                 [&](const RunRow& row) { return row.run.last >= first.sequence(); });
    std::vector<Name> names;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < piece.changes.size(); ++i) {
      if (run_holding(runs, piece.changes[i].name) == nullptr) continue;
      names.push_back(piece.changes[i].name);
      places.push_back(i);
    }
    if (names.empty()) return known;
    const std::vector<std::optional<LogRow>> held = reader_.changes(names);
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (!held[i] || held[i]->hash != piece.hashes[places[i]]) return collide(to_text(names[i]));
      known[places[i]] = true;
    }
    return known;
  }

  // A block has one key for ever, and a change that has one of its own, too. Of a block whose key was destroyed here
  // the replica may not have heard: then its key leads to those of the changes that come with it.
  Outcome<Done> take_keys(const OpenedPiece& piece, const std::vector<bool>& known) {
    KeyBook& keys = admission_.keys();
    for (const BlockKeyRow& row : piece.keys) {
      if (!keys.take(row.block, *row.key)) return collide("block key");
    }
    for (std::size_t i = 0; i < piece.changes.size(); ++i) {
      const Change& change = piece.changes[i];
      const bool has_own = piece.own_keys.contains(change.name);
      if (has_own && !keys.take(change.name, piece.own_keys.at(change.name))) return collide(to_text(change.name));
      if (known[i] || has_own || personal_writes(change) == 0 || piece.erased.contains(change.name)) continue;
      const BlockName block = piece.blocks[i];
      if (!keys.of(block.replica).is_destroyed(block)) continue;
      for (const BlockKeyRow& row : piece.keys) {
        if (row.block == block) keys.take(change.name, derive_change_key(*row.key, change.name));
      }
    }
    return Done{};
  }

  Outcome<Done> admit(const OpenedPiece& piece, std::size_t at, Tag parent_tag) {
    const Change& change = piece.changes[at];
    const auto erased = piece.erased.find(change.name);
    const std::string reason = judge_.reason_against(change, member_, admission_);
    admission_.admit(
        Incoming{.change = change,
                 .parent_tag = parent_tag,
                 .key_tag = piece.blocks[at].tag,
                 .hash = piece.hashes[at],
                 .verdict = reason.empty() ? Verdict::kApplied : Verdict::kQuarantined,
                 .reason = reason,
                 .commitments = erased != piece.erased.end() ? std::optional(erased->second) : std::nullopt});
    if (reason.empty()) {
      ++received_.applied;
      const RecordRow* const before = admission_.books().cache().stored(change.record);
      const StoreSequence version = before == nullptr ? kNoRecord : before->live ? before->version : kNoVersion;
      received_.versions_before.try_emplace(change.record, version);
      return release_if_decided(change);
    }
    ++received_.quarantined;
    received_.versions_before[change.record] = kNoVersion;
    return record_quarantine(change, reason);
  }

  // The server's own changes are made after the piece's, so that their order in the log is that of cause and effect.
  Saver& saver() {
    if (saver_ == nullptr) saver_ = std::make_unique<Saver>(saver_context_, admission_, reader_);
    return *saver_;
  }

  Outcome<Done> record_quarantine(const Change& change, const std::string& reason) {
    const KindPolicy* const kind = context_.books.policies.quarantine();
    if (kind == nullptr) return Done{};
    const policy::QuarantineRule& rule = kind->quarantine();
    const UnitTree& tree = *admission_.books().tree();
    const bool known_unit = tree.find(change.unit) != nullptr;
    Act act;
    act.kind = kind->number();
    act.inputs = {Input{.field = rule.change(), .shape = Shape::kRegister, .value = Value(Text(to_text(change.name)))},
                  Input{.field = rule.reason(), .shape = Shape::kRegister, .value = Value(Text(reason))},
                  Input{.field = rule.record(), .shape = Shape::kRegister, .value = Value(change.record)}};
    const std::string present = default_unit(present_grants(member_));
    std::string unit = known_unit || present.empty() ? change.unit : present;
    if (reason == kToBeReceived) {
      unit = unit_written(change, context_.books.policies);
      const FieldPolicy* const about = Policies::field_named(*kind, "about");
      const std::string text = about_record(change.record, admission_.books().cache());
      if (about != nullptr && !text.empty())
        act.inputs.push_back(Input{.field = about->number(), .shape = Shape::kRegister, .value = Value(Text(text))});
    }
    act.inputs.push_back(Input{.field = kind->unit_field(), .shape = Shape::kRegister, .value = Value(Text(unit))});
    act.unit = unit;
    const Outcome<RecordId> saved = saver().save(act);
    if (!saved) return saved.fault();
    return Done{};
  }

  // A reviewer lets a change in that was set aside, or somebody receives what was let go: it is admitted anew, once.
  Outcome<Done> release_if_decided(const Change& change) {
    const KindPolicy* const kind = context_.books.policies.quarantine();
    if (kind == nullptr || change.kind != kind->number()) return Done{};
    const policy::QuarantineRule& rule = kind->quarantine();
    const Shown* const shown = admission_.books().cache().records().find(change.record);
    const Value* const decision = shown != nullptr ? shown->find(rule.decision()) : nullptr;
    const Value* const named = shown != nullptr ? shown->find(rule.change()) : nullptr;
    if (decision == nullptr || decision->integer() == nullptr || *decision->integer() != rule.released()) return Done{};
    if (named == nullptr || named->text() == nullptr) return Done{};
    const Outcome<Name> name = parse_name(*named->text());
    if (!name) return Done{};
    const Name wanted[] = {*name};
    const std::optional<LogRow> logged = reader_.changes(wanted).front();
    if (!logged || logged->verdict != Verdict::kQuarantined) return Done{};
    const Outcome<Change> set_aside = decode_change(logged->change);
    if (!set_aside) return set_aside.fault();
    const std::string to = set_aside->opens() ? "" : unit_written(*set_aside, context_.books.policies);
    return to.empty() ? release(*logged) : let_move(*logged, to, change.record);
  }

  // What moves a record is let in where it is still in its place, and the unit is one; else the decision is taken back,
  // so that it is seen to have come too late. Other units that it was offered to decide on it no more.
  Outcome<Done> let_move(const LogRow& set_aside, const std::string& to, RecordId quarantine) {
    const Policies& policies = context_.books.policies;
    RecordCache& cache = admission_.books().cache();
    const RecordId moved[] = {set_aside.record};
    cache.load(moved);
    const RecordRow* const row = cache.stored(set_aside.record);
    if (row != nullptr && was_let_in(set_aside, *row, reader_)) return Done{};
    const bool may = row != nullptr && row->live && admission_.books().tree()->find(to) != nullptr &&
                     !has_moved_since(set_aside, *row, reader_, policies);
    if (!may) return refuse(quarantine);
    const Outcome<Done> released = release(set_aside);
    if (!released) return released;
    for (const RecordId other : other_offers(set_aside.record, quarantine, cache, policies)) {
      const Outcome<Done> refused = refuse(other);
      if (!refused) return refused;
    }
    return Done{};
  }

  Outcome<Done> refuse(RecordId quarantine) {
    const policy::QuarantineRule& rule = context_.books.policies.quarantine()->quarantine();
    received_.versions_before[quarantine] = kNoVersion;  // whoever decided otherwise is to hear of it
    Act act;
    act.record = quarantine;
    act.inputs = {Input{.field = rule.decision(), .shape = Shape::kRegister, .value = Value(rule.refused())}};
    const Outcome<RecordId> saved = saver().save(act);
    // It says so already.
    if (!saved && saved.fault().code != "nothing_to_save") return saved.fault();
    return Done{};
  }

  Outcome<Done> release(const LogRow& set_aside) {
    RecordCache& cache = admission_.books().cache();
    const RecordId record[] = {set_aside.record};
    cache.load(record);
    const PersonalLookup lookup = cache.personal(set_aside.record).lookup();
    const RecordRow* const row = cache.stored(set_aside.record);
    if (row == nullptr) return Done{};
    if (was_let_in(set_aside, *row, reader_)) return Done{};
    Outcome<Change> change = decode_change(set_aside.change, lookup);
    if (!change) return change.fault();
    received_.versions_before[set_aside.record] = kNoVersion;
    const Outcome<RecordId> released = saver().release(std::move(*change));
    if (!released) return released.fault();
    return Done{};
  }

  const ReceivingContext& context_;
  StoreReader& reader_;
  const Member& member_;
  Received& received_;
  Judge judge_;
  SaverContext saver_context_;
  Admission admission_;
  std::unique_ptr<Saver> saver_;
};

}  // namespace

Outcome<StoreBatch> receive(const ReceivingContext& context, StoreReader& reader, const Member& member,
                            const std::vector<OpenedPiece>& pieces, std::int64_t now_ms, Received& received) {
  received = Received{};
  try {
    Receiver receiver(context, reader, member, received);
    for (const OpenedPiece& piece : pieces) {
      const Outcome<Done> taken = receiver.take(piece);
      if (!taken) return taken.fault();
    }
    return receiver.settle(now_ms);
  } catch (const StorageDamage& damage) {
    return damage.fault;
  }
}

}  // namespace songsong
