#include "schemas/compiler/resolve_kind.h"

#include <algorithm>
#include <set>

#include "schemas/compiler/words.h"

namespace songsong::schemac {
namespace {

const char* spelled(policy::FieldType type) {
  switch (type) {
    case policy::TEXT:
      return "string";
    case policy::UNIT:
      return "string with meaning: UNIT";
    case policy::REFERENCE:
      return "fixed64 with meaning: REFERENCE";
    case policy::DATE:
      return "sint64 with meaning: DATE";
    case policy::INTEGER:
      return "int64";
    case policy::BOOLEAN:
      return "bool";
    default:
      return "an enum";
  }
}

// The number of a field of one of the types, or 0 and a complaint. An empty name is a complaint too.
std::uint32_t typed(const Scope& scope, std::string_view role, const std::string& name,
                    const std::set<policy::FieldType>& types) {
  const FieldDraft* field = scope.field(role, name);
  if (field == nullptr || field->untyped()) return 0;
  if (types.contains(field->policy.type()) && field->policy.merge() != schema::UNION) return field->policy.number();
  std::string wanted;
  for (const policy::FieldType type : types) wanted += (wanted.empty() ? "" : ", or ") + std::string(spelled(type));
  scope.refuse(role, "field " + quoted(name) + " does not serve here; name one that is not repeated, and is " + wanted);
  return 0;
}

std::int64_t chosen(const Scope& scope, std::string_view role, const KindDraft& kind, const std::string& field,
                    const std::string& name) {
  const FieldDraft* found = kind.field(field);
  if (found == nullptr || found->policy.type() != policy::ENUM) return 0;  // said of the field
  return scope.value(role, *found, name).value_or(0);
}

void resolve_unit(const Scope& scope, KindDraft& kind) {
  const schema::UnitOf& unit = kind.options.unit();
  if (!unit.field().empty()) {
    // A unit belongs to itself, by its own code, which is the one text that is no other unit's.
    const bool itself = kind.options.has_unit_tree() && kind.options.unit_tree().code() == unit.field();
    kind.policy.set_unit_field(typed(scope, "unit field", unit.field(), {itself ? policy::TEXT : policy::UNIT}));
  } else if (!unit.via().empty()) {
    const FieldDraft* via = scope.reference("unit via", unit.via());
    if (via != nullptr) kind.policy.set_unit_via(via->policy.number());
  }
}

void resolve_claims(const Scope& scope, KindDraft& kind) {
  for (const schema::Claim& claim : kind.options.claim()) {
    policy::ClaimRule& rule = *kind.policy.add_claim();
    rule.set_number(claim.number());
    *rule.mutable_label() = claim.label();
    rule.set_field(typed(scope, "claim", claim.field(), {policy::REFERENCE, policy::TEXT}));
    if (claim.number() == 0) scope.refuse("claim", "no number; give the next free one, it is stored");
    if (!claim.has_unless_referenced_by()) continue;
    if (const auto referring = scope.referrer("claim unless_referenced_by", claim.unless_referenced_by())) {
      *rule.mutable_unless_referenced_by() = *referring;
    }
  }
}

void resolve_matches(const Scope& scope, KindDraft& kind) {
  for (const schema::MatchKey& match : kind.options.match()) {
    policy::MatchRule& rule = *kind.policy.add_match();
    rule.set_number(match.number());
    *rule.mutable_label() = match.label();
    std::set<std::uint32_t> fields;
    for (const std::string& name : match.field()) {
      fields.insert(typed(scope, "match", name,
                          {policy::TEXT, policy::INTEGER, policy::BOOLEAN, policy::ENUM, policy::DATE, policy::UNIT,
                           policy::REFERENCE}));
    }
    for (const std::uint32_t field : fields) rule.add_field(field);
    if (match.number() == 0) scope.refuse("match", "no number; give the next free one, it is stored");
    if (match.field().empty()) scope.refuse("match", "no field; name those that agree in likely duplicates");
  }
}

void resolve_proofs(const Scope& scope, KindDraft& kind) {
  for (const schema::Proof& proof : kind.options.proof()) {
    policy::ProofRule& rule = *kind.policy.add_proof();
    if (const auto when = scope.test("proof when", proof.when())) *rule.mutable_when() = *when;
    if (const auto evidence = scope.referrer("proof evidence", proof.evidence())) *rule.mutable_evidence() = *evidence;
  }
}

void resolve_samehood(const Scope& scope, KindDraft& kind) {
  const schema::SamehoodOf& options = kind.options.samehood();
  policy::SamehoodRule& rule = *kind.policy.mutable_samehood();
  rule.set_one(typed(scope, "samehood one", options.one(), {policy::REFERENCE}));
  rule.set_other(typed(scope, "samehood other", options.other(), {policy::REFERENCE}));
  rule.set_decision(typed(scope, "samehood decision", options.decision(), {policy::ENUM}));
  rule.set_same(chosen(scope, "samehood same", kind, options.decision(), options.same()));
  rule.set_different(chosen(scope, "samehood different", kind, options.decision(), options.different()));
}

void resolve_unit_tree(const Scope& scope, KindDraft& kind) {
  const schema::UnitTree& options = kind.options.unit_tree();
  policy::UnitTreeRule& rule = *kind.policy.mutable_unit_tree();
  rule.set_code(typed(scope, "unit_tree code", options.code(), {policy::TEXT}));
  rule.set_name(typed(scope, "unit_tree name", options.name(), {policy::TEXT}));
  rule.set_parent(typed(scope, "unit_tree parent", options.parent(), {policy::UNIT}));
  rule.set_level(typed(scope, "unit_tree level", options.level(), {policy::TEXT}));
  rule.set_opened(typed(scope, "unit_tree opened", options.opened(), {policy::DATE}));
  rule.set_closed(typed(scope, "unit_tree closed", options.closed(), {policy::DATE}));
}

void resolve_unit_period(const Scope& scope, KindDraft& kind) {
  const schema::UnitPeriodOf& options = kind.options.unit_period();
  policy::UnitPeriodRule& rule = *kind.policy.mutable_unit_period();
  rule.set_unit(typed(scope, "unit_period unit", options.unit(), {policy::UNIT}));
  rule.set_until(typed(scope, "unit_period until", options.until(), {policy::DATE}));
  rule.set_name(typed(scope, "unit_period name", options.name(), {policy::TEXT}));
  rule.set_level(typed(scope, "unit_period level", options.level(), {policy::TEXT}));
  rule.set_parent(typed(scope, "unit_period parent", options.parent(), {policy::UNIT}));
}

void resolve_quarantine(const Scope& scope, KindDraft& kind) {
  const schema::QuarantineOf& options = kind.options.quarantine();
  policy::QuarantineRule& rule = *kind.policy.mutable_quarantine();
  rule.set_change(typed(scope, "quarantine change", options.change(), {policy::TEXT}));
  rule.set_reason(typed(scope, "quarantine reason", options.reason(), {policy::TEXT}));
  rule.set_record(typed(scope, "quarantine record", options.record(), {policy::REFERENCE}));
  rule.set_decision(typed(scope, "quarantine decision", options.decision(), {policy::ENUM}));
  rule.set_released(chosen(scope, "quarantine released", kind, options.decision(), options.released()));
  rule.set_refused(chosen(scope, "quarantine refused", kind, options.decision(), options.refused()));
}

void resolve_erasure(const Scope& scope, KindDraft& kind) {
  const schema::ErasureOf& options = kind.options.erasure();
  policy::ErasureRule& rule = *kind.policy.mutable_erasure();
  rule.set_record(typed(scope, "erasure record", options.record(), {policy::REFERENCE}));
  rule.set_reason(typed(scope, "erasure reason", options.reason(), {policy::ENUM}));
  rule.set_withdrawn(chosen(scope, "erasure withdrawn", kind, options.reason(), options.withdrawn()));
  rule.set_ended(chosen(scope, "erasure ended", kind, options.reason(), options.ended()));
}

void resolve_consent(const Scope& scope, KindDraft& kind) {
  const schema::ConsentOf& options = kind.options.consent();
  policy::ConsentRule& rule = *kind.policy.mutable_consent();
  rule.set_record(typed(scope, "consent record", options.record(), {policy::REFERENCE}));
  rule.set_until(typed(scope, "consent until", options.until(), {policy::DATE}));
  rule.set_withdrawn(typed(scope, "consent withdrawn", options.withdrawn(), {policy::DATE}));
}

}  // namespace

void resolve_kind(const Scope& scope, KindDraft& kind) {
  resolve_unit(scope, kind);
  for (const std::string& name : kind.options.title()) {
    if (const FieldDraft* field = scope.field("title", name)) kind.policy.add_title(field->policy.number());
  }
  resolve_claims(scope, kind);
  resolve_matches(scope, kind);
  resolve_proofs(scope, kind);
  if (kind.options.has_samehood()) resolve_samehood(scope, kind);
  if (kind.options.has_unit_tree()) resolve_unit_tree(scope, kind);
  if (kind.options.has_quarantine()) resolve_quarantine(scope, kind);
  if (kind.options.has_unit_period()) resolve_unit_period(scope, kind);
  if (kind.options.has_erasure()) resolve_erasure(scope, kind);
  if (kind.options.has_consent()) resolve_consent(scope, kind);
}

void check_rule_labels(const KindDraft& kind, Complaints& complaints) {
  const Place place = place_of(*kind.source);
  for (const schema::Claim& claim : kind.options.claim()) {
    check_label(claim.label(), "label", place, kind.name() + ".claim " + std::to_string(claim.number()), complaints);
  }
  for (const schema::MatchKey& match : kind.options.match()) {
    check_label(match.label(), "label", place, kind.name() + ".match " + std::to_string(match.number()), complaints);
  }
}

}  // namespace songsong::schemac
