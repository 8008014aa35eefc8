#include "tests/small_model/definition.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "shared/core/merge.h"
#include "shared/core/shown.h"

namespace songsong::small_model {
namespace {

constexpr std::array kPolicies{schema::LATEST, schema::QUIET_LATEST, schema::FIRST, schema::FURTHEST};

class Definition {
 public:
  explicit Definition(const Held& held) : held_(held), numbers_(sequences(held.skeleton)) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) ++lengths_[held.skeleton[i].replica];
    for (std::size_t i = 0; i < held.changes.size(); ++i) {
      if (held.changes[i]->empty) continue;
      for (const Write& write : held.changes[i]->change.writes) writes_[write.field].emplace_back(i, &write);
    }
    for (const auto& [field, all] : writes_) heads_[field] = heads_of(all);
  }

  bool seen(std::size_t later, std::size_t earlier) const {
    const std::size_t line = held_.skeleton[earlier].replica, seen = held_.skeleton[later].seen[line];
    return seen >= numbers_[earlier] && seen <= lengths_[line];
  }

  // Changes that write a field (of a union, the one member), each with what it wrote. Heads: those whose write stands.
  using Writes = std::vector<std::pair<std::size_t, const Write*>>;

  const Writes& writes(FieldNumber field) const { return find(writes_, field); }
  const Writes& heads(FieldNumber field) const { return find(heads_, field); }

  // A removal has seen what it writes itself.
  bool seen_by_removal(std::size_t change) const {
    const Writes& removals = writes(kRemovedField);
    return std::any_of(removals.begin(), removals.end(), [&](const auto& each) {
      return is_true(*each.second) && (each.first == change || seen(each.first, change));
    });
  }

  bool removed() const {
    const Writes& flags = heads(kRemovedField);
    if (flags.empty() ||
        !std::all_of(flags.begin(), flags.end(), [](const auto& each) { return is_true(*each.second); }))
      return false;
    for (const FieldNumber field : {kOne, kOther, kMembers}) {
      for (const auto& [change, write] : heads(field)) {
        if (!seen_by_removal(change)) return false;
      }
    }
    const Writes& increments = writes(kSum);  // the last of each line speaks for those before it
    return std::all_of(increments.begin(), increments.end(), [&](const auto& each) {
      return seen_by_removal(each.first) || std::any_of(increments.begin(), increments.end(), [&](const auto& other) {
               return held_.skeleton[other.first].replica == held_.skeleton[each.first].replica &&
                      numbers_[other.first] > numbers_[each.first];
             });
    });
  }

  bool contested() const {
    const Writes& flags = heads(kRemovedField);
    return !removed() &&
           std::any_of(flags.begin(), flags.end(), [](const auto& each) { return is_true(*each.second); });
  }

  const Change& change(std::size_t at) const { return held_.changes[at]->change; }

 private:
  static bool is_true(const Write& write) { return write.value == Value(std::int64_t{1}); }

  Writes heads_of(const Writes& all) const {
    Writes left;
    for (const auto& write : all) {
      const bool replaced = std::any_of(all.begin(), all.end(), [&](const auto& other) {
        return other.first != write.first && seen(other.first, write.first);
      });
      if (!replaced) left.push_back(write);
    }
    return left;
  }

  static const Writes& find(const std::map<FieldNumber, Writes>& of, FieldNumber field) {
    static const Writes none;
    const auto found = of.find(field);
    return found != of.end() ? found->second : none;
  }

  const Held& held_;
  std::vector<std::size_t> numbers_;
  std::array<std::size_t, kReplicas> lengths_{};
  std::map<FieldNumber, Writes> writes_, heads_;
};

std::string names_of(std::vector<Name> names) {
  std::sort(names.begin(), names.end());
  std::string text;
  for (const Name name : names) text += " " + to_text(name);
  return text;
}

std::string field_differs(const State& state, const Definition& definition, FieldNumber field) {
  std::vector<Name> expected, held;
  for (const auto& [change, write] : definition.heads(field)) expected.push_back(definition.change(change).name);
  if (const Register* const found = find_register(state, field)) {
    for (const Head& head : found->heads) held.push_back(head.name);
  }
  if (names_of(held) == names_of(expected)) return {};
  return "by the definition the heads of field " + std::to_string(field) + " are" + names_of(expected) + ", not" +
         names_of(held);
}

std::string sum_differs(const State& state, const Definition& definition) {
  std::int64_t expected = 0, total = 0;
  for (const auto& [change, write] : definition.writes(kSum)) expected += *write->value.integer();
  for (const Sum& sum : state.sums) total += sum.total;
  if (total == expected) return {};
  return "by the definition the sum is " + std::to_string(expected) + ", not " + std::to_string(total);
}

