#include "shared/replica/admission.h"

#include <algorithm>

#include "shared/core/change_row.h"
#include "shared/core/merge.h"
#include "shared/core/state_codec.h"
#include "shared/replica/erasure_acts.h"
#include "shared/replica/erasures.h"

namespace songsong {
namespace {

State nothing_applied(RecordId record) {
  State state;
  state.id = record;
  return state;
}

}  // namespace

Admission::Admission(const BooksContext& context, Authority authority, StoreReader& reader)
    : authority_(authority),
      policies_(context.policies),
      reader_(reader),
      books_(context, reader),
      lineages_(authority, reader),
      keys_(reader),
      last_(reader.last_sequence()),
      erasing_(books_.cache(), lineages_, keys_, reader, admitted_) {}

void Admission::prepare(std::span<const Change> changes) {
  std::vector<RecordId> ids;
  std::vector<ReplicaId> replicas;
  for (const Change& change : changes) {
    ids.push_back(change.record);
    replicas.push_back(change.name.replica());
    for (const Name name : change.saw) replicas.push_back(name.replica());
  }
  books_.cache().load(ids);
  lineages_.load(replicas);
}

// As it stands in this commit.
State Admission::shown(RecordId record) {
  const RecordId wanted[] = {record};
  books_.cache().load(wanted);
  const State* const state = books_.cache().records().state(record);
  return state != nullptr ? *state : nothing_applied(record);
}

// What the server last said of the record, before own changes over it. Only a phone has one.
std::optional<State> Admission::base(RecordId record) {
  if (authority_ == Authority::kHoldsAllLogs) return std::nullopt;
  const auto known = bases_.find(record);
  if (known != bases_.end()) return known->second;
  const RecordId wanted[] = {record};
  books_.cache().load(wanted);
  const RecordRow* const row = books_.cache().stored(record);
  if (row == nullptr) return nothing_applied(record);
  if (!row->base) return shown(record);
  Outcome<State> state = decode_state(*row->base, books_.cache().personal(record).lookup());
  if (!state)
    throw StorageDamage{
        Fault{.code = "storage_damaged", .where = "base of record " + to_text(record), .what = state.fault().what}};
  return std::move(*state);
}

void Admission::admit(Incoming incoming) {
  const Change& change = incoming.change;
  lineages_.load_for(change);
  lineages_.extend(change.name, incoming.parent_tag, incoming.key_tag);
  std::optional<State> under = base(change.record);
  State state = shown(change.record);
  lineages_.load_for(state);
  if (authority_ == Authority::kHoldsAllLogs) {
    const Shown* const before = books_.cache().records().find(change.record);
    for (const RecordId target : targets_left_behind(policies_, change, before, incoming.verdict != Verdict::kApplied))
      left_behind_.emplace(target, change.record);
  }
  if (incoming.verdict == Verdict::kApplied) {
    merge(state, change, lineages_.lineage());
  } else {
    merge_empty(state, change, lineages_.lineage());
  }
  books_.cache().personal(change.record).put_all(change);
  bases_[change.record] = under;
  books_.put(std::move(state), std::move(under));
  move_tip(incoming);
  admitted_.push_back(std::move(incoming));
}

void Admission::move_tip(const Incoming& incoming) {
  const Name name = incoming.change.name;
  if (name.sequence() > 1) {
    const Name parent(name.replica(), name.sequence() - 1, incoming.parent_tag);
    if (tips_.erase(parent) == 0) tips_dropped_.insert(parent);
  }
  tips_[name] = incoming.hash;
}

void Admission::rebase(State base, std::span<const OwnChange> own_changes, ServerVersion said) {
  said_[base.id] = said;
  overlay(std::move(base), own_changes);
}

void Admission::reconsider(RecordId record, std::span<const OwnChange> own_changes) {
  const std::optional<State> under = base(record);
  overlay(under.value_or(nothing_applied(record)), own_changes);
}

void Admission::leave(RecordId record, std::span<const OwnChange> own_changes, const std::function<bool(Name)>& keeps,
                      ServerVersion said) {
  State gone = nothing_applied(record);
  for (const OwnChange& own : own_changes) {
    if (keeps(own.change.name)) continue;
    lineages_.load_for(own.change);
    merge_empty(gone, own.change, lineages_.lineage());
  }
  said_[record] = said;
  overlay(std::move(gone), own_changes);
}

// An own change that names nothing yet known of its line (a backup that went another way) is shown over the base: it is
// on this replica's path, and the server sends the lines of a copied replica before its states.
void Admission::overlay(State base, std::span<const OwnChange> own_changes) {
  const RecordId record = base.id;
  const RecordId wanted[] = {record};
  books_.cache().load(wanted);
  lineages_.load_for(base);
  // What others wrote and the server tells no more is kept no longer; what it says was erased is not left in the log of
  // pages either, which is noted before it is gone.
  books_.cache().personal(record).put_all(base);
  books_.cache().personal(record).keep_only([&](Name name) {
    return std::any_of(own_changes.begin(), own_changes.end(),
                       [&](const OwnChange& own) { return own.change.name == name; });
  });
  State state = base;
  bool covered_all = true;
  for (const OwnChange& own : own_changes) {
    lineages_.load_for(own.change);
    if (lineages_.lineage().covered(base.applied, own.change.name)) continue;
    covered_all = false;
    if (own.verdict == Verdict::kApplied) {
      merge(state, own.change, lineages_.lineage());
    } else {
      merge_empty(state, own.change, lineages_.lineage());
    }
  }
  std::optional<State> under;
  if (!covered_all) under = std::move(base);
  bases_[record] = under ? under : std::optional<State>(state);
  books_.put(std::move(state), std::move(under));
}

void Admission::erase(RecordId record, const ErasureCovers& covers) {
  const RecordId wanted[] = {record};
  books_.cache().load(wanted);
  if (!erasing_.destroy(record, covers)) return;
  State state = shown(record);
  std::optional<State> under = base(record);
  if (under && *under == state) under.reset();
  const PersonalValuesOf& held = books_.cache().personal(record);
  blank_erased(state, held);
  if (under) blank_erased(*under, held);
  if (authority_ == Authority::kHoldsOwnLog) bases_[record] = under ? under : std::optional<State>(state);
  books_.put(std::move(state), std::move(under));
  erased_.insert(record);
}

// Erasures that came, and changes of those whose erasure came before.
void Admission::carry_out_erasures(StoreBatch& batch) {
  const KindPolicy* const kind = policies_.erasure();
  if (authority_ != Authority::kHoldsAllLogs || kind == nullptr) return;
  for (const auto& [target, record] : left_behind_) batch.settings[tells_prefix(target) + to_text(record)] = "1";
  Erasures erasures(policies_, books_.cache());
  const bool any_before = holds_erasures(reader_);
  std::set<RecordId> concerned, named;
  for (const Incoming& incoming : admitted_) {
    if (incoming.change.kind != kind->number() || incoming.verdict != Verdict::kApplied) continue;
    const RecordId erasure = incoming.change.record;
    const std::optional<RecordId> subject = erasures.named_by(erasure);
    if (!subject) continue;
    const Value* const reason = books_.cache().records().find(erasure)->find(kind->erasure().reason());
    batch.settings[kErasurePrefix + to_text(erasure)] =
        encode_erasure({.record = *subject,
                        .reason = reason != nullptr && reason->integer() != nullptr ? *reason->integer() : 0,
                        .stands = erasures.stands(erasure)});
    // One that came is carried out, also where it was taken back in the same commit: another split into pieces would
    // have carried it out.
    if (erasures.stands(erasure) || incoming.change.opens()) named.insert(*subject);
  }
  if (named.empty() && !any_before) return;
  for (const Incoming& incoming : admitted_) erasures.note(incoming.change);
  for (const RecordId subject : named) {
    erasures.presume(subject);
    concerned.merge(erasures.reached(subject));
  }
  for (const Incoming& incoming : admitted_) {
    const Change& change = incoming.change;
    const bool covered = std::any_of(change.writes.begin(), change.writes.end(), [&](const Write& write) {
      return write.personal && erasures.covers(change.record, change.name, write.field);
    });
    if (covered) concerned.insert(change.record);
    // What leads to it may have come before it.
    if (erasures.is_erased(change.record)) concerned.merge(erasures.reached(change.record));
  }
  for (const RecordId record : concerned)
    erase(record, [&](Name change, FieldNumber field) { return erasures.covers(record, change, field); });
}

StoreBatch Admission::settle(std::int64_t now_ms) {
  StoreBatch batch;
  for (const Incoming& incoming : admitted_) {
    if (incoming.commitments) erasing_.forget(incoming.change.name, *incoming.commitments);
  }
  carry_out_erasures(batch);
  StoreSequence sequence = last_;
  std::map<RecordId, StoreSequence> last_logged;
  for (const Incoming& incoming : admitted_) {
    const RecordId record = incoming.change.record;
    const RecordRow* const row = books_.cache().stored(record);
    const auto before = last_logged.try_emplace(record, row != nullptr ? row->last_logged : 0).first;
    batch.log.push_back(LogRow{.sequence = ++sequence,
                               .name = incoming.change.name,
                               .parent_tag = incoming.parent_tag,
                               .record = incoming.change.record,
                               .previous = before->second,
                               .verdict = incoming.verdict,
                               .reason = incoming.reason,
                               .received_ms = now_ms,
                               .hash = incoming.hash,
                               .change = encode_change(incoming.change, PersonalValues::kLeftOut)});
    before->second = sequence;
  }
  batch.runs = lineages_.changed_runs();
  keys_.settle(sequence, batch);
  for (const auto& [name, hash] : tips_) batch.tips.push_back(TipRow{.name = name, .hash = hash});
  batch.tips_dropped.assign(tips_dropped_.begin(), tips_dropped_.end());
  books_.settle(sequence == last_ ? last_ + 1 : sequence, now_ms, batch);
  for (RecordRow& row : batch.records) {
    const auto logged = last_logged.find(row.id);
    if (logged != last_logged.end()) row.last_logged = logged->second;
    const auto said = said_.find(row.id);
    if (said == said_.end()) continue;
    row.base_epoch = said->second.epoch;
    row.base_version = said->second.sequence;
  }
  return batch;
}

}  // namespace songsong
