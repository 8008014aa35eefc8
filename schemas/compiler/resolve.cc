// Names of other elements become numbers: what a field points at, what a tally counts into.
#include <algorithm>
#include <set>

#include "schemas/compiler/draft.h"
#include "schemas/compiler/resolve_kind.h"
#include "schemas/compiler/resolve_rule.h"

namespace songsong::schemac {
namespace {

void resolve_order(const Scope& scope, FieldDraft& field) {
  std::set<std::int64_t> listed_numbers;
  for (const std::string& name : field.options.order()) {
    const auto number = scope.value("order", field, name);
    if (!number) continue;
    if (!listed_numbers.insert(*number).second) scope.refuse("order", quoted(name) + " stands twice; keep one");
    field.policy.add_order(*number);
  }
  std::vector<std::string> missing;
  for (const policy::EnumEntry& entry : field.policy.value()) {
    if (!listed_numbers.contains(entry.number())) missing.push_back(entry.name());
  }
  if (missing.empty()) return;
  scope.refuse("order", "FURTHEST needs every value from the nearest to the furthest; missing: " + listed(missing));
}

void resolve_field(const Draft& draft, const KindDraft& kind, FieldDraft& field, Complaints& complaints) {
  const Scope scope(draft, kind, place_of(*field.source), field.subject, complaints);
  const schema::Field& options = field.options;
  if (!options.target().empty() && field.policy.type() == policy::REFERENCE) {
    if (const KindDraft* target = draft.kind(options.target())) {
      field.policy.set_target(target->policy.number());
    } else {
      scope.refuse("target", unknown_name("kind", options.target(), draft.kind_names()));
    }
  }
  if (!options.subject().empty()) {
    if (const FieldDraft* subject = scope.reference("subject", options.subject())) {
      field.policy.set_subject(subject->policy.number());
    }
  }
  if (!options.absent_means().empty() && field.policy.type() == policy::ENUM) {
    if (const auto number = scope.value("absent_means", field, options.absent_means())) {
      field.policy.set_has_absent_means(true);
      field.policy.set_absent_means(*number);
    }
  }
  if (field.policy.merge() == schema::FURTHEST && field.policy.type() == policy::ENUM) resolve_order(scope, field);
  for (const schema::Condition& condition : options.ask_when()) {
    if (const auto test = scope.test("ask_when", condition)) *field.policy.add_ask_when() = *test;
  }
}

void resolve_breakdown(const Draft& draft, const Scope& scope, const KindDraft& kind, const schema::Breakdown& options,
                       policy::TallyRule& rule) {
  const DimensionDraft* dimension = draft.dimension(options.dimension());
  if (dimension == nullptr) {
    scope.refuse("tally by", unknown_name("dimension", options.dimension(), draft.dimension_names()));
    return;
  }
  const FieldDraft* field = scope.field_via("tally by", options.via(), options.field());
  if (field == nullptr || field->untyped()) return;
  if (!field->is_choice() || field->policy.merge() == schema::UNION) {
    scope.refuse("tally by", "dimension " + quoted(options.dimension()) + " is over " + quoted(options.field()) +
                                 ", which is neither an enum nor a boolean; name one that is");
    return;
  }
  for (const policy::BreakdownRule& other : rule.by()) {
    if (other.dimension() != dimension->policy.number()) continue;
    scope.refuse("tally by", "dimension " + quoted(options.dimension()) + " stands twice; keep one");
  }
  policy::BreakdownRule& by = *rule.add_by();
  by.set_dimension(dimension->policy.number());
  by.set_field(field->policy.number());
  if (!options.via().empty()) by.set_via(kind.field(options.via())->policy.number());
}

void resolve_tally(const Draft& draft, const Scope& scope, KindDraft& kind, const schema::Tally& options) {
  policy::TallyRule rule;
  const MeasureDraft* measure = draft.measure(options.measure());
  if (measure == nullptr) {
    scope.refuse("tally", unknown_name("measure", options.measure(), draft.measure_names()));
  } else {
    rule.set_measure(measure->policy.number());
  }
  for (const schema::Condition& condition : options.when()) {
    if (const auto test = scope.test("tally when", condition)) *rule.add_when() = *test;
  }
  if (options.has_unless_referenced_by()) {
    if (const auto referring = scope.referrer("tally unless_referenced_by", options.unless_referenced_by())) {
      *rule.mutable_unless_referenced_by() = *referring;
    }
  }
  if (!options.distinct().empty()) {
    if (const FieldDraft* distinct = scope.reference("tally distinct", options.distinct())) {
      rule.set_distinct(distinct->policy.number());
    }
  }
  for (const schema::Breakdown& by : options.by()) resolve_breakdown(draft, scope, kind, by, rule);
  std::sort(rule.mutable_by()->begin(), rule.mutable_by()->end(),
            [](const auto& one, const auto& other) { return one.dimension() < other.dimension(); });
  *kind.policy.add_tally() = std::move(rule);
}

template <class Names, class Add>
void resolve_terms(const Draft& draft, const MeasureDraft& measure, const Names& names, Add add,
                   Complaints& complaints) {
  std::set<std::uint32_t> numbers;
  for (const std::string& name : names) {
    if (const MeasureDraft* term = draft.measure(name)) {
      numbers.insert(term->policy.number());
      continue;
    }
    complaints.add(place_of(*measure.source), "measure." + measure.policy.name(),
                   unknown_name("measure", name, draft.measure_names()));
  }
  for (const std::uint32_t number : numbers) add(number);
}

}  // namespace

void resolve(Draft& draft, Complaints& complaints) {
  // Rules look at fields of other kinds only through what declare() filled in, so the order of kinds does not matter.
  for (KindDraft& kind : draft.kinds) {
    for (FieldDraft& field : kind.fields) resolve_field(draft, kind, field, complaints);
    const Scope scope(draft, kind, place_of(*kind.source), kind.name(), complaints);
    resolve_kind(scope, kind);
    check_rule_labels(kind, complaints);
    for (const schema::Tally& tally : kind.options.tally()) resolve_tally(draft, scope, kind, tally);
  }
  for (MeasureDraft& measure : draft.measures) {
    policy::MeasurePolicy& policy = measure.policy;
    resolve_terms(
        draft, measure, measure.options.plus(), [&](std::uint32_t n) { policy.add_plus(n); }, complaints);
    resolve_terms(
        draft, measure, measure.options.minus(), [&](std::uint32_t n) { policy.add_minus(n); }, complaints);
  }
}

}  // namespace songsong::schemac