KindPolicy kind_with(schema::MergePolicy one, schema::MergePolicy other) {
  KindPolicy kind;
  kind.set_number(kKind);
  const auto field = [&](FieldNumber number, schema::MergePolicy merge) {
    policy::FieldPolicy& added = *kind.add_field();
    added.set_number(number);
    added.set_type(policy::INTEGER);
    added.set_merge(merge);
    if (merge != schema::FURTHEST) return;
    added.add_order(1);
    added.add_order(2);
  };
  field(kOne, one);
  field(kOther, other);
  field(kMembers, schema::UNION);
  field(kSum, schema::SUM);
  return kind;
}

// Every pair of policies of the two registers.
const std::vector<KindPolicy>& kinds() {
  static const std::vector<KindPolicy> all = [] {
    std::vector<KindPolicy> kinds;
    for (const schema::MergePolicy one : kPolicies) {
      for (const schema::MergePolicy other : kPolicies) kinds.push_back(kind_with(one, other));
    }
    return kinds;
  }();
  return all;
}

// The head that the policy shows: the one that no other beats.
const Write* shown_write(const Definition& definition, const Definition::Writes& heads, schema::MergePolicy merge) {
  const auto beats = [&](const auto& one, const auto& other) {
    const auto age = [&](const auto& head) {
      return std::make_pair(definition.change(head.first).captured_ms, definition.change(head.first).name);
    };
    const auto distance = [](const auto& head) {
      const std::int64_t* const value = head.second->value.integer();
      return value != nullptr ? *value : 0;
    };
    if (merge == schema::FIRST) return age(one) < age(other);
    if (merge == schema::FURTHEST && distance(one) != distance(other)) return distance(one) > distance(other);
    return age(one) > age(other);
  };
  for (const auto& head : heads) {
    const bool wins = std::all_of(heads.begin(), heads.end(),
                                  [&](const auto& other) { return other.first == head.first || beats(head, other); });
    if (wins) return head.second;
  }
  return nullptr;
}

bool values_differ(const Definition::Writes& heads) {
  return std::any_of(heads.begin(), heads.end(),
                     [&](const auto& head) { return head.second->value != heads.front().second->value; });
}

std::string register_shown_differs(const Shown& shown, const Definition& definition, const FieldPolicy& field) {
  const Definition::Writes& heads = definition.heads(field.number());
  const auto where = [&] {
    return " of field " + std::to_string(field.number()) + " under policy " +
           std::to_string(static_cast<int>(field.merge()));
  };
  const Write* const expected = shown_write(definition, heads, field.merge());
  const Value* const value = shown.find(field.number());
  const Value nothing;
  if ((value != nullptr ? *value : nothing) != (expected != nullptr ? expected->value : nothing))
    return "another value is shown" + where();
  const auto conflict = std::find_if(shown.conflicts.begin(), shown.conflicts.end(),
                                     [&](const ShownConflict& each) { return each.field == field.number(); });
  const bool expects_conflict = field.merge() != schema::FURTHEST && values_differ(heads);
  if ((conflict != shown.conflicts.end()) != expects_conflict) return "the conflict is wrong" + where();
  const bool raises = field.merge() == schema::LATEST || field.merge() == schema::FIRST;
  if (expects_conflict && conflict->raises_case != raises) return "the case is wrong" + where();
  return {};
}

std::string rest_shown_differs(const Shown& shown, const Definition& definition) {
  const Definition::Writes& members = definition.heads(kMembers);
  const bool present =
      std::any_of(members.begin(), members.end(), [](const auto& each) { return each.second->shape == Shape::kAdd; });
  if ((shown.find(kMembers) != nullptr) != present) return "a member is shown that is not there, or is not shown";
  if (shown.live == definition.removed()) return "the record is shown though removed, or not though it is there";
  const bool contested = std::any_of(shown.conflicts.begin(), shown.conflicts.end(),
                                     [](const ShownConflict& each) { return each.field == kRemovedField; });
  if (contested != definition.contested()) return "whether the removal is contested is wrong";
  return {};
}

}  // namespace

std::string differs_from_definition(const State& state, const Held& held) {
  const Definition definition(held);
  for (const FieldNumber field : {kOne, kOther, kMembers, kRemovedField}) {
    if (std::string flaw = field_differs(state, definition, field); !flaw.empty()) return flaw;
  }
  if (std::string flaw = sum_differs(state, definition); !flaw.empty()) return flaw;
  if (removed(state) != definition.removed()) return "by the definition the record is removed, or is not";
  if (removal_contested(state) != definition.contested())
    return "by the definition the removal is contested, or is not";
  return {};
}

std::string shown_differs(const State& state, const Held& held) {
  if (!state.opened) return {};  // not shown, and counts nowhere
  const Definition definition(held);
  for (const KindPolicy& kind : kinds()) {
    const Shown shown = show(state, &kind);
    for (const FieldNumber field : {kOne, kOther}) {
      std::string flaw = register_shown_differs(shown, definition, *Policies::field(kind, field));
      if (!flaw.empty()) return flaw;
    }
    if (std::string flaw = rest_shown_differs(shown, definition); !flaw.empty()) return flaw;
  }
  return {};
}

}  // namespace songsong::small_model
