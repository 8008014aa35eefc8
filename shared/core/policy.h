// Policies: the policy table (schemas/songsong/policy_table.proto) with lookups. Read-only after parse, so any number of
// threads may share one.
//
// The engine learns all it knows of kinds and fields here; an unknown kind or field is null and is stored, merged and
// forwarded without one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
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

class Policies {
 public:
  // Takes the serialised table. A table that contradicts itself (unknown numbers, two kinds with one number) is a fault.
  static Outcome<Policies> parse(std::string_view table_bytes);

  const policy::PolicyTable& table() const { return *table_; }
  std::uint32_t revision() const { return table_->revision(); }

  const KindPolicy* kind(KindNumber number) const;
  const KindPolicy* kind_named(std::string_view name) const;
  const FieldPolicy* field(KindNumber kind, FieldNumber number) const;
  static const FieldPolicy* field(const KindPolicy& kind, FieldNumber number);
  static const FieldPolicy* field_named(const KindPolicy& kind, std::string_view name);
  const policy::MeasurePolicy* measure(std::uint32_t number) const;
  const policy::DimensionPolicy* dimension(std::uint32_t number) const;

  // The kinds whose unit is the unit of a record of this kind, each with the reference field that leads here.
  const std::vector<ReferringField>& belonging_to(KindNumber kind) const;
  // Null when the schema has none.
  const KindPolicy* samehood() const { return samehood_; }
  const KindPolicy* unit_tree() const { return unit_tree_; }

  // The register that a field's value lives in: its group's number, or its own.
  static FieldNumber register_of(const FieldPolicy& field) { return field.group() ? field.group() : field.number(); }

 private:
  Policies() = default;

  std::shared_ptr<const policy::PolicyTable> table_;
  std::map<KindNumber, const KindPolicy*> kinds_;
  std::map<std::string, const KindPolicy*, std::less<>> kinds_by_name_;
  std::map<std::pair<KindNumber, FieldNumber>, const FieldPolicy*> fields_;
  std::map<KindNumber, std::vector<ReferringField>> belonging_;
  const KindPolicy* samehood_ = nullptr;
  const KindPolicy* unit_tree_ = nullptr;
};

}  // namespace songsong
