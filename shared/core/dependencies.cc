#include "shared/core/dependencies.h"

namespace songsong {

Dependencies::Dependencies(const Policies& policies) {
  const auto look = [&](const KindPolicy& kind, FieldNumber reference) {
    const FieldPolicy* const field = Policies::field(kind, reference);
    if (reference == 0 || reference == kind.unit_via() || field == nullptr || field->type() != policy::REFERENCE)
      return;
    looking_.emplace(kind.number(), reference);
  };
  for (const KindPolicy& kind : policies.table().kind()) {
    if (kind.unit_via() != 0) leaning_.emplace(kind.number(), kind.unit_via());
    if (kind.has_samehood()) {
      leaning_.emplace(kind.number(), kind.samehood().one());
      leaning_.emplace(kind.number(), kind.samehood().other());
    }
    for (const policy::TallyRule& rule : kind.tally()) {
      if (rule.has_unless_referenced_by())
        leaning_.emplace(rule.unless_referenced_by().kind(), rule.unless_referenced_by().field());
      for (const policy::Test& test : rule.when()) look(kind, test.via());
      for (const policy::BreakdownRule& by : rule.by()) look(kind, by.via());
    }
    for (const policy::ClaimRule& rule : kind.claim()) {
      if (rule.has_unless_referenced_by())
        leaning_.emplace(rule.unless_referenced_by().kind(), rule.unless_referenced_by().field());
      look(kind, rule.field());
    }
    for (const policy::ProofRule& rule : kind.proof()) {
      leaning_.emplace(rule.evidence().kind(), rule.evidence().field());
      look(kind, rule.when().via());
    }
  }
}

}  // namespace songsong
