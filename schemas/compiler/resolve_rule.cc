#include "schemas/compiler/resolve_rule.h"

#include <set>
#include <utility>

namespace songsong::schemac {
namespace {

std::vector<std::string> value_names(const FieldDraft& field) {
  if (field.policy.type() == policy::BOOLEAN) return {"false", "true"};
  std::vector<std::string> names;
  for (const policy::EnumEntry& entry : field.policy.value()) names.push_back(entry.name());
  return names;
}

}  // namespace

Scope::Scope(const Draft& draft, const KindDraft& kind, Place place, std::string subject, Complaints& complaints)
    : draft_(draft), kind_(kind), place_(std::move(place)), subject_(std::move(subject)), complaints_(complaints) {}

void Scope::refuse(std::string_view role, std::string_view what) const {
  complaints_.add(place_, subject_, std::string(role) + ": " + std::string(what));
}

const FieldDraft* Scope::field_of(const KindDraft& kind, std::string_view role, std::string_view name) const {
  const FieldDraft* found = kind.field(name);
  if (found == nullptr) refuse(role, unknown_name("field of " + kind.name(), name, kind.field_names()));
  return found;
}

const FieldDraft* Scope::field(std::string_view role, std::string_view name) const {
  return field_of(kind_, role, name);
}

const FieldDraft* Scope::reference(std::string_view role, std::string_view name) const {
  const FieldDraft* found = field(role, name);
  if (found == nullptr || found->untyped()) return nullptr;
  if (found->is_reference()) return found;
  refuse(role, quoted(name) + " is no reference to one record; name a fixed64 field with meaning: REFERENCE");
  return nullptr;
}

const FieldDraft* Scope::field_via(std::string_view role, std::string_view via, std::string_view name) const {
  if (via.empty()) return field(role, name);
  const FieldDraft* step = reference(std::string(role) + " via", via);
  if (step == nullptr) return nullptr;
  if (step->options.target().empty()) {
    refuse(role, "via " + quoted(via) + " may lead to any kind; give that field a target");
    return nullptr;
  }
  const KindDraft* target = draft_.kind(step->options.target());
  if (target == nullptr) return nullptr;  // said of the reference itself
  return field_of(*target, role, name);
}

std::optional<std::int64_t> Scope::value(std::string_view role, const FieldDraft& field, std::string_view name) const {
  if (field.policy.type() == policy::BOOLEAN && (name == "true" || name == "false")) return name == "true" ? 1 : 0;
  for (const policy::EnumEntry& entry : field.policy.value()) {
    if (entry.name() == name) return entry.number();
  }
  refuse(role, unknown_name("value of " + field.policy.name(), name, value_names(field)));
  return std::nullopt;
}

std::optional<policy::Test> Scope::test(std::string_view role, const schema::Condition& condition) const {
  const FieldDraft* looked_at = field_via(role, condition.via(), condition.field());
  if (looked_at == nullptr || looked_at->untyped()) return std::nullopt;
  policy::Test test;
  test.set_field(looked_at->policy.number());
  if (!condition.via().empty()) test.set_via(kind_.field(condition.via())->policy.number());
  if (condition.test_case() == schema::Condition::kPresent) {
    test.set_op(condition.present() ? policy::Test::PRESENT : policy::Test::ABSENT);
    return test;
  }
  const bool in = condition.test_case() == schema::Condition::kIn;
  const schema::Values& values = in ? condition.in() : condition.not_in();
  if (values.value().empty()) {
    refuse(role, "the condition on " + quoted(condition.field()) +
                     " tests nothing; say in: { value: \"...\" }, not_in: { value: \"...\" } or present: true");
    return std::nullopt;
  }
  if (!looked_at->is_choice() || looked_at->policy.merge() == schema::UNION) {
    refuse(role, quoted(condition.field()) + " is neither an enum nor a boolean; test whether it is present: true");
    return std::nullopt;
  }
  test.set_op(in ? policy::Test::IN : policy::Test::NOT_IN);
  std::set<std::int64_t> numbers;
  for (const std::string& name : values.value()) {
    if (const auto number = value(role, *looked_at, name)) numbers.insert(*number);
  }
  for (const std::int64_t number : numbers) test.add_value(number);
  return test;
}

std::optional<policy::Referring> Scope::referrer(std::string_view role, const schema::Referrer& referrer) const {
  const KindDraft* kind = draft_.kind(referrer.kind());
  if (kind == nullptr) {
    refuse(role, unknown_name("kind", referrer.kind(), draft_.kind_names()));
    return std::nullopt;
  }
  const FieldDraft* found = field_of(*kind, role, referrer.field());
  if (found == nullptr || found->untyped()) return std::nullopt;
  const std::string& target = found->options.target();
  if (!found->is_reference() || (!target.empty() && target != kind_.name())) {
    refuse(role, kind->name() + "." + referrer.field() + " does not refer to " + kind_.name() +
                     "; name a reference field whose target is " + quoted(kind_.name()));
    return std::nullopt;
  }
  policy::Referring referring;
  referring.set_kind(kind->policy.number());
  referring.set_field(found->policy.number());
  return referring;
}

}  // namespace songsong::schemac
