#include "shared/core/columns_speller.h"

#include <algorithm>

namespace songsong::columns {

namespace {

constexpr std::uint32_t kHalf = 2048;  // of 4096
constexpr int kMaxStretch = 2047;

// 4096 / (1 + exp(-x / 256)), by straight lines between 33 points.
constexpr int squash(int x) {
  constexpr std::array<int, 33> kPoints = {1,    2,    3,    6,    10,   16,   27,   45,   73,   120,  194,
                                           310,  488,  747,  1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785,
                                           3901, 3975, 4024, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094};
  if (x > kMaxStretch) return 4095;
  if (x < -kMaxStretch) return 0;
  const int within = x & 127;
  const auto point = static_cast<std::size_t>((x >> 7) + 16);
  return (kPoints[point] * (128 - within) + kPoints[point + 1] * within + 64) >> 7;
}

// The inverse of squash.
constexpr std::array<std::int16_t, 4096> kStretch = [] {
  std::array<std::int16_t, 4096> stretch{};
  int filled = 0;
  for (int x = -kMaxStretch; x <= kMaxStretch; ++x) {
    for (; filled <= squash(x); ++filled) stretch[static_cast<std::size_t>(filled)] = static_cast<std::int16_t>(x);
  }
  for (; filled < 4096; ++filled) stretch[static_cast<std::size_t>(filled)] = kMaxStretch;
  return stretch;
}();

// How far a context moves towards what came, by how often it has been seen: 1 / (n + 1.5), as 16-bit fractions.
constexpr std::array<int, 16> kRates = [] {
  std::array<int, 16> rates{};
  for (int n = 0; n < 16; ++n) rates[static_cast<std::size_t>(n)] = 131072 / (2 * n + 3);
  return rates;
}();

constexpr std::uint16_t kUntried = static_cast<std::uint16_t>(kHalf << 4);
constexpr std::uint16_t kSettledTimes = 6;
constexpr std::int32_t kFirstWeight = 22000;  // of 65536
constexpr std::int64_t kMaxWeight = std::int64_t{1} << 22;
constexpr int kLearningRate = 14;

}  // namespace

Speller::Speller() {
  for (Table& table : tables_) table.fill(kUntried);
  for (Weights& weights : weight_sets_) {
    weights.fill(kFirstWeight);
    weights[kContexts] = 0;  // the bias
  }
}

// One letter is two halves of four bits; each half has a row of 16 places in each table, found once.
void Speller::choose_rows(std::uint32_t half) {
  constexpr std::array<unsigned, kContexts> kBytesBefore = {1, 2, 3, 1, 0};
  constexpr std::size_t kSharedContexts = 3;  // by all columns; the others are of one
  for (std::size_t i = 0; i < kContexts; ++i) {
    const std::uint64_t seen = before_ & ((std::uint64_t{1} << (8 * kBytesBefore[i])) - 1);
    const std::uint64_t salt = i >= kSharedContexts ? column_ + 1u : 0;
    std::uint64_t mixed = (seen + (salt << 48) + i) * 0x9E3779B97F4A7C15ull;
    mixed = ((mixed ^ (mixed >> 29)) + half) * 0xBF58476D1CE4E5B9ull;
    rows_[i] = &tables_[i][(mixed >> (64 - kRowBits)) * kRowPlaces];
  }
}

std::uint32_t Speller::predict(std::uint32_t node) {
  std::size_t tried = 0;
  for (std::size_t i = 0; i < kContexts; ++i) {
    slots_[i] = rows_[i] + node;
    inputs_[i] = kStretch[*slots_[i] >> 4];
    tried += (*slots_[i] & 15) != 0;
  }
  inputs_[kContexts] = 256;
  weights_ = &weight_sets_[tried];
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kInputs; ++i) sum += std::int64_t{inputs_[i]} * (*weights_)[i];
  mixed_ = static_cast<std::uint32_t>(squash(static_cast<int>(std::clamp<std::int64_t>(sum >> 16, -2047, 2047))));
  return std::clamp<std::uint32_t>(mixed_ * 8 + 4, 32, Bit::kScale - 32);
}

void Speller::learn(bool bit) {
  const int error = ((bit ? 4095 : 0) - static_cast<int>(mixed_)) * kLearningRate;
  for (std::size_t i = 0; i < kInputs; ++i) {
    const std::int64_t step = (std::int64_t{inputs_[i]} * error + 0x8000) >> 16;
    (*weights_)[i] = static_cast<std::int32_t>(std::clamp((*weights_)[i] + step, -kMaxWeight, kMaxWeight));
  }
  for (std::uint16_t* slot : slots_) {
    const int probability = *slot >> 4;
    const unsigned times = *slot & 15u;
    const int moved = probability + ((((bit ? 4095 : 0) - probability) * kRates[times]) >> 16);
    *slot = static_cast<std::uint16_t>((moved << 4) | static_cast<int>(std::min(times + 1, 15u)));
  }
}

template <class C>
std::uint8_t Speller::code(C& c, std::uint8_t letter) {
  std::uint32_t found = 0;
  for (unsigned low = 8; low > 0; low -= 4) {
    choose_rows(low == 8 ? 0 : found + 1);
    std::uint32_t node = 1;
    for (unsigned left = 4; left-- > 0;) {
      const bool bit = c.plain_bit(predict(node), (letter >> (low - 4 + left) & 1) != 0);
      learn(bit);
      node = node * 2 + bit;
    }
    found = found * 16 + (node & 15);
  }
  before_ = (before_ << 8) | found;
  return static_cast<std::uint8_t>(found);
}

void Speller::settle() {
  for (Table& table : tables_) {
    for (std::uint16_t& slot : table) {
      const auto times = std::min<std::uint16_t>(slot & 15, kSettledTimes);
      slot = static_cast<std::uint16_t>((slot & 0xFFF0) | times);
    }
  }
}

template std::uint8_t Speller::code(RangeEncoder&, std::uint8_t);
template std::uint8_t Speller::code(RangeDecoder&, std::uint8_t);

}  // namespace songsong::columns
