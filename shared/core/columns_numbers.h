// Numbers: a column of integers. Names: a column of names of changes or records.
//
// A number is foretold as the step before it was, or has been seen, or is spelled: as the difference from whichever
// guess (nothing, the number before, the row's clock) has lately left the least to say, by its length and the bits
// after the leading one, of which the first are learned. All integers; arithmetic is modulo 2^64, so every int64 has
// its code.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "shared/core/byte_reader.h"
#include "shared/core/columns_range.h"
#include "shared/core/columns_seen.h"
#include "shared/core/name.h"

namespace songsong::columns {

constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// A number of `kBits` bits, each bit learned in the context of those above it.
template <unsigned kBits>
class BitTree {
 public:
  template <class C>
  std::uint32_t code(C& c, std::uint32_t value) {
    return code_top(c, value, kBits);
  }
  // A number of `bits` <= kBits bits. One tree must always be used with the same number.
  template <class C>
  std::uint32_t code_top(C& c, std::uint32_t value, unsigned bits) {
    std::uint32_t node = 1;
    for (unsigned left = bits; left-- > 0;) node = node * 2 + c.bit(bits_[node], (value >> left & 1) != 0);
    return node - (1u << bits);
  }
  void settle() {
    for (Bit& bit : bits_) bit.settle();
  }

 private:
  std::array<Bit, std::size_t{1} << kBits> bits_;
};

// Unsigned numbers of any size: the length, then the bits below the leading one.
class Magnitudes {
 public:
  template <class C>
  std::uint64_t code(C& c, std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned length = lengths_.code(c, width);
    if (!c.require(length <= 64, "piece_number_too_long") || length <= 1) return length;
    const unsigned below = length - 1;
    const unsigned learned = std::min(below, kLearned);
    const unsigned plain = below - learned;
    if (places_[length] == 0 && !open(c, length)) return 0;
    const std::uint64_t mask = (std::uint64_t{1} << learned) - 1;
    const std::uint64_t top =
        tops_[places_[length] - 1u].code_top(c, static_cast<std::uint32_t>((value >> plain) & mask), learned);
    const std::uint64_t rest = plain > 0 ? c.raw(value, plain) & ((std::uint64_t{1} << plain) - 1) : 0;
    return (std::uint64_t{1} << below) | (top << plain) | rest;
  }
  void settle() {
    lengths_.settle();
    for (auto& top : tops_) top.settle();
  }

 private:
  static constexpr unsigned kLearned = 4;

  template <class C>
  bool open(C& c, unsigned length) {
    if (!c.charge(sizeof(tops_[0]))) return false;
    tops_.emplace_back();
    places_[length] = static_cast<std::uint8_t>(tops_.size());
    return true;
  }

  BitTree<7> lengths_;
  std::array<std::uint8_t, 65> places_{};  // of each length the place in tops_, from 1
  std::vector<BitTree<kLearned>> tops_;
};

class Numbers {
 public:
  // `clock`: a guess that the row offers, normally its time of capture.
  template <class C>
  std::int64_t code(C& c, std::int64_t value, std::int64_t clock = 0) {
    const std::int64_t foretold = wrapping_add(last_, step_);
    if (steady_ >= kSteady && c.bit(foretold_, value == foretold)) {
      last_ = foretold;
      return foretold;
    }
    seen_.code(c, value, [&] { value = spell(c, value, clock); });
    const std::int64_t step = wrapping_subtract(value, last_);
    steady_ = started_ && step == step_ && step != 0 ? std::min(steady_ + 1, kSteady) : 0;
    step_ = step;
    last_ = value;
    started_ = true;
    return value;
  }

  void settle() {
    seen_.settle();
    magnitudes_.settle();
    foretold_.settle();
    thousands_.settle();
    started_ = false;
    steady_ = 0;
  }

 private:
  static constexpr int kSteady = 2;
  static constexpr std::int64_t kThousand = 1000;
  static constexpr std::size_t kGuesses = 3;
  static constexpr std::uint32_t kBit = 256;  // in which costs are counted
  // Without a guess the leading bits are alike and soon cost nothing, so a guess must save more than those.
  static constexpr std::uint32_t kBenefit = 5 * kBit;

