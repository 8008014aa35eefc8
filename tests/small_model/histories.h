// Histories small enough to have them all: what up to 4 changes by 3 replicas can have seen of each other.
//
//   skeleton    who saved each change, and how much of each other replica's line its author had seen when the form was
//               opened. Any gap-free set is possible: forms stay open, and what one phone has told another it need not
//               have told a third. The changes stand in an order in which they may have been saved; the first opens
//               the record.
//   symbols     what each change writes, and when (by a clock that may be wrong): numbers into lists of the caller
//
// Two histories are the same to every rule if renaming the replicas, or telling the same changes in another order of
// saving, turns one into the other; so of each such class one is enough. What the reduction leaves out is counted: the
// sizes of the classes add up to what the formula says, and for few changes to what the plain enumeration finds.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace songsong::small_model {

inline constexpr std::size_t kReplicas = 3;
inline constexpr std::size_t kMostChanges = 4;

struct Saved {
  std::size_t replica = 0;
  std::array<std::size_t, kReplicas> seen{};  // changes of each replica's line; of its own all before it

  auto operator<=>(const Saved&) const = default;
};

using Skeleton = std::vector<Saved>;
using Order = std::vector<std::size_t>;  // a permutation of the changes
using Symbols = std::vector<std::size_t>;

Order trivial_order(std::size_t size);  // 0, 1, 2, ...

// What number of its replica's line each change is, from 1.
std::vector<std::size_t> sequences(const Skeleton& skeleton);

// Plain enumeration: every change in turn is by any replica and has seen any part of each other line.
std::vector<Skeleton> all_skeletons(std::size_t changes);
// The same number by a formula over the lengths of the lines.
std::uint64_t count_skeletons(std::size_t changes);

struct SkeletonClass {
  Skeleton example;
  std::uint64_t size = 0;
  std::vector<Order> symmetries;  // change i may be taken for change symmetry[i]; the identity is one of them
};
std::vector<SkeletonClass> skeleton_classes(std::size_t changes);

// Every ranking of the changes by their clocks, ties allowed: 1, 3, 13, 75 of them.
std::vector<Symbols> clock_readings(std::size_t changes);

// The choices for one history: each change has one of `symbols`, and the changes one of the readings.
// `swapped`: which symbol stands for each when the two fields change places; empty if the fields differ.
struct Choices {
  std::size_t symbols = 0;
  Symbols swapped;
  std::vector<Symbols> readings;  // closed under permutation; one that treats all changes alike, or all of them
};

struct Choice {
  Symbols symbols;
  std::size_t reading = 0;
};

// Calls `use` for one choice of each class of choices, with the size of the class.
void for_each_choice(const SkeletonClass& skeleton, const Choices& choices,
                     const std::function<void(const Choice&, std::uint64_t)>& use);

struct Numbers {
  std::uint64_t histories = 0;
  std::uint64_t classes = 0;

  bool operator==(const Numbers&) const = default;
};

// By the formula; `classes` is not known to it.
std::uint64_t count_histories(std::size_t changes, const Choices& choices);
// By trying every history, renaming, order of saving and swap, with no use of symmetries: for few changes.
Numbers count_plainly(std::size_t changes, const Choices& choices);

}  // namespace songsong::small_model
