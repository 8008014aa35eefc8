#include "shared/sync/judge.h"

#include <algorithm>
#include <set>

#include "shared/core/compose.h"
#include "shared/core/merge.h"

namespace songsong {
namespace {

bool shape_fits(const FieldPolicy& field, Shape shape) {
  switch (shape) {
    case Shape::kRegister:
      return field.merge() != schema::UNION && field.merge() != schema::SUM;
    case Shape::kAdd:
    case Shape::kRemove:
      return field.merge() == schema::UNION;
    case Shape::kIncrement:
      return field.merge() == schema::SUM;
  }
  return false;
}

// The fields that a write fills in: one, or those of a group.
std::vector<const FieldPolicy*> fields_of(const KindPolicy& kind, const Write& write) {
  std::vector<const FieldPolicy*> fields;
  for (const FieldPolicy& field : kind.field()) {
    if (Policies::register_of(field) == write.field) fields.push_back(&field);
  }
  return fields;
}

bool is_removal(const Write& write) { return write.field == kRemovedField; }

bool writes_unit(const Change& change, const KindPolicy& kind) {
  return std::any_of(change.writes.begin(), change.writes.end(),
                     [&](const Write& write) { return kind.unit_field() != 0 && write.field == kind.unit_field(); });
}

// Of a decision on whether two records are one: where the other one lives. Whoever decides has both. Empty of anything
// else, and where the other has not arrived.
std::string home_of_other(const Shown& shown, RecordCache& cache) {
  if (shown.kind == nullptr || !shown.kind->has_samehood()) return {};
  const Value* const other = shown.find(shown.kind->samehood().other());
  if (other == nullptr || other->reference() == nullptr) return {};
  const RecordId wanted[] = {*other->reference()};
  cache.load(wanted);
  const Shown* const found = cache.records().find(wanted[0]);
  return found != nullptr ? home_of(*found, cache) : std::string();
}

}  // namespace

std::string home_of(const Shown& shown, RecordCache& cache) {
  const KindPolicy* kind = shown.kind;
  const Shown* at = &shown;
  std::set<KindNumber> passed;
  while (at != nullptr && kind != nullptr && kind->unit_via() != 0 && passed.insert(at->state->kind).second) {
    const Value* const up = at->find(kind->unit_via());
    if (up == nullptr || up->reference() == nullptr) break;
    const RecordId wanted[] = {*up->reference()};
    cache.load(wanted);
    const Shown* const above = cache.records().find(wanted[0]);
    if (above == nullptr) return shown.state->opened_in;
    at = above;
    kind = above->kind;
  }
  if (at != nullptr && kind != nullptr && kind->unit_field() != 0) {
    const Value* const code = at->find(kind->unit_field());
    if (code != nullptr && code->text() != nullptr) return *code->text();
    if (!at->state->opened_in.empty()) return at->state->opened_in;
  }
  return shown.state->opened_in;
}

std::string Judge::reason_against(const Change& change, const Member& member, Admission& admission) const {
  if (change.origin.valid()) return "origin_not_allowed";
  if (member.revoked_ms != 0 && change.captured_ms >= member.revoked_ms) return "replica_revoked";
  RecordCache& cache = admission.books().cache();
  const RecordId wanted[] = {change.record};
  cache.load(wanted);
  const Shown* const before = cache.records().find(change.record);
  const bool is_known = before != nullptr && before->state->opened;
  if (is_known && before->state->kind != change.kind) return "kind_mismatch";
  const KindPolicy* const kind = policies_.kind(change.kind);
  const Reach reach(member, admission.books().unit_trees(), change.captured_ms);
  std::string reason = against_form(change, kind, before);
  if (reason.empty()) reason = against_roles(change, kind, reach.roles());
  if (!reason.empty()) return reason;

  // Edits that came before the opening (after a restore, or carried by hand) may have moved the record, or altered it:
  // what opens it is judged by what it says itself.
  const bool opens_late = !is_known && change.opens();
  admission.lineages().load_for(change);
  State state;
  state.id = change.record;
  if (before != nullptr && !opens_late) {
    state = *before->state;
    admission.lineages().load_for(state);
  }
  merge(state, change, admission.lineages().lineage());
  const Shown after = show(state, kind);
  if (kind != nullptr) reason = against_values(change, *kind, after);
  if (reason.empty() && is_known && kind != nullptr && kind->has_quarantine())
    reason = against_decision(reach, *before, cache);
  return reason.empty() ? against_scope(change, reach, is_known ? before : nullptr, after, admission) : reason;
}

// Who is no reviewer there decides on nothing but whether to receive what they may record themselves.
std::string Judge::against_decision(const Reach& reach, const Shown& set_aside, RecordCache& cache) {
  const Roles roles = reach.roles_in(home_of(set_aside, cache));
  if (roles.empty() || roles.has(schema::REVIEWER) || roles.has(schema::ADMINISTRATOR)) return {};
  const policy::QuarantineRule& rule = set_aside.kind->quarantine();
  const Value* const reason = set_aside.find(rule.reason());
  const Value* const record = set_aside.find(rule.record());
  const bool receives = reason != nullptr && reason->text() != nullptr && *reason->text() == kToBeReceived;
  if (!receives || record == nullptr || record->reference() == nullptr) return "not_for_role";
  const RecordId wanted[] = {*record->reference()};
  cache.load(wanted);
  const Shown* const moved = cache.records().find(wanted[0]);
  const bool may = moved != nullptr && moved->kind != nullptr && may_write(*moved->kind, roles);
  return may ? std::string() : "not_for_role";
}

std::string Judge::against_form(const Change& change, const KindPolicy* kind, const Shown* before) {
  if (kind == nullptr) return {};
  if (kind->internal() && change.opens()) return "not_for_role";
  // A decision on what a restored server has lost; nobody decides in advance.
  if (kind->internal() && before == nullptr) return "unknown_record";
  for (const Write& write : change.writes) {
    for (const FieldPolicy* const field : fields_of(*kind, write)) {
      if (!shape_fits(*field, write.shape)) return "wrong_shape";
    }
  }
  return {};
}

// What these roles together may not write.
std::string Judge::against_roles(const Change& change, const KindPolicy* kind, Roles roles) {
  if (!may_write_anything(roles)) return "not_for_role";
  if (kind == nullptr) return {};
  for (const Write& write : change.writes) {
    if (is_removal(write)) {
      if (!may_write(*kind, roles)) return "not_for_role";
      continue;
    }
    for (const FieldPolicy* const field : fields_of(*kind, write)) {
      if (field->group() == 0 && !may_write(*field, roles)) return "not_for_role";
    }
  }
  return change.opens() && !may_write(*kind, roles) ? "not_for_role" : std::string();
}

// As compose() does: what it writes is judged, and what is missing when it opens the record.
std::string Judge::against_values(const Change& change, const KindPolicy& kind, const Shown& after) const {
  const bool removes = std::any_of(change.writes.begin(), change.writes.end(), is_removal);
  if (removes) return {};
  std::set<std::string> written;
  for (const Write& write : change.writes) {
    for (const FieldPolicy* const field : fields_of(kind, write)) {
      written.insert(kind.name() + "." + field->name());
      if (write.shape != Shape::kAdd) continue;
      if (const std::optional<Fault> fault = validator_.check_value(kind, *field, write.value)) return fault->code;
    }
  }
  std::map<FieldNumber, Value> values;
  for (const ShownField& each : after.fields) {
    const FieldPolicy* const field = Policies::field(kind, each.field);
    if (field != nullptr && field->merge() != schema::UNION) values[each.field] = *each.value;
  }
  for (const Fault& fault : validator_.check(kind, values)) {
    const bool missing = fault.code == "required" || fault.code == "group_incomplete";
    if ((missing && change.opens()) || written.contains(fault.where)) return fault.code;
  }
  return {};
}

std::string Judge::against_scope(const Change& change, const Reach& reach, const Shown* before, const Shown& after,
                                 Admission& admission) const {
  RecordCache& cache = admission.books().cache();
  if (!change.unit.empty() && reach.roles_in(change.unit).empty()) return "out_of_scope";
  // Where a record came from that is not known yet cannot be judged. Who has one unit only moves none into it.
  const bool moves_unknown =
      before == nullptr && !change.opens() && after.kind != nullptr && writes_unit(change, *after.kind);
  if (moves_unknown && reach.is_one_unit()) return "out_of_scope";
  const KindPolicy* const kind = policies_.kind(change.kind);
  for (const Shown* const each : {before, &after}) {
    if (each == nullptr) continue;
    for (const std::string& home : {home_of(*each, cache), home_of_other(*each, cache)}) {
      if (home.empty()) continue;
      const Roles roles = reach.roles_in(home);
      // What it was before has been looked at: it was theirs to let go.
      const bool lets_go = roles.empty() && each == &after && before != nullptr && after.live && kind != nullptr &&
                           writes_unit(change, *kind);
      if (lets_go) return admission.books().tree()->find(home) != nullptr ? kToBeReceived : "unknown_unit";
      if (roles.empty()) return "out_of_scope";
      // Somebody may be a reviewer in one place and a teacher in another.
      if (std::string reason = against_roles(change, kind, roles); !reason.empty()) return reason;
    }
  }
  return {};
}

}  // namespace songsong
