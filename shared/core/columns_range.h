// RangeEncoder, RangeDecoder: numbers to bytes and back at the cost of their probability; Bit, an adaptive yes or no.
//
// Every rule of the codec is written once, as a template over the two: the encoder takes the value that it is given and
// returns it, the decoder ignores what it is given and returns what it finds. A decoder of bad bytes never throws: it
// notes the first fault, and from then on finds zeroes; whoever loops on what it finds asks `ok()`.
//
// The arithmetic is Martin's range coding (1979) with a 64-bit range and four bytes out at a time; a carry walks back
// through the bytes that have left. Both sides use integers only, so that every compiler yields the same bytes. One
// object, one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace songsong::columns {

// The probability that a yes comes, learned from those that came: quickly at first, then steadily.
class Bit {
 public:
  // Of kScale. The rates below never bring it to all, and the lowest bit keeps it from nothing.
  std::uint32_t probability() const { return (std::uint32_t{one_} >> 1) | 1u; }
  void update(bool bit) {
    const std::int64_t target = -std::int64_t{bit} & 0xFFFF;
    one_ = static_cast<std::uint16_t>(one_ + (((target - one_) * kRates[seen_]) >> 16));
    seen_ = static_cast<std::uint8_t>(seen_ + (seen_ + 1u < kRates.size()));
  }
  // Keeps what is believed and doubts it again, so that other data is learned quickly.
  void settle() { seen_ = std::min<std::uint8_t>(seen_, kSettled); }
  // Moves the belief halfway to not knowing.
  void doubt() { one_ = static_cast<std::uint16_t>((one_ >> 1) + (1u << 14)); }

  static constexpr unsigned kScaleBits = 15;
  static constexpr std::uint32_t kScale = 1u << kScaleBits;

 private:
  static constexpr std::uint8_t kSettled = 5;
  // 1 / (n + 1.6) of the way to the target, as 16-bit fractions.
  static constexpr std::array<std::int64_t, 128> kRates = [] {
    std::array<std::int64_t, 128> rates{};
    for (std::size_t n = 0; n < rates.size(); ++n) rates[n] = 655360 / static_cast<std::int64_t>(10 * n + 16);
    return rates;
  }();

  std::uint16_t one_ = 1u << 15;
  std::uint8_t seen_ = 0;
};

inline constexpr std::uint64_t kRangeFloor = std::uint64_t{1} << 32;  // below it the top of the range is settled
inline constexpr std::uint32_t kMaxTotal = 1u << 16;                  // of the frequencies that one interval is part of
inline constexpr std::size_t kRangeTail = 8;                          // bytes that a decoder reads ahead
inline constexpr std::size_t kRangeStep = 4;                          // bytes that come or go at a time
inline constexpr unsigned kRawBits = 24;                              // that are coded at a time

class RangeEncoder {
 public:
  static constexpr bool kDecoding = false;
  template <class T>
  using Ref = const T&;

  bool bit(Bit& model, bool value) {
    plain_bit(model.probability(), value);
    model.update(value);
    return value;
  }
  // `probability` that the bit is set, of Bit::kScale.
  bool plain_bit(std::uint32_t probability, bool value) {
    const std::uint64_t bound = (range_ >> Bit::kScaleBits) * probability;
    value ? narrow(0, bound) : narrow(bound, range_ - bound);
    return value;
  }
  // The low `bits` (0 to 64), as likely set as not.
  std::uint64_t raw(std::uint64_t value, unsigned bits) {
    for (; bits > kRawBits; bits -= kRawBits) raw_part(value >> (bits - kRawBits), kRawBits);
    raw_part(value, bits);
    return value;
  }
  void interval(std::uint32_t start, std::uint32_t size, std::uint32_t total) {
    const std::uint64_t step = range_ / total;
    narrow(step * start, start + size == total ? range_ - step * start : step * size);
  }

  bool ok() const { return true; }
  bool charge(std::size_t) { return true; }
  bool require(bool, const char*) { return true; }

  // The bytes so far, ended. As few of them as let the decoder, which finds zeroes beyond the end, see the same.
  std::string finish() {
    const std::uint64_t last = low_ + (range_ - 1);
    for (unsigned spare = 56; spare > 0; spare -= 8) {
      const std::uint64_t mask = (std::uint64_t{1} << spare) - 1;
      const std::uint64_t round = last & ~mask;
      if (last - round >= range_) continue;  // below low
      add(round - low_);
      break;
    }
    leave();
    leave();
    for (std::size_t i = 0; i < kRangeTail && !out_.empty() && out_.back() == '\0'; ++i) out_.pop_back();
    return std::move(out_);
  }

