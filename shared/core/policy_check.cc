#include "shared/core/policy_check.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/limits.h"

namespace songsong {
namespace {

using policy::FieldPolicy;
using policy::KindPolicy;

bool is_number(policy::FieldType type) {
  return type == policy::INTEGER || type == policy::MONEY || type == policy::DATE || type == policy::INSTANT;
}
bool is_choice(const FieldPolicy& field) {
  return field.merge() != schema::UNION && (field.type() == policy::ENUM || field.type() == policy::BOOLEAN);
}
bool is_reference(const FieldPolicy& field) {
  return field.merge() != schema::UNION && field.type() == policy::REFERENCE;
}

class TableCheck {
 public:
  explicit TableCheck(const policy::PolicyTable& table) : table_(table) {}

  Outcome<Done> run() {
    require(table_.revision() != 0, "table", "has no revision");
    require(table_.kind_size() <= schema::kMaxKinds && table_.measure_size() <= schema::kMaxMeasures, "table",
            "has more kinds or measures than a schema may");
    if (fault_) return *fault_;
    index();
    if (fault_) return *fault_;  // what follows relies on the index
    for (const KindPolicy& kind : table_.kind()) {
      for (const FieldPolicy& field : kind.field()) check_field(kind, field);
      check_unit(kind);
      check_rules(kind);
      check_parts(kind);
    }
    check_unit_loops();
    check_counts();
    if (fault_) return *fault_;
    return Done{};
  }

 private:
  void report(const char* code, std::string where, std::string_view what) {
    if (!fault_) fault_ = Fault{code, std::move(where), "The policy table " + std::string(what) + "."};
  }
  void contradiction(std::string where, std::string_view what) {
    report("policy_table_contradictory", std::move(where), what);
  }
  void require(bool holds, const std::string& where, std::string_view otherwise) {
    if (!holds) contradiction(where, otherwise);
  }

  static std::string place(const KindPolicy& kind) { return "kind " + std::to_string(kind.number()); }
  static std::string place(const KindPolicy& kind, const FieldPolicy& field) {
    return place(kind) + " field " + std::to_string(field.number());
  }

  void index() {
    std::set<std::string> names;
    for (const KindPolicy& kind : table_.kind()) {
      require(kind.number() != 0 && kinds_.emplace(kind.number(), &kind).second, place(kind), "numbers a kind twice");
      require(!kind.name().empty() && names.insert(kind.name()).second, place(kind), "names a kind twice");
      std::set<std::string> field_names;
      for (const FieldPolicy& field : kind.field()) {
        const bool numbered = field.number() >= 1 && field.number() <= schema::kMaxFieldNumber;
        require(numbered && fields_.emplace(std::pair(kind.number(), field.number()), &field).second,
                place(kind, field), "numbers a field twice or out of bounds");
        require(!field.name().empty() && field_names.insert(field.name()).second, place(kind, field),
                "names a field twice");
        for (const policy::EnumEntry& entry : field.value()) values_.emplace(&field, entry.number());
      }
    }
    index_counts(table_.measure(), measures_, "measure");
    index_counts(table_.dimension(), dimensions_, "dimension");
  }

  template <class Elements>
  void index_counts(const Elements& elements, std::set<std::uint32_t>& numbers, const std::string& what) {
    std::set<std::string> names;
    for (const auto& element : elements) {
      const std::string where = what + " " + std::to_string(element.number());
      require(element.number() != 0 && numbers.insert(element.number()).second, where, "numbers it twice");
      require(!element.name().empty() && names.insert(element.name()).second, where, "names it twice");
    }
  }

  const FieldPolicy* find(std::uint32_t kind, std::uint32_t field) const {
    const auto found = fields_.find({kind, field});
    return found == fields_.end() ? nullptr : found->second;
  }
  const FieldPolicy* find(const KindPolicy& kind, std::uint32_t field) const { return find(kind.number(), field); }

  bool refers(const KindPolicy& kind, std::uint32_t field) const {
    const FieldPolicy* found = find(kind, field);
    return found != nullptr && is_reference(*found);
  }
  bool has_type(const KindPolicy& kind, std::uint32_t field, policy::FieldType type) const {
    const FieldPolicy* found = find(kind, field);
    return found != nullptr && found->type() == type && found->merge() != schema::UNION;
  }
  // The field of the kind itself, or of the one that the reference leads to; null when there is none.
  const FieldPolicy* find_via(const KindPolicy& kind, std::uint32_t via, std::uint32_t field) const {
    if (via == 0) return find(kind, field);
    return refers(kind, via) ? find(find(kind, via)->target(), field) : nullptr;
  }

