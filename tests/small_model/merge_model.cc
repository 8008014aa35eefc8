#include "tests/small_model/merge_model.h"

#include <algorithm>
#include <optional>

#include "shared/core/digest.h"
#include "shared/core/merge.h"
#include "shared/core/reference.h"
#include "shared/core/state_codec.h"
#include "tests/small_model/definition.h"
#include "tests/support/history.h"

namespace songsong::small_model {
namespace {

using Mask = unsigned;  // a set of changes, by their place in the history

constexpr Tag kTag = 5;
constexpr std::int64_t kNoon = 1'631'404'800'000;

// Every change a second later than the latest that its author had seen.
std::vector<std::int64_t> causal_seconds(const Skeleton& skeleton) {
  const std::vector<std::size_t> numbers = sequences(skeleton);
  std::vector<std::int64_t> seconds;
  for (std::size_t i = 0; i < skeleton.size(); ++i) {
    std::int64_t latest = 0;
    for (std::size_t j = 0; j < i; ++j) {
      if (skeleton[i].seen[skeleton[j].replica] >= numbers[j]) latest = std::max(latest, seconds[j] + 1);
    }
    seconds.push_back(latest);
  }
  return seconds;
}

std::vector<Admitted> history_of(const Skeleton& skeleton, const Family& family, const Choice& choice,
                                 const std::vector<std::int64_t>& seconds) {
  const std::vector<std::size_t> numbers = sequences(skeleton);
  const auto name_of = [](std::size_t replica, std::size_t number) {
    const auto id = static_cast<ReplicaId>(replica + 1);
    return Name(id, static_cast<Sequence>(number), kTag + id);
  };
  std::vector<Admitted> history;
  for (std::size_t i = 0; i < skeleton.size(); ++i) {
    const std::size_t replica = skeleton[i].replica;
    const Letter& letter = family.letters[choice.symbols[i]];
    Admitted saved;
    Change& change = saved.change;
    change.name = name_of(replica, numbers[i]);
    change.record = i == 0 ? change.name : history.front().change.name;
    change.kind = kKind;
    change.captured_ms = kNoon + seconds[i] * 1000;
    change.unit = "school-" + std::to_string(replica + 1);
    for (std::size_t other = 0; other < kReplicas; ++other) {
      if (other != replica && skeleton[i].seen[other] > 0)
        change.saw.push_back(name_of(other, skeleton[i].seen[other]));
    }
    change.writes = letter.writes;
    saved.empty = letter.refused;
    if (numbers[i] > 1) saved.parent = name_of(replica, numbers[i] - 1);
    history.push_back(std::move(saved));
  }
  return history;
}

// One history, gone through from the empty store along every order of arrival.
class Walk {
 public:
  Walk(const Skeleton& skeleton, const Family& family, const std::vector<Admitted>& history, MergeCounts& counts)
      : skeleton_(skeleton), family_(family), history_(history), counts_(counts) {
    const std::vector<std::size_t> numbers = sequences(skeleton);
    before_.resize(history.size(), 0);
    for (std::size_t i = 0; i < history.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (skeleton[j].replica == skeleton[i].replica) before_[i] |= Mask{1} << j;
      }
    }
    expected_.resize(std::size_t{1} << history.size());
  }

  void run() { arrive(testing::MergedStore(), 0); }

 private:
  struct Expected {
    State state;
    std::string bytes;
    Digest128 digest;
  };

  void arrive(const testing::MergedStore& store, Mask arrived) {
    if (arrived + 1 == Mask{1} << history_.size()) ++counts_.orders;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      const Mask bit = Mask{1} << i;
      if ((arrived & bit) != 0 || (before_[i] & ~arrived) != 0) continue;
      order_.push_back(i);
      testing::MergedStore later = store;
      later.admit(history_[i]);
      compare(later, arrived | bit);
      repeat(later, arrived | bit);
      arrive(later, arrived | bit);
      order_.pop_back();
    }
  }

