#include "shared/core/merge.h"

#include <algorithm>
#include <tuple>

namespace songsong {
namespace {

// What the author of a change had seen, as far as this store has applied it to the record.
class Seen {
 public:
  Seen(const Change& change, const VersionVector& applied, const Lineage& lineage)
      : change_(change), lineage_(lineage) {
    for (const Name name : change.saw) (lineage.covered(applied, name) ? known_ : unknown_).push_back(name);
  }

  bool covers(Name name) const { return lineage_.covers(change_.name, name) || lineage_.covered(known_, name); }
  const VersionVector& unknown() const { return unknown_; }

 private:
  const Change& change_;
  const Lineage& lineage_;
  VersionVector known_;
  VersionVector unknown_;
};

void insert_name(VersionVector& names, Name name) {
  const auto place = std::lower_bound(names.begin(), names.end(), name);
  if (place == names.end() || *place != name) names.insert(place, name);
}

void insert_names(VersionVector& names, const VersionVector& more) {
  for (const Name name : more) insert_name(names, name);
}

// One entry a branch: the newest, which stands for all before it.
void advance(VersionVector& applied, Name name, const Lineage& lineage) {
  std::erase_if(applied, [&](Name last) { return lineage.covers(name, last); });
  insert_name(applied, name);
}

Register& register_at(State& state, FieldNumber field, const Value& member) {
  const auto place =
      std::lower_bound(state.registers.begin(), state.registers.end(), std::tie(field, member),
                       [](const Register& one, const auto& key) { return std::tie(one.field, one.member) < key; });
  if (place != state.registers.end() && place->field == field && place->member == member) return *place;
  return *state.registers.insert(place, Register{.field = field, .member = member, .heads = {}, .ahead = {}});
}

Sum& sum_at(State& state, FieldNumber field) {
  const auto place = std::lower_bound(state.sums.begin(), state.sums.end(), field,
                                      [](const Sum& one, FieldNumber number) { return one.field < number; });
  if (place != state.sums.end() && place->field == field) return *place;
  return *state.sums.insert(place, Sum{.field = field, .total = 0, .last = {}});
}

void write_register(State& state, const Change& change, const Write& write, const Seen& seen) {
  const bool is_member = write.shape != Shape::kRegister;
  Register& target = register_at(state, write.field, is_member ? write.value : Value());
  std::erase_if(target.heads, [&](const Head& head) { return seen.covers(head.name); });
  Head head{.name = change.name,
            .captured_ms = change.captured_ms,
            .personal = write.personal,
            .removal_saw = false,
            .value = is_member ? Value(std::int64_t{write.shape == Shape::kAdd}) : write.value};
  const auto place = std::lower_bound(target.heads.begin(), target.heads.end(), change.name,
                                      [](const Head& one, Name name) { return one.name < name; });
  target.heads.insert(place, std::move(head));
  insert_names(target.ahead, seen.unknown());
}

void write_sum(State& state, const Change& change, const Write& write, const Lineage& lineage) {
  const std::int64_t* const increment = write.value.integer();
  if (increment == nullptr) return;
  Sum& sum = sum_at(state, write.field);
  sum.total = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum.total) + static_cast<std::uint64_t>(*increment));
  std::erase_if(sum.last, [&](const Contribution& last) { return lineage.covers(change.name, last.name); });
  const auto place = std::lower_bound(sum.last.begin(), sum.last.end(), change.name,
                                      [](const Contribution& one, Name name) { return one.name < name; });
  sum.last.insert(place, Contribution{.name = change.name, .removal_saw = false});
}

bool is_removal(const Write& write) {
  return write.field == kRemovedField && write.shape == Shape::kRegister && write.value == Value(std::int64_t{1});
}

template <class Covers>
void mark_seen_by_removal(State& state, const Covers& covers) {
  for (Register& each : state.registers) {
    if (each.field == kRemovedField) continue;
    for (Head& head : each.heads) head.removal_saw = head.removal_saw || covers(head.name);
  }
  for (Sum& sum : state.sums) {
    for (Contribution& last : sum.last) last.removal_saw = last.removal_saw || covers(last.name);
  }
}

