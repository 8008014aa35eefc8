#include "shared/replica/saver.h"

#include <algorithm>

#include "shared/core/canonical.h"
#include "shared/core/columns_piece.h"
#include "shared/core/merge.h"
#include "shared/replica/keyring.h"
#include "shared/replica/settings.h"

namespace songsong {
namespace {

Fault fault(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
}

// Which of the replica's branches this store goes on with: the one it wrote last.
TipRow own_tip(const std::vector<TipRow>& tips, const std::string& setting) {
  for (const TipRow& tip : tips) {
    if (to_text(tip.name) == setting) return tip;
  }
  return tips.empty() ? TipRow{} : tips.back();
}

}  // namespace

Saver::Saver(const SaverContext& context, Admission& admission, StoreReader& reader)
    : context_(context), admission_(admission) {
  Outcome<ClockState> clock = decode_clock(reader.setting(kClockSetting));
  if (!clock) throw StorageDamage{clock.fault()};
  now_ = corrected(*clock, context.environment.clock());
  const ReplicaId self[] = {context.identity.replica};
  tip_ = own_tip(reader.tips(self).front(), reader.setting(kOwnTipSetting));
  if (!tip_.name.valid()) tip_.hash = root_hash(context.identity.replica, KeyPair(context.identity.seed).public_key());
  admission.lineages().load(self);
}

Outcome<RecordId> Saver::save(const Act& act) {
  if (tip_.name.sequence() == kMaxSequence) {
    return fault("sequences_used_up", "replica",
                 "This replica has numbered all the changes it can; it needs a new ticket.");
  }
  const Name name(context_.identity.replica, tip_.name.sequence() + 1, context_.tag);
  Outcome<Change> change = change_of(act, name);
  if (!change) return change.fault();
  const RecordId record = change->record;
  Outcome<Done> sealed = seal(std::move(*change));
  if (!sealed) return sealed.fault();
  return record;
}

Outcome<RecordId> Saver::release(Change set_aside) {
  if (tip_.name.sequence() == kMaxSequence) {
    return fault("sequences_used_up", "replica", "This replica has numbered all the changes it can.");
  }
  Change change = std::move(set_aside);
  change.origin = change.name;
  std::erase_if(change.writes,
                [](const Write& write) { return write.personal && write.value.type() == ValueType::kErased; });
  // Its author had seen all that it wrote before, up to the change itself.
  change.saw.push_back(change.name);
  std::sort(change.saw.begin(), change.saw.end());
  change.name = Name(context_.identity.replica, tip_.name.sequence() + 1, context_.tag);
  const RecordId record = change.record;
  Outcome<Done> sealed = seal(std::move(change));
  if (!sealed) return sealed.fault();
  return record;
}

Outcome<Change> Saver::change_of(const Act& act, Name name) {
  RecordCache& cache = admission_.books().cache();
  const bool is_new = !act.record.valid();
  const RecordId wanted[] = {act.record};
  if (!is_new) cache.load(wanted);
  const Shown* const before = is_new ? nullptr : cache.records().find(act.record);
  // Of a record that left this replica's scope nothing is left but its name.
  const bool is_gone = before == nullptr || before->state->kind == 0;
  if (!is_new && is_gone) return fault("unknown_record", "record", "This store holds no such record.");
  const KindNumber number = is_new ? act.kind : before->state->kind;
  const KindPolicy* const kind = context_.policies.kind(number);
  if (kind == nullptr)
    return fault("unknown_kind", "kind " + std::to_string(number), "The schema here does not know this kind.");

  Change change;
  change.name = name;
  change.record = is_new ? name : act.record;
  change.kind = number;
  change.captured_ms = now_.captured_ms;
  change.correction_ms = now_.correction_ms;
  change.uncertainty_ms = now_.uncertainty_ms;
  change.actor = context_.environment.actor;
  const Grants& grants = context_.identity.grants;
  const Roles roles = roles_of(grants);
  change.unit = act.unit.empty() ? default_unit(grants) : act.unit;
  change.revision = context_.policies.revision();
  if (!is_new) change.saw = saw(act.seen.value_or(before->state->applied));
  if (act.removes || act.restores) {
    if (!may_write(*kind, roles)) return fault("not_for_role", kind->name(), "This role may not remove such a record.");
    change.writes.push_back(Write{.field = kRemovedField,
                                  .shape = Shape::kRegister,
                                  .personal = false,
                                  .value = Value(std::int64_t{act.removes ? 1 : 0})});
    return change;
  }
  if (is_new && !may_write(*kind, roles))
    return fault("not_for_role", kind->name(), "This role may not add such a record.");
  Composed composed = compose(*kind, before, act.inputs, roles, context_.validator);
  if (!composed.faults.empty()) return composed.faults.front();
  change.writes = std::move(composed.writes);
  const Outcome<Done> checked = check_references(*kind, change, act.lets_go);
  if (!checked) return checked.fault();
  return change;
}

// A reference may name a record that has not arrived; one that is here must be of the kind that the field asks for.
// A unit must be in the tree, as soon as there is one.
Outcome<Done> Saver::check_references(const KindPolicy& kind, const Change& change, bool lets_go) {
  const std::shared_ptr<const UnitTree> tree = admission_.books().tree();
  // The records of what was granted a moment ago may not have come yet; the server knows them.
  const std::vector<std::string> granted_units = units_of(context_.identity.grants);
  const auto known_unit = [&](const std::string& code) {
    return tree->units().empty() || tree->find(code) != nullptr ||
           std::find(granted_units.begin(), granted_units.end(), code) != granted_units.end();
  };
  if (!change.unit.empty() && !known_unit(change.unit))
    return fault("unknown_unit", kind.name(), "The tree of units has no such code.");
  for (const Write& write : change.writes) {
    const FieldPolicy* const field = Policies::field(kind, write.field);
    if (field == nullptr) continue;
    const std::string where = kind.name() + "." + field->name();
    const bool elsewhere = lets_go && write.field == kind.unit_field();
    if (field->type() == policy::UNIT && write.value.text() != nullptr && !elsewhere &&
        !known_unit(*write.value.text())) {
      return fault("unknown_unit", where, "The tree of units has no such code.");
    }
    const RecordId* const target = write.value.reference();
    if (target == nullptr || field->target() == 0) continue;
    const RecordId wanted[] = {*target};
    admission_.books().cache().load(wanted);
    const Shown* const referred = admission_.books().cache().records().find(*target);
    if (referred != nullptr && referred->state->kind != field->target())
      return fault("wrong_kind", where, "The record named is of another kind.");
  }
  return Done{};
}

// A change has always seen its own line; `saw` lists the others.
VersionVector Saver::saw(const VersionVector& applied) {
  std::vector<ReplicaId> replicas;
  for (const Name each : applied) replicas.push_back(each.replica());
  admission_.lineages().load(replicas);
  VersionVector others;
  for (const Name each : applied) {
    if (!tip_.name.valid() || !admission_.lineages().lineage().covers(tip_.name, each)) others.push_back(each);
  }
  return others;
}

// A block's first change draws the key for all of it; where that was destroyed, each change draws one for itself.
void Saver::draw_key(const BlockName& block, const Change& change) {
  const Keyring& held = admission_.keys().of(block.replica);
  if (!held.has(block)) {
    BlockKey key;
    context_.environment.entropy(key.fill());
    admission_.keys().take(block, key);
  } else if (held.is_destroyed(block) && personal_writes(change) > 0) {
    ChangeKey key;
    context_.environment.entropy(key.fill());
    admission_.keys().take(change.name, key);
  }
}

Outcome<Done> Saver::seal(Change change) {
  if (const char* const flaw = columns::find_flaw(change)) {
    return fault(flaw, "change", "The change is beyond what a change can hold.");
  }
  const Name name = change.name;
  const RunRow* const tip_run = tip_.name.valid() ? admission_.lineages().run_of(tip_.name) : nullptr;
  const BlockName block = key_after(tip_run, tip_.name, name);
  draw_key(block, change);
  const Outcome<std::vector<Commitment>> bound =
      commitments(change, admission_.keys().of(name.replica()).lookup(block));
  if (!bound) return bound.fault();
  const ChainHash hash = next_hash(tip_.hash, canonical_bytes(change, *bound));
  const Tag parent_tag = tip_.name.valid() ? tip_.name.tag() : 0;
  tip_ = TipRow{.name = name, .hash = hash};
  admission_.admit(Incoming{.change = std::move(change),
                            .parent_tag = parent_tag,
                            .key_tag = block.tag,
                            .hash = hash,
                            .verdict = Verdict::kApplied,
                            .reason = {}});
  return Done{};
}

}  // namespace songsong