  // Times of whole seconds and amounts of money are thousands.
  template <class C>
  std::int64_t spell(C& c, std::int64_t value, std::int64_t clock) {
    const bool thousands = c.bit(thousands_, value != 0 && value % kThousand == 0);
    const std::int64_t unit = thousands ? kThousand : 1;
    const std::array<std::int64_t, kGuesses> guesses = {0, last_ / unit, clock / unit};
    std::size_t best = 0;
    for (std::size_t i = 1; i < kGuesses; ++i) {
      if ((i != 1 || started_) && costs_[i] + (best == 0 ? kBenefit : 0) < costs_[best]) best = i;
    }
    const std::int64_t scaled = value / unit;
    const std::int64_t found =
        wrapping_add(guesses[best], unzigzag(magnitudes_.code(c, zigzag(wrapping_subtract(scaled, guesses[best])))));
    for (std::size_t i = 0; i < kGuesses; ++i) learn(i, zigzag(wrapping_subtract(found, guesses[i])));
    const bool fits = found <= std::numeric_limits<std::int64_t>::max() / unit &&
                      found >= std::numeric_limits<std::int64_t>::min() / unit;
    return c.require(fits, "piece_number_too_large") ? found * unit : 0;
  }
  // A running mean of the bits that this guess would have left to say.
  void learn(std::size_t guess, std::uint64_t left) {
    const std::uint32_t now = static_cast<std::uint32_t>(std::bit_width(left)) * kBit;
    costs_[guess] += (now >> 3) - (costs_[guess] >> 3);
  }

  Seen<std::int64_t> seen_;
  Magnitudes magnitudes_;
  Bit foretold_;
  Bit thousands_;
  std::array<std::uint32_t, kGuesses> costs_ = {8 * kBit, 8 * kBit, 8 * kBit};
  std::int64_t last_ = 0;
  std::int64_t step_ = 0;
  int steady_ = 0;
  bool started_ = false;
};

// Names by their distance from one nearby (normally the row's own), or from the last name of another replica.
class Names {
 public:
  template <class C>
  Name code(C& c, Name name, Name nearby) {
    const bool own = c.bit(own_, name.replica() == nearby.replica());
    if (own) return code_from(c, name, nearby, own_distances_);
    std::int64_t replica = name.replica();
    replicas_.code(c, replica, [&] {
      const std::uint64_t found = c.raw(static_cast<std::uint64_t>(replica), kReplicaBits);
      replica = static_cast<std::int64_t>(found);
    });
    const Name first(static_cast<ReplicaId>(replica), 0, 0);
    const auto [last, fresh] = last_.try_emplace(first.replica(), first);
    if (fresh) c.charge(kBytesEach);
    last->second = code_from(c, name, last->second, other_distances_);
    return last->second;
  }
  // Keeps how far names lie from each other, and forgets the replicas.
  void settle() {
    own_.settle();
    same_tag_.settle();
    own_distances_.settle();
    other_distances_.settle();
    replicas_ = Seen<std::int64_t>(kReplicaRule);
    last_.clear();
  }

  static constexpr unsigned kReplicaBits = 24;
  static constexpr unsigned kTagBits = 20;

 private:
  static constexpr SeenRule kReplicaRule = {1u << 16, 16};
  static constexpr std::size_t kBytesEach = 64;

  template <class C>
  Name code_from(C& c, Name name, Name base, Numbers& distances) {
    const std::int64_t distance = distances.code(c, std::int64_t{base.sequence()} - std::int64_t{name.sequence()});
    const std::int64_t sequence = wrapping_subtract(base.sequence(), distance);
    const bool fits = c.require(sequence >= 0 && sequence <= kMaxSequence, "piece_sequence_too_large");
    const bool same = c.bit(same_tag_, name.tag() == base.tag());
    const Tag tag = same ? base.tag() : static_cast<Tag>(c.raw(name.tag(), kTagBits));
    return Name(base.replica(), fits ? static_cast<Sequence>(sequence) : 0, tag);
  }

  Bit own_;
  Bit same_tag_;
  Numbers own_distances_;
  Numbers other_distances_;
  Seen<std::int64_t> replicas_{kReplicaRule};
  std::map<ReplicaId, Name> last_;  // of each other replica
};

// A list of at most `most` names.
template <class C>
void code_names(C& c, Names& column, Numbers& sizes, Name nearby, std::size_t most,
                typename C::template Ref<std::vector<Name>> names) {
  const std::int64_t size = sizes.code(c, static_cast<std::int64_t>(names.size()));
  if (!c.require(size >= 0 && static_cast<std::uint64_t>(size) <= most, "piece_names_too_many")) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(size) && c.charge(sizeof(Name)); ++i) {
    if constexpr (C::kDecoding) {
      names.push_back(column.code(c, Name(), nearby));
    } else {
      column.code(c, names[i], nearby);
    }
  }
}

}  // namespace songsong::columns
