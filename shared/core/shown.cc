#include "shared/core/shown.h"

#include <algorithm>
#include <tuple>

#include "shared/core/merge.h"

namespace songsong {
namespace {

// The policy of a register: of the field itself, or of any field of the group (they agree by the compiler's check).
const FieldPolicy* policy_of(const KindPolicy* kind, FieldNumber number) {
  if (kind == nullptr) return nullptr;
  for (const FieldPolicy& field : kind->field()) {
    if (Policies::register_of(field) == number) return &field;
  }
  return nullptr;
}

// How far a head's value is in the declared order; values that this table does not know come before all others.
std::int64_t distance(const Head& head, const FieldPolicy& field) {
  const std::int64_t* const number = head.value.integer();
  if (number == nullptr) return -1;
  const auto place = std::find(field.order().begin(), field.order().end(), *number);
  return place == field.order().end() ? -1 : place - field.order().begin();
}

bool raises_case(const FieldPolicy* field) {
  if (field == nullptr) return false;
  return field->merge() == schema::LATEST || field->merge() == schema::FIRST;
}

void add_group(Shown& shown, const Group& group, const Head& head) {
  for (const auto& [field, part] : group) {
    if (!part.is_none()) shown.fields.push_back(ShownField{.field = field, .value = &part, .head = &head});
  }
}

void add_register(Shown& shown, const Register& each) {
  if (!each.member.is_none()) {
    const auto present = [](const Head& head) { return head.value == Value(std::int64_t{1}); };
    const auto head = std::find_if(each.heads.begin(), each.heads.end(), present);
    if (head != each.heads.end())
      shown.fields.push_back(ShownField{.field = each.field, .value = &each.member, .head = &*head});
    return;
  }
  const FieldPolicy* const field = policy_of(shown.kind, each.field);
  const Head* const head = winner(each, field);
  if (head == nullptr) return;
  const bool decided = field != nullptr && field->merge() == schema::FURTHEST;
  if (!decided && has_different_heads(each)) {
    shown.conflicts.push_back(ShownConflict{.field = each.field, .raises_case = raises_case(field)});
  }
  if (const Group* const group = head->value.group()) return add_group(shown, *group, *head);
  if (!head->value.is_none())
    shown.fields.push_back(ShownField{.field = each.field, .value = &head->value, .head = head});
}

}  // namespace

const Head* winner(const Register& target, const FieldPolicy* field) {
  const auto age = [](const Head& head) { return std::make_tuple(head.captured_ms, head.name); };
  const Head* best = nullptr;
  for (const Head& head : target.heads) {
    if (best == nullptr) {
      best = &head;
      continue;
    }
    bool better = age(head) > age(*best);
    if (field != nullptr && field->merge() == schema::FIRST) better = age(head) < age(*best);
    if (field != nullptr && field->merge() == schema::FURTHEST) {
      better =
          std::make_tuple(distance(head, *field), age(head)) > std::make_tuple(distance(*best, *field), age(*best));
    }
    if (better) best = &head;
  }
  return best;
}

bool has_different_heads(const Register& target) {
  return std::any_of(target.heads.begin(), target.heads.end(),
                     [&](const Head& head) { return head.value != target.heads.front().value; });
}

const Value* Shown::find(FieldNumber field) const {
  const auto place = std::lower_bound(fields.begin(), fields.end(), field,
                                      [](const ShownField& one, FieldNumber number) { return one.field < number; });
  return place != fields.end() && place->field == field ? place->value : nullptr;
}

Shown show(const State& state, const KindPolicy* kind) {
  Shown shown;
  shown.state = &state;
  shown.kind = kind;
  shown.live = state.opened && !removed(state);
  if (removal_contested(state)) {
    shown.conflicts.push_back(ShownConflict{.field = kRemovedField, .raises_case = kind != nullptr});
  }
  shown.fields.reserve(state.registers.size() + state.sums.size());
  for (const Register& each : state.registers) {
    if (each.field != kRemovedField) add_register(shown, each);
  }
  shown.totals.reserve(state.sums.size());  // so that the fields' pointers into it stay good
  for (const Sum& sum : state.sums) {
    shown.totals.emplace_back(sum.total);
    shown.fields.push_back(ShownField{.field = sum.field, .value = &shown.totals.back(), .head = nullptr});
  }
  std::stable_sort(shown.fields.begin(), shown.fields.end(),
                   [](const ShownField& one, const ShownField& other) { return one.field < other.field; });
  return shown;
}

}  // namespace songsong
