// Records: the states that a rule looks at together, as people see them, with the references among them.
//
// A plain container of values, filled by whoever holds the states; rules only read it. What is not in it has not
// arrived. One thread at a time while it is filled.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shared/core/policy.h"
#include "shared/core/shown.h"
#include "shared/core/state.h"

namespace songsong {

// A reference from a record's shown field to another record.
struct ReferenceTo {
  RecordId target;
  RecordId source;
  KindNumber source_kind = 0;
  FieldNumber field = 0;

  auto operator<=>(const ReferenceTo&) const = default;
};

// The references that a record makes: every shown value that is a reference, ascending, each once.
std::vector<ReferenceTo> references_of(const Shown& shown);

// Where a record counts whose unit nobody said.
inline constexpr const char* kUnspecifiedUnit = "unspecified";

class Records {
 public:
  explicit Records(const Policies& policies) : policies_(&policies) {}

  // Replaces a state of the same id.
  void put(State state);
  bool has(RecordId id) const { return held_.contains(id); }
  const Shown* find(RecordId id) const;
  const State* state(RecordId id) const;

  // The references that records put here make to the record, ascending.
  const std::vector<ReferenceTo>& references_to(RecordId target) const;
  // Those of one kind through one field, ascending.
  std::vector<RecordId> referrers(RecordId target, KindNumber kind, FieldNumber field) const;
  bool has_live_referrer(RecordId target, KindNumber kind, FieldNumber field) const;

  // What a field counts as: null when absent, not arrived, or hidden by the skip logic.
  const Value* value(const Shown& record, FieldNumber field) const;
  // The record that a reference field names; null when absent or not arrived.
  const Shown* follow(const Shown& record, FieldNumber reference) const;
  // Whether a test holds, followed through its `via`; what has not arrived counts as absent.
  bool holds(const Shown& record, const policy::Test& test) const;

  // The record whose unit a record shares: itself, or where its kind's references lead, as long as they name records of
  // the declared kinds; the id may be of a record that has not arrived. So the schema bounds how far it is.
  RecordId root_of(RecordId record) const;
  // The unit's code; of a record whose unit is not said, the unit at capture of its opening, else kUnspecifiedUnit.
  std::string unit_of(const Shown& record) const;

  const Policies& policies() const { return *policies_; }

 private:
  static bool may_name(const Shown& record, FieldNumber reference, const Shown& target);

  struct Held {
    State state;
    Shown shown;
    std::set<FieldNumber> hidden;
  };

  const Policies* policies_;
  std::map<RecordId, std::unique_ptr<Held>> held_;  // a Shown points into its State, so neither may move
  std::map<RecordId, std::vector<ReferenceTo>> to_;
};

}  // namespace songsong
