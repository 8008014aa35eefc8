// Speller: the letters of words that a piece has not had before, each at the cost of its probability after the letters
// before it.
//
// Logistic mixing of adaptive contexts (Mahoney's PAQ; here the small integer form of lpaq): the one, two and
// three bytes before, and within a column the one before and none. A speller that has read other texts of the language
// (a primer) spells new ones for less. One object, one thread; about 160 kB.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "shared/core/columns_range.h"

namespace songsong::columns {

class Speller {
 public:
  Speller();

  // Letters will follow `before` in a text of this column; `column` only tells columns apart.
  void begin(std::uint32_t column, std::string_view before) {
    column_ = column;
    before_ = 0;
    for (const char byte : before.substr(before.size() > kMemory ? before.size() - kMemory : 0)) {
      before_ = (before_ << 8) | static_cast<std::uint8_t>(byte);
    }
  }
  template <class C>
  std::uint8_t code(C& c, std::uint8_t letter);
  void settle();

 private:
  static constexpr std::size_t kMemory = 8;  // bytes
  static constexpr std::size_t kContexts = 5;
  static constexpr std::size_t kInputs = kContexts + 1;
  static constexpr unsigned kRowBits = 10;
  static constexpr std::size_t kRowPlaces = 16;

  using Table = std::array<std::uint16_t, kRowPlaces << kRowBits>;  // probability 12 bits, times seen 4 bits
  using Weights = std::array<std::int32_t, kInputs>;

  void choose_rows(std::uint32_t half);
  std::uint32_t predict(std::uint32_t node);
  void learn(bool bit);

  std::uint64_t before_ = 0;
  std::uint32_t column_ = 0;
  std::array<std::uint16_t*, kContexts> rows_{};
  std::array<std::uint16_t*, kContexts> slots_{};
  std::array<std::int32_t, kInputs> inputs_{};
  std::uint32_t mixed_ = 0;  // 12 bits
  Weights* weights_ = nullptr;
  std::array<Weights, kContexts + 1> weight_sets_;  // by the number of contexts that have been seen
  std::array<Table, kContexts> tables_;
};

}  // namespace songsong::columns
