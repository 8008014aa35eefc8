// Symbols: a choice among n, at the cost of how often each was chosen. Seen<T>: the values that a column has had, so
// that one that comes again costs its frequency, and only a fresh one is spelled.
//
// Frequencies stand in a Fenwick tree (1994), so that a step costs log n. A column whose values hardly ever come again
// (telephone numbers) is noticed by both sides alike and forgets them: it then costs neither flags nor memory.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/columns_range.h"

namespace songsong::columns {

class Symbols {
 public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(counts_.size()); }
  void add() {
    counts_.push_back(0);
    const std::uint32_t node = size();
    const std::uint32_t covered = node & (~node + 1);
    tree_.push_back(before(node - 1) - before(node - covered));
    bump(node - 1);
  }
  // The choice; 0 while there is only one.
  template <class C>
  std::uint32_t code(C& c, std::uint32_t chosen) {
    if (size() <= 1) return 0;
    std::uint32_t start = 0;
    if constexpr (C::kDecoding) {
      chosen = find(c.slot(total_), start);
    } else {
      start = before(chosen);
    }
    c.interval(start, counts_[chosen], total_);
    bump(chosen);
    return chosen;
  }
  // Keeps what has been chosen, with so little weight that what comes now soon outweighs it.
  void settle() {
    scale([](std::uint32_t count) { return static_cast<std::uint32_t>(std::bit_width(count)); });
  }

 private:
  static constexpr std::uint32_t kStep = 8;

  void bump(std::uint32_t chosen) {
    counts_[chosen] += kStep;
    total_ += kStep;
    for (std::uint32_t node = chosen + 1; node <= size(); node += node & (~node + 1)) tree_[node - 1] += kStep;
    if (total_ > kMaxTotal - kStep) scale([](std::uint32_t count) { return (count + 1) / 2; });
  }
  template <class Change>
  void scale(Change change) {
    total_ = 0;
    for (std::uint32_t i = 0; i < size(); ++i) total_ += counts_[i] = change(counts_[i]);
    for (std::uint32_t i = 0; i < size(); ++i) tree_[i] = counts_[i];
    for (std::uint32_t node = 1; node <= size(); ++node) {
      const std::uint32_t parent = node + (node & (~node + 1));
      if (parent <= size()) tree_[parent - 1] += tree_[node - 1];
    }
  }
  // Sum of the counts before `index`.
  std::uint32_t before(std::uint32_t index) const {
    std::uint32_t sum = 0;
    for (; index > 0; index &= index - 1) sum += tree_[index - 1];
    return sum;
  }
  std::uint32_t find(std::uint32_t slot, std::uint32_t& start) const {
    std::uint32_t node = 0;
    for (std::uint32_t step = std::bit_floor(size()); step > 0; step >>= 1) {
      const std::uint32_t next = node + step;
      if (next > size() || tree_[next - 1] > slot - start) continue;
      start += tree_[next - 1];
      node = next;
    }
    return node;
  }

  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> tree_;
  std::uint32_t total_ = 0;
};

// What Seen must know of a kind of value.
inline std::uint64_t hash_of(std::int64_t value) {
  std::uint64_t mixed = static_cast<std::uint64_t>(value) * 0x9E3779B97F4A7C15ull;
  return mixed ^ (mixed >> 32);
}
inline std::uint64_t hash_of(const std::string& value) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (const char c : value) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ull;
  return hash ^ (hash >> 32);
}
inline std::size_t bytes_of(std::int64_t) { return sizeof(std::int64_t); }
inline std::size_t bytes_of(const std::string& value) { return value.size(); }

struct SeenRule {
  std::uint32_t most;     // values that are remembered at most
  std::uint32_t return_;  // a column forgets when fewer than one in `return_` has come again
};
template <class T>
inline constexpr SeenRule kSeenRule = {1024, 2};
template <>
inline constexpr SeenRule kSeenRule<std::string> = {1024, 12};

inline constexpr std::size_t kMaxSeenBytes = 224;  // longer values are not remembered
inline constexpr std::size_t kBytesOfPlace = 48;   // that remembering takes beside the bytes of a value
inline constexpr std::uint32_t kUnseen = 0xFFFFFFFFu;

template <class T>
class Seen {
 public:
  explicit Seen(SeenRule rule = kSeenRule<T>) : rule_(rule) {}

  const std::vector<T>& values() const { return values_; }

  // Codes one value. `spell()` codes a fresh one (the decoder's finds it in `value`). Its index, or kUnseen.
  template <class C, class Spell>
  std::uint32_t code(C& c, typename C::template Ref<T> value, Spell&& spell) {
    if (noise_) {
      spell();
      return kUnseen;
    }
    std::uint32_t index = kUnseen;
    if constexpr (!C::kDecoding) index = find(value);
    const bool fresh = values_.empty() || c.bit(fresh_[was_fresh_], index == kUnseen);
    was_fresh_ = fresh;
    if (fresh) {
      spell();
      return remember(c, value);
    }
    index = symbols_.code(c, index);
    ++returns_;
    if constexpr (C::kDecoding) value = values_[index];
    return index;
  }

  void settle() {
    symbols_.settle();
    for (Bit& bit : fresh_) bit.settle();
  }
  // Other data may well hold other values.
  void doubt() {
    settle();
    for (Bit& bit : fresh_) bit.doubt();
  }

 private:
  static constexpr std::size_t kFirstLook = 48;

  template <class C>
  std::uint32_t remember(C& c, const T& value) {
    if (values_.size() >= rule_.most || bytes_of(value) > kMaxSeenBytes) return kUnseen;
    if (!c.charge(bytes_of(value) + kBytesOfPlace)) return kUnseen;
    values_.push_back(value);
    symbols_.add();
    if (values_.size() >= kFirstLook && std::uint64_t{returns_} * rule_.return_ < values_.size()) forget();
    return noise_ ? kUnseen : static_cast<std::uint32_t>(values_.size() - 1);
  }
  void forget() {
    noise_ = true;
    values_ = {};
    symbols_ = {};
    buckets_ = {};
  }
  // Only encoders search, so the table of buckets is brought up to date here.
  std::uint32_t find(const T& value) {
    if (buckets_.size() < 2 * values_.size() + 2) {
      buckets_.assign(std::bit_ceil(4 * values_.size() + 8), kUnseen);
      indexed_ = 0;
    }
    const std::uint64_t mask = buckets_.size() - 1;
    for (; indexed_ < values_.size(); ++indexed_) {
      std::uint64_t at = hash_of(values_[indexed_]) & mask;
      while (buckets_[at] != kUnseen) at = (at + 1) & mask;
      buckets_[at] = indexed_;
    }
    for (std::uint64_t at = hash_of(value) & mask; buckets_[at] != kUnseen; at = (at + 1) & mask) {
      if (values_[buckets_[at]] == value) return buckets_[at];
    }
    return kUnseen;
  }

  SeenRule rule_;
  std::vector<T> values_;
  Symbols symbols_;
  std::array<Bit, 2> fresh_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t indexed_ = 0;
  std::uint32_t returns_ = 0;
  bool was_fresh_ = true;
  bool noise_ = false;
};

}  // namespace songsong::columns