  void check_field(const KindPolicy& kind, const FieldPolicy& field) {
    const std::string where = place(kind, field);
    if (!policy::FieldType_IsValid(field.type()) || field.type() == policy::FIELD_TYPE_UNSPECIFIED) {
      return report("policy_table_unknown", where, "has a type that this program does not know");
    }
    if (!schema::MergePolicy_IsValid(field.merge()) || field.merge() == schema::MERGE_UNSPECIFIED) {
      return report("policy_table_unknown", where, "has a merge policy that this program does not know");
    }
    const bool adds_up = field.type() == policy::INTEGER || field.type() == policy::MONEY;
    require(field.merge() != schema::SUM || adds_up, where, "sums what is no number");
    require(!field.has_range() || (is_number(field.type()) && field.min() <= field.max()), where, "has a wrong range");
    require(field.target() == 0 || (field.type() == policy::REFERENCE && kinds_.contains(field.target())), where,
            "refers to a kind that is not there");
    require(field.subject() == 0 || (field.personal() && refers(kind, field.subject())), where, "has a wrong subject");
    check_values(field, where);
    check_group(kind, field, where);
    for (const policy::Test& test : field.ask_when()) check_test(kind, test, where);
  }

  void check_values(const FieldPolicy& field, const std::string& where) {
    std::set<std::int64_t> numbers;
    std::set<std::string> names;
    for (const policy::EnumEntry& entry : field.value()) {
      require(entry.number() > 0 && numbers.insert(entry.number()).second, where, "numbers a value twice");
      require(!entry.name().empty() && names.insert(entry.name()).second, where, "names a value twice");
    }
    require((field.type() == policy::ENUM) == !numbers.empty(), where, "has values that do not fit the type");
    require(!field.has_absent_means() || numbers.contains(field.absent_means()), where,
            "lets absence mean a value that is not there");
    const std::set<std::int64_t> order(field.order().begin(), field.order().end());
    const bool ordered = order == numbers && order.size() == static_cast<std::size_t>(field.order_size());
    const bool furthest = field.merge() == schema::FURTHEST;
    require(furthest ? field.type() == policy::ENUM && ordered : order.empty(), where, "has an incomplete order");
  }

  void check_group(const KindPolicy& kind, const FieldPolicy& field, const std::string& where) {
    if (field.group() == 0) return;
    require(field.group() >= schema::kFirstGroupNumber && field.group() <= schema::kLastGroupNumber, where,
            "has a group out of bounds");
    require(field.merge() == schema::LATEST || field.merge() == schema::QUIET_LATEST || field.merge() == schema::FIRST,
            where, "groups what does not merge as one");
    const auto [first, fresh] = groups_.emplace(std::pair(kind.number(), field.group()), &field);
    require(fresh || (first->second->merge() == field.merge() && first->second->personal() == field.personal()), where,
            "has a group that is at odds with itself");
  }

  void check_test(const KindPolicy& kind, const policy::Test& test, const std::string& where) {
    const FieldPolicy* field = find_via(kind, test.via(), test.field());
    if (field == nullptr) return contradiction(where, "looks at a field that is not there");
    if (test.op() == policy::Test::PRESENT || test.op() == policy::Test::ABSENT) return;
    if (test.op() != policy::Test::IN && test.op() != policy::Test::NOT_IN) {
      return report("policy_table_unknown", where, "has a condition that this program does not know");
    }
    require(is_choice(*field) && !test.value().empty(), where, "compares what is no choice");
    for (const std::int64_t value : test.value()) {
      const bool known = field->type() == policy::BOOLEAN ? value == 0 || value == 1 : values_.contains({field, value});
      require(known, where, "compares with no value");
    }
  }

  void check_referring(const KindPolicy& kind, const policy::Referring& referring, const std::string& where) {
    const FieldPolicy* field = find(referring.kind(), referring.field());
    require(field != nullptr && is_reference(*field) && (field->target() == 0 || field->target() == kind.number()),
            where, "expects a reference that is not there");
  }

