// Dependencies: which records must be counted again when one changes, as the schema's rules say. Derived from the
// policy table once; read-only afterwards, any threads.
#pragma once

#include <set>
#include <utility>

#include "shared/core/policy.h"

namespace songsong {

class Dependencies {
 public:
  explicit Dependencies(const Policies& policies);

  // A record of the kind counts, through this reference, in the account of the record that it names or for one of its
  // rules (its unit, a return's handover, an evidence, a decision on sameness).
  bool leans_on(KindNumber kind, FieldNumber reference) const { return leaning_.contains({kind, reference}); }

  // Accounts of records of the kind look through this reference at what it names, which is in another account
  // (a handover at its device).
  bool looks_at(KindNumber kind, FieldNumber reference) const { return looking_.contains({kind, reference}); }

 private:
  std::set<std::pair<KindNumber, FieldNumber>> leaning_;
  std::set<std::pair<KindNumber, FieldNumber>> looking_;
};

}  // namespace songsong
