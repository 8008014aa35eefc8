// Draft: the schema while it is compiled, names and numbers side by side.
//
// declare() fills in what each element says of itself; resolve() turns names of other elements into numbers; check()
// looks at what no element can know alone; assemble() takes the policy table out. All of them only add complaints, and
// leave zero where something is wrong, so that a later step can tell and stays silent about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "schemas/compiler/complaints.h"
#include "schemas/songsong/options.pb.h"
#include "schemas/songsong/policy_table.pb.h"

namespace songsong::schemac {

struct FieldDraft {
  const google::protobuf::FieldDescriptor* source = nullptr;
  schema::Field options;
  policy::FieldPolicy policy;
  std::string subject;  // of complaints: kind.field

  bool is_reference() const { return policy.type() == policy::REFERENCE && policy.merge() != schema::UNION; }
  bool is_choice() const { return policy.type() == policy::ENUM || policy.type() == policy::BOOLEAN; }
  // Its type was refused, so nothing that depends on the type is worth saying.
  bool untyped() const { return policy.type() == policy::FIELD_TYPE_UNSPECIFIED; }
};

struct KindDraft {
  const google::protobuf::Descriptor* source = nullptr;
  schema::Kind options;
  policy::KindPolicy policy;  // its fields stand in `fields` until they are assembled
  std::vector<FieldDraft> fields;

  const std::string& name() const { return policy.name(); }
  const FieldDraft* field(std::string_view name) const;
  std::vector<std::string> field_names() const;
};

struct MeasureDraft {
  const google::protobuf::EnumValueDescriptor* source = nullptr;
  schema::Measure options;
  policy::MeasurePolicy policy;
};

struct DimensionDraft {
  const google::protobuf::EnumValueDescriptor* source = nullptr;
  policy::DimensionPolicy policy;
};

struct Draft {
  std::vector<KindDraft> kinds;
  std::vector<MeasureDraft> measures;
  std::vector<DimensionDraft> dimensions;

  const KindDraft* kind(std::string_view name) const;
  const MeasureDraft* measure(std::string_view name) const;
  const DimensionDraft* dimension(std::string_view name) const;
  std::vector<std::string> kind_names() const;
  std::vector<std::string> measure_names() const;
  std::vector<std::string> dimension_names() const;
};

Draft declare(const std::vector<const google::protobuf::FileDescriptor*>& files, Complaints& complaints);
void resolve(Draft& draft, Complaints& complaints);
void check(const Draft& draft, Complaints& complaints);
// Every list ascends by number. Only for a draft without complaints.
policy::PolicyTable assemble(const Draft& draft);

}  // namespace songsong::schemac
