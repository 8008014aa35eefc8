// Validator: whether a record, as an act would leave it, keeps the rules that its kind declares.
//
// Built once from a policy table, for it keeps the patterns compiled; read-only afterwards, so any number of threads
// may share one. It holds nothing of the table, which may go first. Merging never asks it: what another replica wrote
// is kept whatever it holds. It is asked before an act is saved, and whoever asks heeds the faults of the fields that
// the act writes, and the missing ones; a fault in what somebody else wrote long ago is no reason to refuse an edit.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/outcome.h"
#include "shared/core/pattern.h"
#include "shared/core/policy.h"
#include "shared/core/value.h"

namespace songsong {

class Validator {
 public:
  // A pattern that does not compile, which no checked schema has, is left out: a bad table keeps nobody from recording.
  explicit Validator(const policy::PolicyTable& table);
  explicit Validator(const Policies& policies) : Validator(policies.table()) {}

  // `shown` is the record as the act would leave it: single values and sums by field, the fields of a group one by one,
  // no unions. Fields that the skip logic hides count as absent and are not judged. Faults come in the order of the
  // kind's fields, one a field at most, with `where` as "kind.field", and quote no value:
  //   required          absent, and neither absent_means nor skip logic excuses it
  //   group_incomplete  absent, though another field of its group is there
  //   wrong_type        the value is of another type than the field
  //   unknown_value     an enum number or boolean that the table does not have
  //   out_of_range      beyond the declared range, or a date or instant beyond the years 0001 to 9999
  //   too_long          more code points than max_length, or than a pattern or a unit's code may have
  //   not_normal        a text that is not valid UTF-8 in NFC without control characters
  //   pattern           a text that the pattern does not match as a whole
  //   bad_reference     a reference that names nothing
  //   unknown_field     a field that the table does not have (after all others, as "kind.17")
  std::vector<Fault> check(const KindPolicy& kind, const std::map<FieldNumber, Value>& shown) const;

  // One present value by itself: also for a member of a union. An increment of a sum is judged as part of `shown`.
  std::optional<Fault> check_value(const KindPolicy& kind, const FieldPolicy& field, const Value& value) const;

 private:
  std::optional<Fault> check_integer(const KindPolicy& kind, const FieldPolicy& field, std::int64_t integer) const;
  std::optional<Fault> check_text(const KindPolicy& kind, const FieldPolicy& field, const std::string& text) const;

  std::map<std::pair<KindNumber, FieldNumber>, Pattern> patterns_;
};

}  // namespace songsong