  void check_unit(const KindPolicy& kind) {
    const bool by_field = kind.unit_field() != 0;
    const bool by_via = kind.unit_via() != 0;
    require(by_field != by_via || (kind.internal() && !by_field), place(kind), "does not say one unit");
    // The kind that is the tree of units belongs to itself, by the text of its own code.
    const bool itself = kind.has_unit_tree() && kind.unit_tree().code() == kind.unit_field();
    require(!by_field || has_type(kind, kind.unit_field(), itself ? policy::TEXT : policy::UNIT), place(kind),
            "has a unit that is no unit field");
    require(!by_via || refers(kind, kind.unit_via()), place(kind), "takes its unit from what is no reference");
  }

  // Target of the reference that gives the kind its unit: 0 for any kind, nothing where the kind has a unit field.
  std::optional<std::uint32_t> unit_source(const KindPolicy& kind) const {
    if (kind.unit_via() == 0 || !refers(kind, kind.unit_via())) return std::nullopt;
    return find(kind, kind.unit_via())->target();
  }

  void check_unit_loops() {
    for (const KindPolicy& kind : table_.kind()) {
      const KindPolicy* at = &kind;
      // A path without a loop visits each kind once.
      for (std::size_t steps = 0; at != nullptr; ++steps) {
        if (steps > kinds_.size()) return contradiction(place(kind), "takes a unit in a circle");
        const std::optional<std::uint32_t> next = unit_source(*at);
        if (next == 0u && at != &kind) return contradiction(place(kind), "may take a unit in a circle");
        const auto found = next ? kinds_.find(*next) : kinds_.end();
        at = found == kinds_.end() ? nullptr : found->second;
      }
    }
  }

  void check_tally(const KindPolicy& kind, const policy::TallyRule& tally) {
    const std::string where = place(kind) + " tally";
    require(measures_.contains(tally.measure()), where, "counts into a measure that is not there");
    for (const policy::Test& test : tally.when()) check_test(kind, test, where);
    if (tally.has_unless_referenced_by()) check_referring(kind, tally.unless_referenced_by(), where);
    require(tally.distinct() == 0 || refers(kind, tally.distinct()), where, "is distinct by what is no reference");
    for (const policy::BreakdownRule& by : tally.by()) {
      const FieldPolicy* field = find_via(kind, by.via(), by.field());
      require(dimensions_.contains(by.dimension()), where, "has a dimension that is not there");
      require(field != nullptr && is_choice(*field), where, "has a dimension over what is no choice");
    }
  }

  void check_rules(const KindPolicy& kind) {
    const std::string where = place(kind);
    for (const std::uint32_t field : kind.title()) require(find(kind, field) != nullptr, where, "has a wrong title");
    for (const policy::TallyRule& tally : kind.tally()) check_tally(kind, tally);
    for (const policy::ClaimRule& claim : kind.claim()) {
      const bool fits = refers(kind, claim.field()) || has_type(kind, claim.field(), policy::TEXT);
      require(claim.number() != 0 && claims_.insert(claim.number()).second, where, "numbers a claim twice");
      require(fits, where, "claims what is neither reference nor text");
      if (claim.has_unless_referenced_by()) check_referring(kind, claim.unless_referenced_by(), where);
    }
    for (const policy::MatchRule& match : kind.match()) {
      require(match.number() != 0 && matches_.insert(match.number()).second, where, "numbers a match key twice");
      require(!match.field().empty(), where, "has a match key without fields");
      for (const std::uint32_t number : match.field()) {
        const FieldPolicy* field = find(kind, number);
        require(field != nullptr && field->merge() != schema::UNION, where, "matches by what holds no single value");
      }
    }
    for (const policy::ProofRule& proof : kind.proof()) {
      check_test(kind, proof.when(), where);
      check_referring(kind, proof.evidence(), where);
    }
  }

  bool has_value(const KindPolicy& kind, std::uint32_t field, std::int64_t number) const {
    return has_type(kind, field, policy::ENUM) && values_.contains({find(kind, field), number});
  }

