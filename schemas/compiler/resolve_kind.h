// The rules of one kind, resolved: unit, title, claims, match keys, proofs and the engine's own (unit tree, same-person
// decision, quarantine).
#pragma once

#include "schemas/compiler/draft.h"
#include "schemas/compiler/resolve_rule.h"

namespace songsong::schemac {

void resolve_kind(const Scope& scope, KindDraft& kind);
// Labels of claims and match keys.
void check_rule_labels(const KindDraft& kind, Complaints& complaints);

}  // namespace songsong::schemac
