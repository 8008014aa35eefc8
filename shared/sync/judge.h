// Judge: what becomes of a change that a replica sent: it is applied, or set aside with a reason that a person can act
// on. Rights are judged as of capture. Nothing is refused because of a clock.
//
//   reason              meaning
//   replica_revoked     saved after the replica was revoked
//   out_of_scope        it writes to, or from, a unit that is not the replica's; what opens a record is judged by where
//                       it opens it; whoever says that two records are one, or are not, has both
//   to_be_received      it moves a record of the replica's to a unit that is not: it was let go, and waits for somebody
//                       of that unit to receive it
//   unknown_unit        the same to a unit that there is not
//   not_for_role        the roles that the replica had there may not write this
//   wrong_shape         a field is not written in this way
//   kind_mismatch       the record is of another kind
//   unknown_record      it decides on what this server does not hold (a restore lost it)
//   origin_not_allowed  only a server releases what was set aside
//   required, unknown_value, out_of_range, pattern, …   the codes of Validator::check, of fields that it writes
//
// What was set aside is decided on by a reviewer of the unit; what is to be received, by whoever may write such a
// record there.
//
// Kinds and fields that this server does not know are applied: a newer program wrote them.
#pragma once

#include <string>

#include "shared/core/policy.h"
#include "shared/core/validate.h"
#include "shared/replica/admission.h"
#include "shared/sync/host.h"
#include "shared/sync/scope.h"

namespace songsong {

inline constexpr const char* kToBeReceived = "to_be_received";

class Judge {
 public:
  // Borrows both.
  Judge(const Policies& policies, const Validator& validator) : policies_(policies), validator_(validator) {}

  // The reason for which it is set aside; empty if it is applied. Looks at the records as this commit has them so far.
  // Belongs to the thread of the admission.
  std::string reason_against(const Change& change, const Member& member, Admission& admission) const;

 private:
  static std::string against_form(const Change& change, const KindPolicy* kind, const Shown* before);
  static std::string against_roles(const Change& change, const KindPolicy* kind, Roles roles);
  std::string against_values(const Change& change, const KindPolicy& kind, const Shown& after) const;
  std::string against_scope(const Change& change, const Reach& reach, const Shown* before, const Shown& after,
                            Admission& admission) const;
  static std::string against_decision(const Reach& reach, const Shown& set_aside, RecordCache& cache);

  const Policies& policies_;
  const Validator& validator_;
};

// Where the record belongs, though it need not be among the records held: its own unit, or that of the record that it
// leads to.
std::string home_of(const Shown& shown, RecordCache& cache);

}  // namespace songsong