  // The kinds that the engine itself works with, at most one of each.
  void check_parts(const KindPolicy& kind) {
    const std::string where = place(kind);
    if (kind.has_samehood()) {
      const policy::SamehoodRule& rule = kind.samehood();
      require(refers(kind, rule.one()) && refers(kind, rule.other()) && has_value(kind, rule.decision(), rule.same()) &&
                  has_value(kind, rule.decision(), rule.different()),
              where, "has a wrong samehood rule");
      require(parts_.insert("samehood").second, where, "has two samehood kinds");
    }
    if (kind.has_unit_tree()) {
      const policy::UnitTreeRule& rule = kind.unit_tree();
      require(has_type(kind, rule.code(), policy::TEXT) && has_type(kind, rule.name(), policy::TEXT) &&
                  has_type(kind, rule.parent(), policy::UNIT) && has_type(kind, rule.level(), policy::TEXT) &&
                  has_type(kind, rule.opened(), policy::DATE) && has_type(kind, rule.closed(), policy::DATE),
              where, "has a wrong unit_tree rule");
      require(parts_.insert("unit_tree").second, where, "has two unit_tree kinds");
    }
    if (kind.has_unit_period()) {
      const policy::UnitPeriodRule& rule = kind.unit_period();
      require(has_type(kind, rule.unit(), policy::UNIT) && has_type(kind, rule.until(), policy::DATE) &&
                  has_type(kind, rule.name(), policy::TEXT) && has_type(kind, rule.level(), policy::TEXT) &&
                  has_type(kind, rule.parent(), policy::UNIT),
              where, "has a wrong unit_period rule");
      require(parts_.insert("unit_period").second, where, "has two unit_period kinds");
    }
    if (kind.has_quarantine()) {
      const policy::QuarantineRule& rule = kind.quarantine();
      require(has_type(kind, rule.change(), policy::TEXT) && has_type(kind, rule.reason(), policy::TEXT) &&
                  refers(kind, rule.record()) && has_value(kind, rule.decision(), rule.released()) &&
                  has_value(kind, rule.decision(), rule.refused()),
              where, "has a wrong quarantine rule");
      require(parts_.insert("quarantine").second, where, "has two quarantine kinds");
    }
    if (kind.has_erasure()) {
      const policy::ErasureRule& rule = kind.erasure();
      require(refers(kind, rule.record()) && has_value(kind, rule.reason(), rule.withdrawn()) &&
                  has_value(kind, rule.reason(), rule.ended()),
              where, "has a wrong erasure rule");
      require(parts_.insert("erasure").second, where, "has two erasure kinds");
    }
    if (kind.has_consent()) {
      const policy::ConsentRule& rule = kind.consent();
      require(refers(kind, rule.record()) && has_type(kind, rule.until(), policy::DATE) &&
                  has_type(kind, rule.withdrawn(), policy::DATE),
              where, "has a wrong consent rule");
      require(parts_.insert("consent").second, where, "has two consent kinds");
    }
  }

  // Derived measures are sums of others, which may be derived too but never lead back: each round settles those whose
  // terms are settled, and a round that settles none leaves a circle.
  void check_counts() {
    std::vector<const policy::MeasurePolicy*> open;
    for (const policy::MeasurePolicy& measure : table_.measure()) open.push_back(&measure);
    std::set<std::uint32_t> settled;
    while (!open.empty()) {
      std::vector<const policy::MeasurePolicy*> left;
      for (const policy::MeasurePolicy* measure : open) {
        bool ready = true;
        for (const std::uint32_t term : measure->plus()) ready = ready && settled.contains(term);
        for (const std::uint32_t term : measure->minus()) ready = ready && settled.contains(term);
        if (!ready) left.push_back(measure);
      }
      if (left.size() == open.size()) {
        const std::string where = "measure " + std::to_string(left.front()->number());
        return contradiction(where, "derives a measure from itself or from one that is not there");
      }
      for (const policy::MeasurePolicy* measure : open) settled.insert(measure->number());
      for (const policy::MeasurePolicy* measure : left) settled.erase(measure->number());
      open = std::move(left);
    }
  }

  const policy::PolicyTable& table_;
  std::optional<Fault> fault_;
  std::map<std::uint32_t, const KindPolicy*> kinds_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, const FieldPolicy*> fields_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, const FieldPolicy*> groups_;
  std::set<std::uint32_t> measures_, dimensions_, claims_, matches_;
  std::set<std::pair<const FieldPolicy*, std::int64_t>> values_;  // choices; pointers only tell fields apart
  std::set<std::string> parts_;
};

}  // namespace

Outcome<Done> check_table(const policy::PolicyTable& table) { return TableCheck(table).run(); }

}  // namespace songsong