  void compare(const testing::MergedStore& store, Mask arrived) {
    const Expected& expected = expect(arrived);
    const State& state = state_in(store);
    ++counts_.states;
    if (state != expected.state) fail("the state is not that of the reference model");
    if (encode_state(state) != expected.bytes) fail("the bytes are not those of another order");
    if (record_digest(state) != expected.digest) fail("the digest is not that of another order");
  }

  void repeat(testing::MergedStore& store, Mask arrived) {
    const State& expected = expect(arrived).state;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if ((arrived & (Mask{1} << i)) == 0) continue;
      store.admit(history_[i]);
      ++counts_.repetitions;
      if (state_in(store) != expected) fail("a change that arrived again changed something");
    }
  }

  const Expected& expect(Mask arrived) {
    std::optional<Expected>& known = expected_[arrived];
    if (known) return *known;
    ++counts_.sets;
    std::vector<Admitted> held;
    Held parts;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if ((arrived & (Mask{1} << i)) == 0) continue;
      held.push_back(history_[i]);
      parts.skeleton.push_back(skeleton_[i]);
      parts.changes.push_back(&history_[i]);
    }
    State state = ReferenceModel(held).state(history_.front().change.record);
    if (const std::string flaw = differs_from_definition(state, parts); !flaw.empty()) fail(flaw);
    if (const std::string flaw = shown_differs(state, parts); !flaw.empty()) fail(flaw);
    std::string bytes = encode_state(state);
    const Outcome<State> read = decode_state(bytes);
    if (!read || *read != state) fail("the bytes cannot be read back");
    const Digest128 digest = record_digest(state);
    return known.emplace(Expected{.state = std::move(state), .bytes = std::move(bytes), .digest = digest});
  }

  const State& state_in(const testing::MergedStore& store) const {
    return store.states().at(history_.front().change.record);
  }

  [[noreturn]] void fail(const std::string& what) const {
    std::string told = family_.name + ": " + what + "\n";
    for (const Admitted& each : history_) {
      told += "  " + to_text(each.change.name);
      told += each.empty ? " refused" : "";
      for (const Write& write : each.change.writes) {
        told += " field " + std::to_string(write.field) + " shape " + std::to_string(static_cast<int>(write.shape));
        if (const std::int64_t* const number = write.value.integer()) told += " value " + std::to_string(*number);
        if (const std::string* const text = write.value.text()) told += " member " + *text;
      }
      told += " at " + std::to_string((each.change.captured_ms - kNoon) / 1000) + " s, saw";
      for (const Name name : each.change.saw) told += " " + to_text(name);
      told += "\n";
    }
    told += "  arrived:";
    for (const std::size_t i : order_) told += " " + to_text(history_[i].change.name);
    throw Violation(told);
  }

  const Skeleton& skeleton_;
  const Family& family_;
  const std::vector<Admitted>& history_;
  MergeCounts& counts_;
  std::vector<Mask> before_;  // of each change, those before it on its line
  std::vector<std::optional<Expected>> expected_;
  Order order_;  // as arrived so far
};

Write set(FieldNumber field, std::int64_t value) { return Write{field, Shape::kRegister, false, Value(value)}; }
Write clear(FieldNumber field) { return Write{field, Shape::kRegister, false, Value()}; }
Write removal(bool flag) { return set(kRemovedField, flag); }
Write add(FieldNumber field) { return Write{field, Shape::kAdd, false, Value(Text{"a"})}; }
Write drop(FieldNumber field) { return Write{field, Shape::kRemove, false, Value(Text{"a"})}; }
Write increase(FieldNumber field, std::int64_t by) { return Write{field, Shape::kIncrement, false, Value(by)}; }

