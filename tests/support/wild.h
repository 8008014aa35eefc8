// Wild content: changes and states with everything that change.h and state.h allow and no teacher would write, for
// tests of what must keep any of it. From the same seed always the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/state.h"
#include "tests/support/random.h"

namespace songsong::wild {

inline std::string bytes(Random& random, std::size_t most) {
  std::string made(static_cast<std::size_t>(random.below(most + 1)), '\0');
  for (char& c : made) c = static_cast<char>(random.below(256));
  return made;
}

inline std::string text(Random& random) {
  static const std::vector<std::string> kParts = {"Lan",
                                                  "Nhà cách trường ",
                                                  " ",
                                                  "  ",
                                                  "-",
                                                  "0",
                                                  "00123",
                                                  "7",
                                                  "S",
                                                  "đ",
                                                  "999999999999999999",
                                                  "12345678901234567890123",
                                                  "a1b2",
                                                  "\n"};
  std::string made;
  if (random.chance(1, 20)) return bytes(random, 40);
  if (random.chance(1, 300)) return std::string(static_cast<std::size_t>(random.below(9000)), 'x');
  for (std::uint64_t left = random.below(6); left > 0; --left) made += random.pick(kParts);
  return made;
}

inline std::int64_t integer(Random& random) {
  switch (random.below(6)) {
    case 0:
      return random.between(-3, 3);
    case 1:
      return random.between(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    case 2:
      return random.chance(1, 2) ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    case 3:
      return random.between(-9000000, 9000000) * 1000;
    case 4:
      return 1790000000000 + random.between(0, 4000000000);
    default:
      return random.between(0, 20000);
  }
}

inline Name name(Random& random) {
  static const std::vector<ReplicaId> kReplicas = {1, 2, 4711, kMaxReplica};
  const ReplicaId replica =
      random.chance(1, 10) ? static_cast<ReplicaId>(random.between(1, kMaxReplica)) : random.pick(kReplicas);
  const auto sequence = static_cast<Sequence>(random.between(1, random.chance(1, 2) ? 300 : kMaxSequence));
  return Name(replica, sequence, static_cast<Tag>(random.chance(1, 2) ? 77 : random.below(kMaxTag + 1)));
}

inline std::vector<Name> names(Random& random, std::uint64_t most) {
  std::vector<Name> made;
  for (std::uint64_t left = random.chance(1, 2) ? 0 : random.below(most + 1); left > 0; --left) {
    made.push_back(name(random));
  }
  std::sort(made.begin(), made.end());
  made.erase(std::unique(made.begin(), made.end()), made.end());
  return made;
}

inline Value value(Random& random, bool in_group = false) {
  switch (random.below(in_group ? 6 : 7)) {
    case 0:
      return Value();
    case 1:
      return Value(integer(random));
    case 2:
      return Value(Text{text(random)});
    case 3:
      return Value(Bytes{bytes(random, 70)});
    case 4:
      return Value(name(random));
    case 5:
      return Value(Erased{});
    default:
      break;
  }
  Group group;
  FieldNumber field = 0;
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    field += static_cast<FieldNumber>(1 + random.below(3));
    group.emplace_back(field, value(random, true));
  }
  return Value(std::move(group));
}

// Fields as numbered as any: mostly few and near, now and then far.
inline FieldNumber next_field(Random& random, FieldNumber field) {
  return random.chance(1, 40) ? field + static_cast<FieldNumber>(random.below(1u << 30))
                              : field + 1 + static_cast<FieldNumber>(random.below(3));
}

inline std::vector<Write> writes(Random& random) {
  std::vector<Write> made;
  FieldNumber field = random.chance(1, 4) ? 0 : 1;
  for (std::uint64_t left = random.below(9); left > 0; --left, field = next_field(random, field)) {
    const auto shape = random.chance(2, 3) ? Shape::kRegister : static_cast<Shape>(random.below(4));
    const bool personal = shape == Shape::kRegister && random.chance(1, 3);
    if (shape == Shape::kRegister) {
      made.push_back({field, shape, personal, value(random)});
    } else if (shape == Shape::kIncrement) {
      made.push_back({field, shape, personal, Value(integer(random))});
    } else {
      std::vector<Value> members;
      for (std::uint64_t count = 1 + random.below(4); count > 0; --count) members.push_back(value(random));
      std::sort(members.begin(), members.end());
      members.erase(std::unique(members.begin(), members.end()), members.end());
      for (Value& member : members) {
        made.push_back({field, random.chance(1, 3) ? Shape::kRemove : Shape::kAdd, personal, std::move(member)});
      }
    }
  }
  return made;
}

inline KindNumber kind(Random& random) {
  return random.chance(1, 20) ? static_cast<KindNumber>(random.next()) | 1u
                              : static_cast<KindNumber>(random.below(4) + 1);
}

// Consecutive changes of one replica.
inline std::vector<Change> changes(Random& random, std::size_t count) {
  std::vector<Change> made;
  const auto replica = static_cast<ReplicaId>(random.between(1, kMaxReplica));
  auto sequence = static_cast<Sequence>(random.between(1, 1 + kMaxSequence - static_cast<std::int64_t>(count)));
  Tag tag = static_cast<Tag>(random.below(kMaxTag + 1));
  std::int64_t clock = integer(random);
  while (made.size() < count) {
    if (random.chance(1, 10)) tag = static_cast<Tag>(random.below(kMaxTag + 1));
    Change change;
    change.name = Name(replica, sequence++, tag);
    change.record = random.chance(1, 2) || made.empty() ? change.name
                    : random.chance(1, 2)               ? random.pick(made).record
                                                        : name(random);
    change.kind = kind(random);
    change.saw = names(random, random.chance(1, 30) ? 200 : 3);
    clock = random.chance(1, 15) ? integer(random) : clock / 2 + random.between(-5, 90000);
    change.captured_ms = clock;
    change.correction_ms = random.chance(1, 2) ? -734 : integer(random);
    change.uncertainty_ms = random.chance(1, 2) ? kNeverSynchronised : static_cast<std::uint32_t>(random.next());
    if (random.chance(1, 2)) change.actor = text(random).substr(0, kMaxActorBytes);
    if (random.chance(1, 2)) change.unit = text(random).substr(0, kMaxUnitCodeBytes);
    change.revision = static_cast<std::uint32_t>(random.chance(1, 9) ? random.next() : 3);
    if (random.chance(1, 9)) change.origin = name(random);
    change.writes = writes(random);
    made.push_back(std::move(change));
  }
  return made;
}

// `times`: of the changes so far.
inline std::vector<Head> heads(Random& random, Name id, std::int64_t clock, std::map<Name, std::int64_t>& times) {
  std::vector<Head> made;
  std::vector<Name> by = random.chance(1, 2) ? std::vector<Name>{id} : names(random, 4);
  for (const Name head : by) {
    const std::int64_t drawn = random.chance(1, 2) ? clock : integer(random);
    const std::int64_t captured = times.try_emplace(head, drawn).first->second;
    made.push_back({head, captured, random.chance(1, 3), random.chance(1, 6), value(random)});
  }
  return made;
}

inline State state(Random& random) {
  State made;
  made.id = name(random);
  made.kind = kind(random);
  made.opened = random.chance(4, 5);
  made.opened_in = random.chance(1, 2) ? "S0" + std::to_string(random.below(300)) : text(random).substr(0, 64);
  made.applied = random.chance(1, 2) ? std::vector<Name>{made.id} : names(random, 5);
  if (random.chance(1, 9)) made.removal_ahead = names(random, 3);
  const std::int64_t clock = integer(random);
  std::map<Name, std::int64_t> times;
  FieldNumber field = random.chance(1, 4) ? 0 : 1;
  for (std::uint64_t left = random.below(7); left > 0; --left, field = next_field(random, field)) {
    std::vector<Value> members = {Value()};
    if (random.chance(1, 4)) {
      for (std::uint64_t count = 1 + random.below(4); count > 0; --count) members.push_back(value(random));
      std::sort(members.begin(), members.end());
      members.erase(std::unique(members.begin(), members.end()), members.end());
      if (members.size() > 1) members.erase(members.begin());  // the value of no member
    }
    for (const Value& member : members) {
      Register made_register{field, member, heads(random, made.id, clock, times), {}};
      if (!member.is_none() && random.chance(1, 2)) {
        const std::int64_t captured = times.try_emplace(made.id, clock).first->second;
        made_register.heads = {{made.id, captured, false, false, Value(std::int64_t{random.chance(1, 2)})}};
      }
      for (Head& head : made_register.heads) head.personal = head.personal && member.is_none();
      if (random.chance(1, 9)) made_register.ahead = names(random, 3);
      made.registers.push_back(std::move(made_register));
    }
  }
  field = 40;
  for (std::uint64_t left = random.chance(1, 3) ? random.below(3) : 0; left > 0; --left, ++field) {
    Sum sum{field, integer(random), {}};
    for (const Name name : names(random, 3)) sum.last.push_back({name, random.chance(1, 4)});
    made.sums.push_back(std::move(sum));
  }
  return made;
}

inline std::vector<State> states(Random& random, std::size_t count) {
  std::vector<State> made;
  while (made.size() < count) made.push_back(state(random));
  return made;
}

}  // namespace songsong::wild
