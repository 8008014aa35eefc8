#include "tests/small_model/histories.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace songsong::small_model {
namespace {

std::vector<Order> permutations(std::size_t size) {
  std::vector<Order> all;
  Order order = trivial_order(size);
  do all.push_back(order);
  while (std::next_permutation(order.begin(), order.end()));
  return all;
}

void grow(Skeleton& sofar, std::size_t changes, std::vector<Skeleton>& all) {
  if (sofar.size() == changes) {
    all.push_back(sofar);
    return;
  }
  std::array<std::size_t, kReplicas> saved{};
  for (const Saved& each : sofar) ++saved[each.replica];
  for (std::size_t replica = 0; replica < kReplicas; ++replica) {
    std::array<std::size_t, kReplicas> seen{};
    seen[replica] = saved[replica];
    for (;;) {
      sofar.push_back(Saved{.replica = replica, .seen = seen});
      grow(sofar, changes, all);
      sofar.pop_back();
      std::size_t at = 0;  // the next of all numbers below those saved, one digit a replica
      while (at < kReplicas && (at == replica || seen[at] == saved[at])) {
        if (at != replica) seen[at] = 0;
        ++at;
      }
      if (at == kReplicas) break;
      ++seen[at];
    }
  }
}

// The skeleton told in another order of saving and with the replicas renamed; none if a change would come before one
// that it had seen, or another change would open the record.
std::optional<Skeleton> retold(const Skeleton& skeleton, const Order& order, const Order& renaming) {
  if (order.front() != 0) return std::nullopt;
  std::array<std::size_t, kReplicas> saved{};
  Skeleton other;
  for (const std::size_t at : order) {
    const Saved& each = skeleton[at];
    for (std::size_t replica = 0; replica < kReplicas; ++replica) {
      const bool own = replica == each.replica;
      if (own ? each.seen[replica] != saved[replica] : each.seen[replica] > saved[replica]) return std::nullopt;
    }
    ++saved[each.replica];
    Saved renamed{.replica = renaming[each.replica], .seen = {}};
    for (std::size_t replica = 0; replica < kReplicas; ++replica) renamed.seen[renaming[replica]] = each.seen[replica];
    other.push_back(renamed);
  }
  return other;
}

Symbols reordered(const Symbols& symbols, const Order& order) {
  Symbols other(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) other[i] = symbols[order[i]];
  return other;
}

Symbols exchanged(const Symbols& symbols, const Symbols& swapped) {
  Symbols other;
  for (const std::size_t symbol : symbols) other.push_back(swapped[symbol]);
  return other;
}

// Counts up like the digits of a number; false after the last.
bool next(Symbols& symbols, std::size_t base) {
  for (std::size_t& digit : symbols) {
    if (++digit < base) return true;
    digit = 0;
  }
  return false;
}

}  // namespace

