#include "shared/core/reference.h"

#include <algorithm>
#include <set>

namespace songsong {

ReferenceModel::ReferenceModel(std::span<const Admitted> admitted) {
  std::set<std::pair<ReplicaId, Sequence>> places;
  for (const Admitted& each : admitted) {
    if (!changes_.emplace(each.change.name, each).second) continue;
    const Name name = each.change.name;
    if (!places.emplace(name.replica(), name.sequence()).second) forked_[name.replica()] = true;
  }
  for (const auto& [name, each] : changes_) by_record_[each.change.record].push_back(&each);
}

std::vector<RecordId> ReferenceModel::records() const {
  std::vector<RecordId> ids;
  for (const auto& [id, changes] : by_record_) ids.push_back(id);
  return ids;
}

// Follows the parents. Where nobody copied the phone, its line is one and the sequences tell.
bool ReferenceModel::on_path(Name later, Name earlier) const {
  if (later.replica() != earlier.replica() || !changes_.contains(later) || !changes_.contains(earlier)) return false;
  if (!forked_.contains(later.replica())) return earlier.sequence() <= later.sequence();
  Name at = later;
  while (at.sequence() > earlier.sequence()) at = changes_.at(at).parent;
  return at == earlier;
}

bool ReferenceModel::held(Name name, const std::vector<const Admitted*>& here) const {
  return std::any_of(here.begin(), here.end(), [&](const Admitted* each) { return on_path(each->change.name, name); });
}

bool ReferenceModel::seen(const Admitted& later, Name earlier, const std::vector<const Admitted*>& here) const {
  if (on_path(later.change.name, earlier)) return true;
  return std::any_of(later.change.saw.begin(), later.change.saw.end(),
                     [&](Name name) { return held(name, here) && on_path(name, earlier); });
}

State ReferenceModel::state(RecordId record) const {
  State state{.id = record,
              .kind = 0,
              .opened = false,
              .opened_in = {},
              .applied = {},
              .removal_ahead = {},
              .registers = {},
              .sums = {}};
  const auto found = by_record_.find(record);
  if (found == by_record_.end()) return state;
  const std::vector<const Admitted*>& here = found->second;

  using Key = std::pair<FieldNumber, Value>;
  std::map<Key, std::vector<std::pair<const Admitted*, const Write*>>> writers;
  std::map<FieldNumber, std::vector<std::pair<const Admitted*, const Write*>>> adders;
  std::vector<const Admitted*> removals;
  for (const Admitted* each : here) {
    const auto replaced = [&](const Admitted* later) {
      return later != each && on_path(later->change.name, each->change.name);
    };
    if (std::none_of(here.begin(), here.end(), replaced)) state.applied.push_back(each->change.name);
    if (each->empty) continue;
    if (each->change.opens()) {
      state.opened_in = state.opened ? std::min(state.opened_in, each->change.unit) : each->change.unit;
      state.opened = true;
    }
    for (const Write& write : each->change.writes) {
      if (write.shape == Shape::kIncrement) {
        if (write.value.integer() != nullptr) adders[write.field].emplace_back(each, &write);
        continue;
      }
      writers[{write.field, write.shape == Shape::kRegister ? Value() : write.value}].emplace_back(each, &write);
      const bool removal =
          write.field == kRemovedField && write.shape == Shape::kRegister && write.value == Value(std::int64_t{1});
      if (removal) removals.push_back(each);
    }
  }
  for (const Admitted* each : here) {
    if (each->empty || (state.opened && !each->change.opens())) continue;
    state.kind = state.kind == 0 ? each->change.kind : std::min(state.kind, each->change.kind);
  }

  const auto removal_saw = [&](const Admitted* each) {
    return std::any_of(removals.begin(), removals.end(),
                       [&](const Admitted* removal) { return seen(*removal, each->change.name, here); });
  };
  const auto unheld = [&](const Change& change, std::set<Name>& into) {
    for (const Name name : change.saw) {
      if (!held(name, here)) into.insert(name);
    }
  };
  std::set<Name> removal_ahead;
  for (const Admitted* removal : removals) unheld(removal->change, removal_ahead);
  state.removal_ahead.assign(removal_ahead.begin(), removal_ahead.end());

  for (const auto& [key, all] : writers) {
    Register target{.field = key.first, .member = key.second, .heads = {}, .ahead = {}};
    std::set<Name> ahead;
    for (const auto& [each, write] : all) {
      unheld(each->change, ahead);
      const Name name = each->change.name;
      const bool replaced = std::any_of(all.begin(), all.end(), [&](const auto& other) {
        return other.first->change.name != name && seen(*other.first, name, here);
      });
      if (replaced) continue;
      const bool is_member = write->shape != Shape::kRegister;
      target.heads.push_back(
          Head{.name = name,
               .captured_ms = each->change.captured_ms,
               .personal = write->personal,
               .removal_saw = key.first != kRemovedField && removal_saw(each),
               .value = is_member ? Value(std::int64_t{write->shape == Shape::kAdd}) : write->value});
    }
    target.ahead.assign(ahead.begin(), ahead.end());
    state.registers.push_back(std::move(target));
  }

  for (const auto& [field, all] : adders) {
    Sum sum{.field = field, .total = 0, .last = {}};
    std::uint64_t total = 0;
    for (const auto& [each, write] : all) {
      total += static_cast<std::uint64_t>(*write->value.integer());
      const Name name = each->change.name;
      const bool followed = std::any_of(all.begin(), all.end(), [&](const auto& other) {
        return other.first->change.name != name && on_path(other.first->change.name, name);
      });
      if (!followed) sum.last.push_back(Contribution{.name = name, .removal_saw = removal_saw(each)});
    }
    sum.total = static_cast<std::int64_t>(total);
    state.sums.push_back(std::move(sum));
  }
  return state;
}

}  // namespace songsong
