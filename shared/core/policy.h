// Policies: the policy table (schemas/songsong/policy_table.proto) with lookups. Read-only after parse, so any number
// of threads may share one; copies share the table, and what a lookup returns lives as long as any of them.
//
// The engine learns all it knows of kinds and fields here; an unknown kind or field is null and is stored, merged and
// forwarded without one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/songsong/policy_table.pb.h"
#include "shared/core/outcome.h"
#include "shared/core/value.h"

namespace songsong {

using policy::FieldPolicy;
using policy::KindPolicy;

// A kind that refers to another through a field.
struct ReferringField {
  const KindPolicy* kind = nullptr;
  FieldNumber field = 0;
};

inline constexpr std::size_t kMaxPolicyTableBytes = 4 * 1024 * 1024;

// A rule with the kind that declares it.
template <class Rule>
struct RuleOf {
  const KindPolicy* kind = nullptr;
  const Rule* rule = nullptr;
};

class Policies {
 public:
  // Takes the serialised table, which may come from outside. Faults:
  //   policy_table_malformed      the bytes are no table, or more than kMaxPolicyTableBytes
  //   policy_table_unknown        it uses a type or a policy that only a newer program knows
  //   policy_table_contradictory  a number is given twice or names nothing, or does not fit where it stands
  static Outcome<Policies> parse(std::string_view table_bytes);

  const policy::PolicyTable& table() const { return *table_; }
  std::uint32_t revision() const { return table_->revision(); }

  const KindPolicy* kind(KindNumber number) const;
  const KindPolicy* kind_named(std::string_view name) const;
  const FieldPolicy* field(KindNumber kind, FieldNumber number) const;
  static const FieldPolicy* field(const KindPolicy& kind, FieldNumber number);
  static const FieldPolicy* field_named(const KindPolicy& kind, std::string_view name);
  const policy::MeasurePolicy* measure(std::uint32_t number) const;
  const policy::MeasurePolicy* measure_named(std::string_view name) const;
  const policy::DimensionPolicy* dimension(std::uint32_t number) const;
  const policy::DimensionPolicy* dimension_named(std::string_view name) const;
  // The measure that the engine counts by itself.
  const policy::MeasurePolicy* kept(schema::Kept kept) const;
  // Both null when no kind declares the number.
  RuleOf<policy::ClaimRule> claim(std::uint32_t number) const;
  RuleOf<policy::MatchRule> match(std::uint32_t number) const;
  static const policy::EnumEntry* value(const FieldPolicy& field, std::int64_t number);
  static const policy::EnumEntry* value_named(const FieldPolicy& field, std::string_view name);

  // The kinds whose unit is the unit of a record of this kind, each with the reference field that leads here, ascending
  // by kind. A kind whose reference may name any kind belongs to all, known or not, but to none that does the same: so
  // whoever follows this from kind to kind comes to an end.
  const std::vector<ReferringField>& belonging_to(KindNumber kind) const;
  // Null when the schema has none.
  const KindPolicy* samehood() const { return samehood_; }
  const KindPolicy* unit_tree() const { return unit_tree_; }
  const KindPolicy* unit_period() const { return unit_period_; }
  const KindPolicy* quarantine() const { return quarantine_; }
  const KindPolicy* erasure() const { return erasure_; }
  const KindPolicy* consent() const { return consent_; }

  // The register that a field's value lives in: its group's number, or its own.
  static FieldNumber register_of(const FieldPolicy& field) { return field.group() ? field.group() : field.number(); }

 private:
  explicit Policies(std::shared_ptr<const policy::PolicyTable> table);

  void index(const KindPolicy& kind);
  void index_belonging();

  std::shared_ptr<const policy::PolicyTable> table_;
  std::map<KindNumber, const KindPolicy*> kinds_;
  std::map<std::string, const KindPolicy*, std::less<>> kinds_by_name_;
  std::map<std::pair<KindNumber, FieldNumber>, const FieldPolicy*> fields_;
  std::map<std::uint32_t, RuleOf<policy::ClaimRule>> claims_;
  std::map<std::uint32_t, RuleOf<policy::MatchRule>> matches_;
  std::map<KindNumber, std::vector<ReferringField>> belonging_;
  std::vector<ReferringField> belonging_to_any_;
  const KindPolicy* samehood_ = nullptr;
  const KindPolicy* unit_tree_ = nullptr;
  const KindPolicy* unit_period_ = nullptr;
  const KindPolicy* quarantine_ = nullptr;
  const KindPolicy* erasure_ = nullptr;
  const KindPolicy* consent_ = nullptr;
};

}  // namespace songsong
