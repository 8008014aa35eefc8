#include "shared/core/compose.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace songsong {
namespace {

Fault fault_of(const char* code, const KindPolicy& kind, const FieldPolicy* field, FieldNumber number,
               const char* what) {
  const std::string name = field != nullptr ? field->name() : std::to_string(number);
  return Fault{.code = code, .where = kind.name() + "." + name, .what = what};
}

bool shape_fits(const FieldPolicy& field, const Input& input) {
  switch (input.shape) {
    case Shape::kRegister:
      return field.merge() != schema::UNION && field.merge() != schema::SUM;
    case Shape::kAdd:
    case Shape::kRemove:
      return field.merge() == schema::UNION && !input.value.is_none();
    case Shape::kIncrement:
      return field.merge() == schema::SUM && input.value.integer() != nullptr;
  }
  return false;
}

class Composer {
 public:
  Composer(const KindPolicy& kind, const Shown* before, const std::vector<Input>& inputs, Roles roles,
           const Validator& validator)
      : kind_(kind), before_(before), inputs_(inputs), roles_(roles), validator_(validator) {}

  Composed run() {
    show_before();
    for (const Input& input : inputs_) take(input);
    judge();
    if (result_.faults.empty()) write();
    return std::move(result_);
  }

 private:
  void show_before() {
    if (before_ == nullptr) return;
    for (const ShownField& each : before_->fields) {
      const FieldPolicy* const field = Policies::field(kind_, each.field);
      if (field == nullptr || field->merge() != schema::UNION) shown_[each.field] = *each.value;
    }
  }

  void take(const Input& input) {
    const FieldPolicy* const field = Policies::field(kind_, input.field);
    if (field == nullptr) return add_fault("unknown_field", nullptr, input.field, "The kind has no such field.");
    if (!may_write(*field, roles_))
      return add_fault("not_for_role", field, input.field, "This role may not write the field.");
    if (!shape_fits(*field, input))
      return add_fault("wrong_shape", field, input.field, "The field is not written in this way.");
    const bool member = input.shape == Shape::kAdd || input.shape == Shape::kRemove;
    if (!filled_in_.emplace(input.field, member ? input.value : Value()).second) {
      return add_fault("filled_in_twice", field, input.field, "The field is filled in twice.");
    }
    if (member) {
      if (auto fault = validator_.check_value(kind_, *field, input.value)) result_.faults.push_back(std::move(*fault));
      return;
    }
    if (input.shape == Shape::kIncrement) {
      const std::int64_t* const total = shown_.contains(input.field) ? shown_[input.field].integer() : nullptr;
      const auto sum = static_cast<std::uint64_t>(total != nullptr ? *total : 0) +
                       static_cast<std::uint64_t>(*input.value.integer());
      shown_[input.field] = Value(static_cast<std::int64_t>(sum));
    } else if (input.value.is_none()) {
      shown_.erase(input.field);
    } else {
      shown_[input.field] = input.value;
    }
  }

  void add_fault(const char* code, const FieldPolicy* field, FieldNumber number, const char* what) {
    result_.faults.push_back(fault_of(code, kind_, field, number, what));
  }

  void judge() {
    std::set<std::string> concerned;
    for (const Input& input : inputs_) {
      const FieldPolicy* const field = Policies::field(kind_, input.field);
      if (field != nullptr) concerned.insert(kind_.name() + "." + field->name());
    }
    for (Fault& fault : validator_.check(kind_, shown_)) {
      const bool missing = fault.code == "required" || fault.code == "group_incomplete";
      if (missing || concerned.contains(fault.where)) result_.faults.push_back(std::move(fault));
    }
  }

  void write() {
    std::set<FieldNumber> groups;
    for (const Input& input : inputs_) {
      const FieldPolicy& field = *Policies::field(kind_, input.field);
      if (field.group() != 0) {
        groups.insert(field.group());
        continue;
      }
      const Value* const shown_before = before_ != nullptr ? before_->find(input.field) : nullptr;
      const bool already = !input.again && input.shape == Shape::kRegister && before_ != nullptr &&
                           !in_conflict(input.field) &&
                           (shown_before != nullptr ? *shown_before == input.value : input.value.is_none());
      const bool empty_and_new = before_ == nullptr && input.shape == Shape::kRegister && input.value.is_none();
      if (already || empty_and_new) continue;
      result_.writes.push_back(
          Write{.field = input.field, .shape = input.shape, .personal = field.personal(), .value = input.value});
    }
    for (const FieldNumber group : groups) write_group(group);
    std::sort(result_.writes.begin(), result_.writes.end(), [](const Write& one, const Write& other) {
      const Value none;
      const auto member = [&none](const Write& write) {
        return std::cref(write.shape == Shape::kRegister ? none : write.value);
      };
      return std::tie(one.field, member(one).get()) < std::tie(other.field, member(other).get());
    });
    if (result_.writes.empty() && before_ != nullptr) {
      result_.faults.push_back(
          Fault{.code = "nothing_to_save", .where = kind_.name(), .what = "The record holds these values already."});
    }
  }

  // All fields of a group are written together, so that they stay one register.
  void write_group(FieldNumber number) {
    Group group;
    bool personal = false;
    for (const FieldPolicy& field : kind_.field()) {
      if (field.group() != number) continue;
      personal = personal || field.personal();
      const auto held = shown_.find(field.number());
      if (held != shown_.end()) group.emplace_back(field.number(), held->second);
    }
    std::sort(group.begin(), group.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
    result_.writes.push_back(
        Write{.field = number, .shape = Shape::kRegister, .personal = personal, .value = Value(std::move(group))});
  }

  bool in_conflict(FieldNumber field) const {
    return std::any_of(before_->conflicts.begin(), before_->conflicts.end(),
                       [field](const ShownConflict& conflict) { return conflict.field == field; });
  }

  const KindPolicy& kind_;
  const Shown* before_;
  const std::vector<Input>& inputs_;
  Roles roles_;
  const Validator& validator_;
  std::map<FieldNumber, Value> shown_;
  std::set<std::pair<FieldNumber, Value>> filled_in_;
  Composed result_;
};

}  // namespace

Composed compose(const KindPolicy& kind, const Shown* before, const std::vector<Input>& inputs, Roles roles,
                 const Validator& validator) {
  return Composer(kind, before, inputs, roles, validator).run();
}

}  // namespace songsong
