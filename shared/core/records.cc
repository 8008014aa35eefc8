#include "shared/core/records.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "shared/core/condition.h"

namespace songsong {
namespace {

void remove_reference(std::vector<ReferenceTo>& references, const ReferenceTo& gone) {
  const auto place = std::lower_bound(references.begin(), references.end(), gone);
  if (place != references.end() && *place == gone) references.erase(place);
}

}  // namespace

std::vector<ReferenceTo> references_of(const Shown& shown) {
  std::vector<ReferenceTo> references;
  for (const ShownField& each : shown.fields) {
    const RecordId* const target = each.value->reference();
    if (target == nullptr) continue;
    references.push_back(
        ReferenceTo{.target = *target, .source = shown.id(), .source_kind = shown.state->kind, .field = each.field});
  }
  std::sort(references.begin(), references.end());
  references.erase(std::unique(references.begin(), references.end()), references.end());
  return references;
}

void Records::put(State state) {
  const RecordId id = state.id;
  if (const Shown* const before = find(id)) {
    for (const ReferenceTo& gone : references_of(*before)) remove_reference(to_[gone.target], gone);
  }
  auto held = std::make_unique<Held>();
  held->state = std::move(state);
  held->shown = show(held->state, policies_->kind(held->state.kind));
  const Shown& shown = held->shown;
  if (shown.kind != nullptr) {
    held->hidden = hidden_fields(*shown.kind, [&shown](FieldNumber field) { return shown.find(field); });
  }
  for (const ReferenceTo& fresh : references_of(shown)) {
    std::vector<ReferenceTo>& references = to_[fresh.target];
    references.insert(std::lower_bound(references.begin(), references.end(), fresh), fresh);
  }
  held_[id] = std::move(held);
}

const Shown* Records::find(RecordId id) const {
  const auto found = held_.find(id);
  return found == held_.end() ? nullptr : &found->second->shown;
}

const State* Records::state(RecordId id) const {
  const auto found = held_.find(id);
  return found == held_.end() ? nullptr : &found->second->state;
}

const std::vector<ReferenceTo>& Records::references_to(RecordId target) const {
  static const std::vector<ReferenceTo> kNone;
  const auto found = to_.find(target);
  return found == to_.end() ? kNone : found->second;
}

std::vector<RecordId> Records::referrers(RecordId target, KindNumber kind, FieldNumber field) const {
  std::vector<RecordId> sources;
  for (const ReferenceTo& each : references_to(target)) {
    if (each.source_kind == kind && each.field == field) sources.push_back(each.source);
  }
  return sources;
}

bool Records::has_live_referrer(RecordId target, KindNumber kind, FieldNumber field) const {
  const std::vector<RecordId> sources = referrers(target, kind, field);
  return std::any_of(sources.begin(), sources.end(), [this](RecordId source) { return find(source)->live; });
}

const Value* Records::value(const Shown& record, FieldNumber field) const {
  const auto found = held_.find(record.id());
  if (found != held_.end() && found->second->hidden.contains(field)) return nullptr;
  return record.find(field);
}

// A reference to a record of another kind than the field asks for leads nowhere: its fields mean something else.
const Shown* Records::follow(const Shown& record, FieldNumber reference) const {
  const Value* const value_of_reference = value(record, reference);
  const RecordId* const target = value_of_reference != nullptr ? value_of_reference->reference() : nullptr;
  const Shown* const found = target != nullptr ? find(*target) : nullptr;
  return found != nullptr && may_name(record, reference, *found) ? found : nullptr;
}

bool Records::may_name(const Shown& record, FieldNumber reference, const Shown& target) {
  const FieldPolicy* const field = record.kind != nullptr ? Policies::field(*record.kind, reference) : nullptr;
  return field == nullptr || field->target() == 0 || field->target() == target.state->kind;
}

bool Records::holds(const Shown& record, const policy::Test& test) const {
  const Shown* const looked_at = test.via() != 0 ? follow(record, test.via()) : &record;
  const KindPolicy* kind = looked_at != nullptr ? looked_at->kind : nullptr;
  if (looked_at == nullptr && record.kind != nullptr) {
    // The other record has not arrived: its kind is still known where the reference declares one.
    const FieldPolicy* const reference = Policies::field(*record.kind, test.via());
    kind = reference != nullptr ? policies_->kind(reference->target()) : nullptr;
  }
  const FieldPolicy* const field = kind != nullptr ? Policies::field(*kind, test.field()) : nullptr;
  if (field == nullptr) return false;
  return songsong::holds(test, *field, looked_at != nullptr ? value(*looked_at, test.field()) : nullptr);
}

RecordId Records::root_of(RecordId record) const {
  RecordId at = record;
  std::set<KindNumber> passed;  // a checked schema has no circle of kinds; a table from elsewhere may
  for (;;) {
    const Shown* const shown = find(at);
    if (shown == nullptr || shown->kind == nullptr || shown->kind->unit_via() == 0) return at;
    const Value* const up = value(*shown, shown->kind->unit_via());
    if (up == nullptr || up->reference() == nullptr || !passed.insert(shown->state->kind).second) return at;
    const Shown* const above = find(*up->reference());
    if (above != nullptr && !may_name(*shown, shown->kind->unit_via(), *above)) return at;
    at = *up->reference();
  }
}

std::string Records::unit_of(const Shown& record) const {
  const Shown* const root = find(root_of(record.id()));
  std::string unit;
  if (root != nullptr && root->kind != nullptr && root->kind->unit_field() != 0) {
    const Value* const code = value(*root, root->kind->unit_field());
    unit = code != nullptr && code->text() != nullptr ? *code->text() : root->state->opened_in;
  }
  if (unit.empty()) unit = record.state->opened_in;
  return unit.empty() ? kUnspecifiedUnit : unit;
}

}  // namespace songsong
