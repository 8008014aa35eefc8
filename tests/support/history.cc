#include "tests/support/history.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/core/merge.h"

namespace songsong::testing {
namespace {

constexpr FieldNumber kUnionField = 8;
constexpr FieldNumber kSumField = 9;
constexpr FieldNumber kGroupRegister = 1000;

// One life of a phone: what it knows and where its own line ends.
struct Life {
  ReplicaId replica = 0;
  Tag tag = 0;
  Name tip;
  std::vector<std::size_t> known;  // indices into the history, closed under parents
};

class Generator {
 public:
  Generator(std::uint64_t seed, const HistoryShape& shape) : random_(seed), shape_(shape) {
    for (ReplicaId replica = 1; replica <= shape.replicas; ++replica)
      lives_.push_back(Life{replica, new_tag(), Name(), {}});
  }

  std::vector<Admitted> run() {
    while (history_.size() < shape_.changes) step();
    return std::move(history_);
  }

 private:
  Tag new_tag() { return static_cast<Tag>(random_.below(kMaxTag)) + 1; }

  void step() {
    Life& life = lives_[random_.below(lives_.size())];
    if (random_.chance(shape_.copies_percent, 100) && life.tip.valid()) {
      Life copy = life;  // both lives go on; the copy opens its store anew
      copy.tag = new_tag();
      lives_.push_back(copy);
      return;
    }
    if (random_.chance(40, 100)) learn(life);
    if (random_.chance(shape_.reopen_percent, 100)) life.tag = new_tag();
    save(life);
  }

  // Pulls some changes, each with everything before it on its line.
  void learn(Life& life) {
    if (history_.empty()) return;
    std::set<std::size_t> known(life.known.begin(), life.known.end());
    for (int i = 0; i < 3; ++i) {
      std::size_t at = random_.below(history_.size());
      while (known.insert(at).second && history_[at].parent.valid()) at = index_.at(history_[at].parent);
    }
    life.known.assign(known.begin(), known.end());
  }

  VersionVector applied_to(RecordId record, const Life& life) const {
    VersionVector applied;
    Lineage lineage;
    describe_all(lineage);
    for (const std::size_t at : life.known) {
      const Change& change = history_[at].change;
      if (change.record != record || lineage.covered(applied, change.name)) continue;
      std::erase_if(applied, [&](Name last) { return lineage.covers(change.name, last); });
      applied.push_back(change.name);
    }
    std::sort(applied.begin(), applied.end());
    return applied;
  }

  void describe_all(Lineage& lineage) const {
    for (ReplicaId replica = 1; replica <= shape_.replicas; ++replica) lineage.describe(replica, 0, {});
    for (const Admitted& each : history_) lineage.extend(each.change.name, each.parent.tag());
  }

  void save(Life& life) {
    const Name name(life.replica, life.tip.sequence() + 1, life.tag);
    Admitted saved{.change = {}, .parent = life.tip, .empty = random_.chance(shape_.empty_percent, 100)};
    Change& change = saved.change;
    change.name = name;
    change.record = pick_record(life, name);
    change.kind = 1;
    const auto years = shape_.wild_clocks ? static_cast<std::int64_t>(random_.below(60)) - 30 : 0;
    change.captured_ms = years * 31'557'600'000 + static_cast<std::int64_t>(random_.below(5)) * 1000;
    change.unit = "school-" + std::to_string(life.replica);
    if (!change.opens()) change.saw = seen_by(life, change.record);
    write_something(change);
    life.tip = name;
    index_[name] = history_.size();
    life.known.push_back(history_.size());
    history_.push_back(std::move(saved));
  }

  std::vector<Name> seen_by(const Life& life, RecordId record) {
    Lineage lineage;
    describe_all(lineage);
    std::vector<Name> saw;
    for (const Name seen : applied_to(record, life)) {
      if (!lineage.covers(life.tip, seen)) saw.push_back(seen);  // its own line goes without saying
    }
    if (random_.chance(shape_.unknown_saw_percent, 100)) saw.push_back(Name(shape_.replicas + 1, 7, 7));
    std::sort(saw.begin(), saw.end());
    return saw;
  }

  RecordId pick_record(const Life& life, Name fresh) {
    std::vector<RecordId> opened;
    for (const std::size_t at : life.known) {
      if (history_[at].change.opens()) opened.push_back(history_[at].change.record);
    }
    const bool may_open = opened_ < shape_.records;
    if (opened.empty() || (may_open && random_.chance(30, 100))) return ++opened_, fresh;
    return opened[random_.below(opened.size())];
  }

  Value some_value() {
    if (random_.chance(30, 100)) return Value(Text{"cùng"});  // equal values written by several people
    return Value(static_cast<std::int64_t>(random_.below(1000)));
  }

  void write_something(Change& change) {
    if (random_.chance(shape_.removals_percent, 100) && !change.opens()) {
      change.writes.push_back(
          Write{kRemovedField, Shape::kRegister, false, Value(static_cast<std::int64_t>(random_.below(3) != 0))});
    }
    for (FieldNumber field = 1; field <= shape_.fields; ++field) {
      if (random_.chance(50, 100)) change.writes.push_back(Write{field, Shape::kRegister, field == 1, some_value()});
    }
    for (const char* member : {"photo-a", "photo-b"}) {
      if (!random_.chance(20, 100)) continue;
      change.writes.push_back(
          Write{kUnionField, random_.chance(60, 100) ? Shape::kAdd : Shape::kRemove, false, Value(Text{member})});
    }
    if (random_.chance(20, 100)) {
      change.writes.push_back(
          Write{kSumField, Shape::kIncrement, false, Value(static_cast<std::int64_t>(random_.below(9)) - 4)});
    }
    if (random_.chance(15, 100)) {
      change.writes.push_back(
          Write{kGroupRegister, Shape::kRegister, false, Value(Group{{4, some_value()}, {5, some_value()}})});
    }
  }

  Random random_;
  HistoryShape shape_;
  std::vector<Life> lives_;
  std::vector<Admitted> history_;
  std::map<Name, std::size_t> index_;
  std::uint32_t opened_ = 0;
};

}  // namespace

std::vector<Admitted> make_history(std::uint64_t seed, const HistoryShape& shape) {
  return Generator(seed, shape).run();
}

std::vector<Admitted> shuffled(const std::vector<Admitted>& history, Random& random) {
  std::vector<Admitted> waiting = history;
  std::vector<Admitted> order;
  std::set<Name> arrived;
  while (!waiting.empty()) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (!waiting[i].parent.valid() || arrived.contains(waiting[i].parent)) ready.push_back(i);
    }
    const std::size_t next = ready[random.below(ready.size())];
    arrived.insert(waiting[next].change.name);
    order.push_back(std::move(waiting[next]));
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(next));
  }
  return order;
}

void MergedStore::admit(const Admitted& admitted) {
  const Change& change = admitted.change;
  if (!lineage_.described(change.name.replica())) lineage_.describe(change.name.replica(), 0, {});
  lineage_.extend(change.name, admitted.parent.tag());
  State& state = states_[change.record];
  state.id = change.record;
  admitted.empty ? merge_empty(state, change, lineage_) : merge(state, change, lineage_);
}

}  // namespace songsong::testing