 private:
  void raw_part(std::uint64_t value, unsigned bits) {
    const std::uint64_t part = range_ >> bits;
    narrow(part * (value & ((std::uint64_t{1} << bits) - 1)), part);
  }
  void narrow(std::uint64_t start, std::uint64_t size) {
    add(start);
    range_ = size;
    while (range_ < kRangeFloor) {
      leave();
      range_ <<= 32;
    }
  }
  void add(std::uint64_t start) {
    low_ += start;
    if (low_ < start) carry();
  }
  void leave() {
    for (unsigned shift = 64; shift > 32;) out_.push_back(static_cast<char>(low_ >> (shift -= 8)));
    low_ <<= 32;
  }
  void carry() {
    std::size_t at = out_.size();
    while (at > 0 && ++out_[--at] == '\0') continue;
  }

  std::string out_;
  std::uint64_t low_ = 0;
  std::uint64_t range_ = ~std::uint64_t{0};
};

class RangeDecoder {
 public:
  static constexpr bool kDecoding = true;
  template <class T>
  using Ref = T&;

  // `allowance`: bytes of memory that decoding may come to hold.
  RangeDecoder(std::string_view bytes, std::size_t allowance) : bytes_(bytes), allowance_(allowance) {
    for (std::size_t i = 0; i < kRangeTail; i += kRangeStep) enter();
  }

  bool bit(Bit& model, bool = false) {
    const bool value = plain_bit(model.probability());
    model.update(value);
    return value;
  }
  // Without branches: whether a bit is set is what no processor foresees.
  bool plain_bit(std::uint32_t probability, bool = false) {
    const std::uint64_t bound = (range_ >> Bit::kScaleBits) * probability;
    const bool value = code_ < bound;
    const std::uint64_t clear = std::uint64_t{value} - 1;
    code_ -= bound & clear;
    range_ = (bound & ~clear) | ((range_ - bound) & clear);
    normalise();
    return value;
  }
  std::uint64_t raw(std::uint64_t, unsigned bits) {
    std::uint64_t value = 0;
    for (; bits > kRawBits; bits -= kRawBits) value = (value << kRawBits) | raw_part(kRawBits);
    return (value << bits) | raw_part(bits);
  }
  // Where in 0 .. total-1 the next interval lies; `interval` must follow.
  std::uint32_t slot(std::uint32_t total) {
    step_ = range_ / total;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(code_ / step_, total - 1));
  }
  void interval(std::uint32_t start, std::uint32_t size, std::uint32_t total) {
    code_ -= step_ * start;
    range_ = start + size == total ? range_ - step_ * start : step_ * size;
    normalise();
  }

  bool ok() const { return fault_ == nullptr; }
  // The code of the first fault, null while there is none.
  const char* fault() const { return fault_; }
  std::size_t position() const { return std::min(position_, bytes_.size()); }

  bool charge(std::size_t bytes) {
    if (bytes > allowance_) return require(false, "piece_too_large");
    allowance_ -= bytes;
    return ok();
  }
  bool require(bool holds, const char* fault) {
    if (!holds && ok()) fault_ = fault;
    return ok();
  }
  // Nothing may follow what was read.
  void finish() { require(position_ >= bytes_.size(), "piece_trailing_bytes"); }

 private:
  std::uint64_t raw_part(unsigned bits) {
    range_ >>= bits;
    const std::uint64_t value = std::min(code_ / range_, (std::uint64_t{1} << bits) - 1);
    code_ -= value * range_;
    normalise();
    return value;
  }
  void normalise() {
    while (range_ < kRangeFloor) {
      range_ <<= 32;
      enter();
    }
  }
  void enter() {
    for (std::size_t i = 0; i < kRangeStep; ++i, ++position_) {
      code_ <<= 8;
      if (position_ < bytes_.size()) code_ |= static_cast<std::uint8_t>(bytes_[position_]);
    }
    require(position_ <= bytes_.size() + kRangeTail, "piece_truncated");
  }

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t allowance_ = 0;
  std::uint64_t code_ = 0;
  std::uint64_t range_ = ~std::uint64_t{0};
  std::uint64_t step_ = 0;
  const char* fault_ = nullptr;
};

}  // namespace songsong::columns