// Names that authors had seen before they arrived here, and that have now arrived.
void settle_ahead(State& state, const Lineage& lineage) {
  const auto take_arrived = [&](VersionVector& ahead) {
    VersionVector arrived;
    std::erase_if(ahead, [&](Name name) {
      const bool here = lineage.covered(state.applied, name);
      if (here) arrived.push_back(name);
      return here;
    });
    return arrived;
  };
  for (Register& each : state.registers) {
    if (each.ahead.empty()) continue;
    const VersionVector arrived = take_arrived(each.ahead);
    std::erase_if(each.heads, [&](const Head& head) { return lineage.covered(arrived, head.name); });
  }
  if (state.removal_ahead.empty()) return;
  const VersionVector arrived = take_arrived(state.removal_ahead);
  mark_seen_by_removal(state, [&](Name name) { return lineage.covered(arrived, name); });
}

void apply(State& state, const Change& change, const Lineage& lineage, bool empty) {
  if (lineage.covered(state.applied, change.name)) return;
  advance(state.applied, change.name, lineage);
  if (!empty) {
    // Only one change opens a record; of several (a release made twice) the least says kind and unit.
    const bool opens_first = change.opens() && !state.opened;
    if (opens_first || (state.kind == 0 && !state.opened)) state.kind = change.kind;
    if (change.opens() == state.opened) state.kind = std::min(state.kind, change.kind);
    if (opens_first || (change.opens() && change.unit < state.opened_in)) state.opened_in = change.unit;
    state.opened = state.opened || change.opens();
    const Seen seen(change, state.applied, lineage);
    if (state.registers.empty()) state.registers.reserve(change.writes.size());
    for (const Write& write : change.writes) {
      if (write.shape == Shape::kIncrement) {
        write_sum(state, change, write, lineage);
      } else {
        write_register(state, change, write, seen);
      }
    }
    if (std::any_of(change.writes.begin(), change.writes.end(), is_removal)) {
      mark_seen_by_removal(state, [&](Name name) { return seen.covers(name); });
      insert_names(state.removal_ahead, seen.unknown());
    }
  }
  settle_ahead(state, lineage);
}

bool removal_saw_every_edit(const State& state) {
  const auto seen = [](const auto& edit) { return edit.removal_saw; };
  const auto register_seen = [&](const Register& each) {
    return each.field == kRemovedField || std::all_of(each.heads.begin(), each.heads.end(), seen);
  };
  const auto sum_seen = [&](const Sum& sum) { return std::all_of(sum.last.begin(), sum.last.end(), seen); };
  return std::all_of(state.registers.begin(), state.registers.end(), register_seen) &&
         std::all_of(state.sums.begin(), state.sums.end(), sum_seen);
}

}  // namespace

void merge(State& state, const Change& change, const Lineage& lineage) { apply(state, change, lineage, false); }

void merge_empty(State& state, const Change& change, const Lineage& lineage) { apply(state, change, lineage, true); }

bool removed(const State& state) {
  const Register* const flag = find_register(state, kRemovedField);
  if (flag == nullptr || flag->heads.empty()) return false;
  const bool all_true = std::all_of(flag->heads.begin(), flag->heads.end(),
                                    [](const Head& head) { return head.value == Value(std::int64_t{1}); });
  return all_true && removal_saw_every_edit(state);
}

bool removal_contested(const State& state) {
  const Register* const flag = find_register(state, kRemovedField);
  if (flag == nullptr) return false;
  const bool some_true = std::any_of(flag->heads.begin(), flag->heads.end(),
                                     [](const Head& head) { return head.value == Value(std::int64_t{1}); });
  return some_true && !removed(state);
}

const Register* find_register(const State& state, FieldNumber field) {
  const auto place = std::lower_bound(state.registers.begin(), state.registers.end(), field,
                                      [](const Register& one, FieldNumber number) { return one.field < number; });
  return place != state.registers.end() && place->field == field ? &*place : nullptr;
}

}  // namespace songsong