Order trivial_order(std::size_t size) {
  Order order(size);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<std::size_t> sequences(const Skeleton& skeleton) {
  std::vector<std::size_t> numbers;
  for (const Saved& each : skeleton) numbers.push_back(each.seen[each.replica] + 1);
  return numbers;
}

std::vector<Skeleton> all_skeletons(std::size_t changes) {
  std::vector<Skeleton> all;
  Skeleton sofar;
  grow(sofar, changes, all);
  return all;
}

std::uint64_t count_skeletons(std::size_t changes) {
  std::map<std::array<std::uint64_t, kReplicas>, std::uint64_t> ways{{{}, 1}};
  for (std::size_t i = 0; i < changes; ++i) {
    std::map<std::array<std::uint64_t, kReplicas>, std::uint64_t> longer;
    for (const auto& [lengths, count] : ways) {
      for (std::size_t replica = 0; replica < kReplicas; ++replica) {
        std::uint64_t seen = 1;
        for (std::size_t other = 0; other < kReplicas; ++other) {
          if (other != replica) seen *= lengths[other] + 1;
        }
        auto grown = lengths;
        ++grown[replica];
        longer[grown] += count * seen;
      }
    }
    ways = std::move(longer);
  }
  std::uint64_t sum = 0;
  for (const auto& [lengths, count] : ways) sum += count;
  return sum;
}

std::vector<SkeletonClass> skeleton_classes(std::size_t changes) {
  const std::vector<Order> orders = permutations(changes), renamings = permutations(kReplicas);
  std::vector<SkeletonClass> classes;
  std::set<Skeleton> met;
  for (const Skeleton& skeleton : all_skeletons(changes)) {
    if (met.contains(skeleton)) continue;
    std::set<Skeleton> members;
    std::set<Order> symmetries;
    for (const Order& order : orders) {
      for (const Order& renaming : renamings) {
        const std::optional<Skeleton> other = retold(skeleton, order, renaming);
        if (!other) continue;
        members.insert(*other);
        if (*other == skeleton) symmetries.insert(order);
      }
    }
    classes.push_back(SkeletonClass{
        .example = skeleton, .size = members.size(), .symmetries = {symmetries.begin(), symmetries.end()}});
    met.merge(members);
  }
  return classes;
}

std::vector<Symbols> clock_readings(std::size_t changes) {
  std::vector<Symbols> readings;
  Symbols ranks(changes, 0);
  do {
    const std::set<std::size_t> used(ranks.begin(), ranks.end());
    if (*used.rbegin() + 1 == used.size()) readings.push_back(ranks);  // no rank is left out
  } while (next(ranks, changes));
  return readings;
}

void for_each_choice(const SkeletonClass& skeleton, const Choices& choices,
                     const std::function<void(const Choice&, std::uint64_t)>& use) {
  using Whole = std::pair<Symbols, Symbols>;
  const std::size_t changes = skeleton.example.size();
  for (std::size_t reading = 0; reading < choices.readings.size(); ++reading) {
    Symbols symbols(changes, 0);
    do {
      const Whole own{symbols, choices.readings[reading]};
      std::set<Whole> members;
      bool least = true;
      const auto meet = [&](const Whole& member) {
        least = least && !(member < own);
        members.insert(member);
      };
      for (const Order& symmetry : skeleton.symmetries) {
        const Whole member{reordered(own.first, symmetry), reordered(own.second, symmetry)};
        meet(member);
        if (!choices.swapped.empty()) meet({exchanged(member.first, choices.swapped), member.second});
        if (!least) break;
      }
      if (least) use(Choice{.symbols = symbols, .reading = reading}, members.size());
    } while (next(symbols, choices.symbols));
  }
}

std::uint64_t count_histories(std::size_t changes, const Choices& choices) {
  std::uint64_t count = count_skeletons(changes) * choices.readings.size();
  for (std::size_t i = 0; i < changes; ++i) count *= choices.symbols;
  return count;
}

Numbers count_plainly(std::size_t changes, const Choices& choices) {
  using Told = std::pair<Skeleton, std::pair<Symbols, Symbols>>;
  const std::vector<Order> orders = permutations(changes), renamings = permutations(kReplicas);
  Numbers numbers;
  std::set<Told> classes;  // each by its least member
  for (const Skeleton& skeleton : all_skeletons(changes)) {
    std::vector<std::pair<Skeleton, Order>> others;
    for (const Order& order : orders) {
      for (const Order& renaming : renamings) {
        if (const auto other = retold(skeleton, order, renaming)) others.emplace_back(*other, order);
      }
    }
    for (const Symbols& reading : choices.readings) {
      Symbols symbols(changes, 0);
      do {
        ++numbers.histories;
        Told least{skeleton, {symbols, reading}};
        for (const auto& [other, order] : others) {
          if (other > least.first) continue;
          Told told{other, {reordered(symbols, order), reordered(reading, order)}};
          if (!choices.swapped.empty())
            least = std::min(least, Told{other, {exchanged(told.second.first, choices.swapped), told.second.second}});
          least = std::min(least, std::move(told));
        }
        classes.insert(std::move(least));
      } while (next(symbols, choices.symbols));
    }
  }
  numbers.classes = classes.size();
  return numbers;
}

}  // namespace songsong::small_model