// Every change writes one field, the other, or both. The fields ascend, as a change's writes do. Two fields of one sort
// may change places.
Family two_fields(std::string name, const std::vector<Write>& one, const std::vector<Write>& other, bool alike) {
  Family family{.name = std::move(name), .letters = {}, .swapped = {}};
  const std::size_t ones = one.size(), others = other.size();
  for (std::size_t i = 0; i <= ones; ++i) {
    for (std::size_t j = 0; j <= others; ++j) {
      if (i + j == 0) continue;
      Letter letter;
      if (i > 0) letter.writes.push_back(one[i - 1]);
      if (j > 0) letter.writes.push_back(other[j - 1]);
      family.letters.push_back(std::move(letter));
      if (alike) family.swapped.push_back(j * (others + 1) + i - 1);
    }
  }
  return family;
}

}  // namespace

std::vector<Family> families() {
  const std::vector<Write> one_value{set(kOne, 1), set(kOne, 2)}, other_value{set(kOther, 1), set(kOther, 2)};
  const std::vector<Write> members{add(kMembers), drop(kMembers)}, removals{removal(true), removal(false)};
  const std::vector<Write> sums{increase(kSum, 1), increase(kSum, 2)};
  std::vector<Family> all{
      two_fields("register and register", one_value, other_value, true),
      two_fields("register and register, cleared", {set(kOne, 1), clear(kOne)}, {set(kOther, 1)}, false),
      two_fields("register and union", one_value, members, false),
      two_fields("register and sum", one_value, sums, false),
      two_fields("union and sum", members, sums, false),
      two_fields("removal and register", removals, {set(kOne, 1), set(kOne, 2)}, false),
      two_fields("removal and union", removals, members, false),
      two_fields("removal and sum", removals, sums, false)};
  Family clocks{.name = "a register and now and then another, any clocks", .letters = {}, .swapped = {}};
  clocks.letters = {Letter{{set(kOne, 1)}}, Letter{{set(kOne, 2)}}, Letter{{set(kOne, 1), set(kOther, 1)}}};
  clocks.any_clocks = true;
  all.push_back(clocks);
  Family values_and_clocks = two_fields("two registers of two values, any clocks", one_value, other_value, true);
  values_and_clocks.any_clocks = true;
  values_and_clocks.most_changes = 3;
  all.push_back(values_and_clocks);
  Family refused = two_fields("register and register, some refused", {set(kOne, 1)}, {set(kOther, 1)}, true);
  for (std::size_t i = 0, kept = refused.letters.size(); i < kept; ++i) {
    Letter letter = refused.letters[i];
    letter.refused = true;
    refused.letters.push_back(letter);
    refused.swapped.push_back(refused.swapped[i] + kept);
  }
  all.push_back(refused);
  return all;
}

Choices choices_of(const Family& family, std::size_t changes) {
  return Choices{.symbols = family.letters.size(),
                 .swapped = family.swapped,
                 .readings = family.any_clocks ? clock_readings(changes) : std::vector<Symbols>{Symbols(changes, 0)}};
}

MergeCounts& MergeCounts::operator+=(const MergeCounts& other) {
  histories += other.histories;
  classes += other.classes;
  orders += other.orders;
  states += other.states;
  repetitions += other.repetitions;
  sets += other.sets;
  return *this;
}

MergeCounts check_merge(const Family& family, std::size_t changes) {
  MergeCounts counts;
  const Choices choices = choices_of(family, changes);
  for (const SkeletonClass& skeleton : skeleton_classes(changes)) {
    const std::vector<std::int64_t> causal = causal_seconds(skeleton.example);
    for_each_choice(skeleton, choices, [&](const Choice& choice, std::uint64_t size) {
      counts.histories += skeleton.size * size;
      ++counts.classes;
      const Symbols& reading = choices.readings[choice.reading];
      const auto seconds = family.any_clocks ? std::vector<std::int64_t>(reading.begin(), reading.end()) : causal;
      const std::vector<Admitted> history = history_of(skeleton.example, family, choice, seconds);
      Walk(skeleton.example, family, history, counts).run();
    });
  }
  return counts;
}

}  // namespace songsong::small_model
