// Random: the generator of property tests. The same seed gives the same run on every compiler and machine, so a test
// prints its seed on failure and a failure is repeated by writing that seed down.
//
// The algorithm is splitmix64 (Steele, Lea and Flood, 2014). Not for secrets. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace songsong {

class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed), state_(seed) {}

  std::uint64_t seed() const { return seed_; }

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ull;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBull;
    return mixed ^ (mixed >> 31);
  }

  // 0 .. n - 1; 0 when n is 0. The bias of the remainder is of no matter for the small n of tests.
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }

  // low .. high, both inclusive; low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const std::uint64_t step = span == UINT64_MAX ? next() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
  }

  // True `wins` times in `tries`, such as chance(1, 10).
  bool chance(std::uint64_t wins, std::uint64_t tries) { return below(tries) < wins; }

  // One of the elements of a container or array that is not empty.
  template <class Elements>
  const auto& pick(const Elements& elements) {
    return elements[static_cast<std::size_t>(below(std::size(elements)))];
  }

 private:
  std::uint64_t seed_;
  std::uint64_t state_;
};

}  // namespace songsong
