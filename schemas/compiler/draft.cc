#include "schemas/compiler/draft.h"

#include <algorithm>

namespace songsong::schemac {
namespace {

template <class Element>
const Element* find(const std::vector<Element>& elements, std::string_view name) {
  const auto found =
      std::find_if(elements.begin(), elements.end(), [&](const Element& one) { return one.policy.name() == name; });
  return found == elements.end() ? nullptr : &*found;
}

template <class Element>
std::vector<std::string> names(const std::vector<Element>& elements) {
  std::vector<std::string> all;
  for (const Element& element : elements) all.push_back(element.policy.name());
  return all;
}

template <class Element>
void sort_by_number(google::protobuf::RepeatedPtrField<Element>* elements) {
  std::sort(elements->begin(), elements->end(),
            [](const Element& one, const Element& other) { return one.number() < other.number(); });
}

policy::KindPolicy assemble_kind(const KindDraft& draft) {
  policy::KindPolicy kind = draft.policy;
  for (const FieldDraft& field : draft.fields) *kind.add_field() = field.policy;
  sort_by_number(kind.mutable_field());
  sort_by_number(kind.mutable_claim());
  sort_by_number(kind.mutable_match());
  return kind;
}

}  // namespace

const FieldDraft* KindDraft::field(std::string_view name) const { return find(fields, name); }
std::vector<std::string> KindDraft::field_names() const { return names(fields); }

const KindDraft* Draft::kind(std::string_view name) const { return find(kinds, name); }
const MeasureDraft* Draft::measure(std::string_view name) const { return find(measures, name); }
const DimensionDraft* Draft::dimension(std::string_view name) const { return find(dimensions, name); }
std::vector<std::string> Draft::kind_names() const { return names(kinds); }
std::vector<std::string> Draft::measure_names() const { return names(measures); }
std::vector<std::string> Draft::dimension_names() const { return names(dimensions); }

policy::PolicyTable assemble(const Draft& draft) {
  policy::PolicyTable table;
  for (const KindDraft& kind : draft.kinds) *table.add_kind() = assemble_kind(kind);
  for (const MeasureDraft& measure : draft.measures) *table.add_measure() = measure.policy;
  for (const DimensionDraft& dimension : draft.dimensions) *table.add_dimension() = dimension.policy;
  sort_by_number(table.mutable_kind());
  sort_by_number(table.mutable_measure());
  sort_by_number(table.mutable_dimension());
  return table;
}

}  // namespace songsong::schemac
