#include "shared/core/policy.h"

#include <algorithm>
#include <utility>

#include "shared/core/policy_check.h"

namespace songsong {
namespace {

template <class Elements>
auto find_number(const Elements& elements, std::int64_t number) -> decltype(&*elements.begin()) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const auto& one) { return std::int64_t{one.number()} == number; });
  return found == elements.end() ? nullptr : &*found;
}

template <class Elements>
auto find_name(const Elements& elements, std::string_view name) -> decltype(&*elements.begin()) {
  const auto found =
      std::find_if(elements.begin(), elements.end(), [&](const auto& one) { return one.name() == name; });
  return found == elements.end() ? nullptr : &*found;
}

template <class Map, class Key>
auto find_in(const Map& map, const Key& key) -> typename Map::mapped_type {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

Outcome<Policies> Policies::parse(std::string_view table_bytes) {
  const auto malformed = [](const char* what) { return Fault{"policy_table_malformed", "table", what}; };
  if (table_bytes.size() > kMaxPolicyTableBytes) return malformed("The policy table is larger than any schema needs.");
  auto table = std::make_shared<policy::PolicyTable>();
  if (!table->ParseFromArray(table_bytes.data(), static_cast<int>(table_bytes.size()))) {
    return malformed("The bytes are no policy table.");
  }
  if (const Outcome<Done> sound = check_table(*table); !sound) return sound.fault();
  return Policies(std::move(table));
}

Policies::Policies(std::shared_ptr<const policy::PolicyTable> table) : table_(std::move(table)) {
  for (const KindPolicy& kind : table_->kind()) index(kind);
  index_belonging();
}

void Policies::index(const KindPolicy& kind) {
  kinds_.emplace(kind.number(), &kind);
  kinds_by_name_.emplace(kind.name(), &kind);
  for (const FieldPolicy& field : kind.field()) fields_.emplace(std::pair(kind.number(), field.number()), &field);
  for (const policy::ClaimRule& rule : kind.claim()) claims_.emplace(rule.number(), RuleOf{&kind, &rule});
  for (const policy::MatchRule& rule : kind.match()) matches_.emplace(rule.number(), RuleOf{&kind, &rule});
  if (kind.has_samehood()) samehood_ = &kind;
  if (kind.has_unit_tree()) unit_tree_ = &kind;
  if (kind.has_unit_period()) unit_period_ = &kind;
  if (kind.has_quarantine()) quarantine_ = &kind;
  if (kind.has_erasure()) erasure_ = &kind;
  if (kind.has_consent()) consent_ = &kind;
}

void Policies::index_belonging() {
  std::map<KindNumber, bool> to_any;
  for (const auto& [number, kind] : kinds_) {
    const bool any = kind->unit_via() != 0 && field(number, kind->unit_via())->target() == 0;
    to_any.emplace(number, any);
    if (any) belonging_to_any_.push_back({kind, kind->unit_via()});
  }
  for (const auto& [number, kind] : kinds_) {
    if (kind->unit_via() == 0) continue;
    const ReferringField referring{kind, kind->unit_via()};
    const KindNumber target = field(number, kind->unit_via())->target();
    if (target != 0) {
      belonging_[target].push_back(referring);
      continue;
    }
    for (const auto& [other, any] : to_any) {
      if (!any) belonging_[other].push_back(referring);
    }
  }
  for (const auto& [number, any] : to_any) belonging_[number];  // known kinds that nothing belongs to
}

const KindPolicy* Policies::kind(KindNumber number) const { return find_in(kinds_, number); }
const KindPolicy* Policies::kind_named(std::string_view name) const { return find_in(kinds_by_name_, name); }

const FieldPolicy* Policies::field(KindNumber kind, FieldNumber number) const {
  return find_in(fields_, std::pair(kind, number));
}
const FieldPolicy* Policies::field(const KindPolicy& kind, FieldNumber number) {
  return find_number(kind.field(), number);
}
const FieldPolicy* Policies::field_named(const KindPolicy& kind, std::string_view name) {
  return find_name(kind.field(), name);
}

const policy::MeasurePolicy* Policies::measure(std::uint32_t number) const {
  return find_number(table_->measure(), number);
}
const policy::MeasurePolicy* Policies::measure_named(std::string_view name) const {
  return find_name(table_->measure(), name);
}
const policy::DimensionPolicy* Policies::dimension(std::uint32_t number) const {
  return find_number(table_->dimension(), number);
}
const policy::DimensionPolicy* Policies::dimension_named(std::string_view name) const {
  return find_name(table_->dimension(), name);
}
const policy::MeasurePolicy* Policies::kept(schema::Kept kept) const {
  for (const policy::MeasurePolicy& measure : table_->measure()) {
    if (measure.kept() == kept) return &measure;
  }
  return nullptr;
}

RuleOf<policy::ClaimRule> Policies::claim(std::uint32_t number) const { return find_in(claims_, number); }
RuleOf<policy::MatchRule> Policies::match(std::uint32_t number) const { return find_in(matches_, number); }

const policy::EnumEntry* Policies::value(const FieldPolicy& field, std::int64_t number) {
  return find_number(field.value(), number);
}
const policy::EnumEntry* Policies::value_named(const FieldPolicy& field, std::string_view name) {
  return find_name(field.value(), name);
}

const std::vector<ReferringField>& Policies::belonging_to(KindNumber kind) const {
  const auto found = belonging_.find(kind);
  return found == belonging_.end() ? belonging_to_any_ : found->second;
}

}  // namespace songsong
