#include "shared/core/columns_texts.h"

namespace songsong::columns {

namespace {

// A pattern is one character a part: a word, a space, or a run of digits of a width from 1 ('A') to kMaxWidth.
constexpr char kWord = 'w';
constexpr char kSpace = ' ';
constexpr char kOneDigit = 'A';
constexpr unsigned kMaxWidth = 18;    // digits of one run, so that it fits 64 bits
constexpr unsigned kHeadedWidth = 9;  // shorter runs are one number
constexpr unsigned kHeadWidth = 3;
constexpr unsigned kRepeatWidth = 3;  // shorter runs repeat by chance
constexpr std::size_t kMaxRuns = 32;  // of a row that are remembered
constexpr char kEndOfWord = ' ';      // cannot stand in a word

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_word(char c) { return !is_digit(c) && c != ' '; }
constexpr bool is_run(char part) { return part != kWord && part != kSpace; }
constexpr unsigned width_of(char part) { return static_cast<unsigned>(part - kOneDigit) + 1; }

// The length of the part that begins at `from`.
std::size_t part_length(std::string_view text, std::size_t from) {
  if (text[from] == ' ') return 1;
  const bool digits = is_digit(text[from]);
  std::size_t end = from + 1;
  while (end < text.size() && (digits ? is_digit(text[end]) && end - from < kMaxWidth : is_word(text[end]))) ++end;
  return end - from;
}

std::string pattern_of(std::string_view text) {
  std::string pattern;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = part_length(text, at);
    const char first = text[at];
    pattern.push_back(first == ' '      ? kSpace
                      : is_digit(first) ? static_cast<char>(kOneDigit + static_cast<char>(length) - 1)
                                        : kWord);
    at += length;
  }
  return pattern;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

std::string digits_of(std::uint64_t value, unsigned width) {
  std::string digits(width, '0');
  for (std::size_t i = width; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  return digits;
}

constexpr std::array<std::uint64_t, kMaxWidth + 1> kPowersOfTen = [] {
  std::array<std::uint64_t, kMaxWidth + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// The run of this width (from 1, 0 for none) that a place expects: the one it repeated last, or the latest.
std::size_t earlier_run(const RowContext& row, std::size_t repeated, unsigned width) {
  if (repeated != 0 && repeated <= row.digits.size() && row.digits[repeated - 1].width == width) return repeated;
  std::size_t at = row.digits.size();
  while (at > 0 && row.digits[at - 1].width != width) --at;
  return at;
}

}  // namespace

template <class C>
void Texts::code(C& c, RowContext& row, std::size_t most_bytes, typename C::template Ref<std::string> text) {
  whole_.code(c, text, [&] { code_fresh(c, row, most_bytes, text); });
  c.charge(text.size());
}

template <class C>
void Texts::code_fresh(C& c, RowContext& row, std::size_t most_bytes, typename C::template Ref<std::string> text) {
  std::string pattern;
  if constexpr (!C::kDecoding) pattern = pattern_of(text);
  patterns_.code(c, pattern, [&] { code_pattern(c, most_bytes, pattern); });
  if constexpr (C::kDecoding) text.clear();
  std::size_t at = 0;
  std::size_t index = 0;
  std::string part;
  for (const char kind : pattern) {
    if constexpr (!C::kDecoding) part = text.substr(at, part_length(text, at));
    if (kind == kSpace) {
      part = ' ';
    } else {
      Place* const here = place(c, index++);
      if (here == nullptr) return;
      if (is_run(kind)) {
        code_digits(c, row, *here, width_of(kind), part);
      } else {
        here->words.code(c, part, [&] {
          row.speller->begin(column_, std::string_view(text).substr(0, at));
          code_word(c, *row.speller, most_bytes, part);
        });
      }
    }
    if (!c.require(at + part.size() <= most_bytes, "piece_text_too_long")) return;
    if constexpr (C::kDecoding) text += part;
    at += part.size();
  }
}

template <class C>
Texts::Place* Texts::place(C& c, std::size_t index) {
  index = std::min(index, kMaxPlaces - 1);
  while (places_.size() <= index) {
    if (!c.charge(sizeof(Place))) return nullptr;
    places_.emplace_back();
  }
  return &places_[index];
}

template <class C>
void Texts::code_pattern(C& c, std::size_t most_bytes, std::string& pattern) {
  const std::string given = pattern;
  pattern.clear();
  for (std::size_t before = 0;;) {
    auto& [more, word, space] = kinds_[before];
    const bool has_part = pattern.size() < given.size();
    const char part = has_part ? given[pattern.size()] : kWord;
    if (!c.bit(more, has_part) || !c.require(pattern.size() < most_bytes, "piece_text_too_long")) return;
    if (c.bit(word, part == kWord)) {
      pattern.push_back(kWord);
      before = 1;
    } else if (c.bit(space, part == kSpace)) {
      pattern.push_back(kSpace);
      before = 2;
    } else {
      const std::uint32_t width = widths_.code(c, width_of(part) - 1);
      if (!c.require(width < kMaxWidth, "piece_digits_too_many")) return;
      pattern.push_back(static_cast<char>(kOneDigit + static_cast<char>(width)));
      before = 3;
    }
  }
}

template <class C>
void Texts::code_digits(C& c, RowContext& row, Place& place, unsigned width, std::string& run) {
  std::uint64_t value = number_of(run);
  const std::size_t earlier = earlier_run(row, place.repeated, width);
  const bool repeats = earlier != 0 && c.bit(place.repeats, row.digits[earlier - 1].value == value);
  if (repeats) {
    value = row.digits[earlier - 1].value;
  } else {
    // Telephone and citizen numbers begin with the number of a network or province.
    const std::uint64_t cut = width >= kHeadedWidth ? kPowersOfTen[width - kHeadWidth] : kPowersOfTen[width];
    const std::int64_t head = width >= kHeadedWidth ? place.heads.code(c, static_cast<std::int64_t>(value / cut)) : 0;
    const std::int64_t tail = place.digits.code(c, static_cast<std::int64_t>(value % cut));
    const bool fits =
        static_cast<std::uint64_t>(head) < kPowersOfTen[kHeadWidth] && static_cast<std::uint64_t>(tail) < cut;
    value = c.require(fits, "piece_digits_too_many")
                ? static_cast<std::uint64_t>(head) * cut + static_cast<std::uint64_t>(tail)
                : 0;
    for (std::size_t i = 0; i < row.digits.size(); ++i) {
      if (row.digits[i].value == value && row.digits[i].width == width) place.repeated = i + 1;
    }
  }
  if (width >= kRepeatWidth && row.digits.size() < kMaxRuns) row.digits.push_back({value, width});
  if constexpr (C::kDecoding) run = digits_of(value, width);
}

template <class C>
void Texts::code_word(C& c, Speller& speller, std::size_t most_bytes, std::string& word) {
  const std::string given = word;
  word.clear();
  while (c.require(word.size() <= most_bytes, "piece_text_too_long")) {
    const char next = word.size() < given.size() ? given[word.size()] : kEndOfWord;
    const auto found = static_cast<char>(speller.code(c, static_cast<std::uint8_t>(next)));
    if (found == kEndOfWord) break;
    if (!c.require(is_word(found), "piece_word_broken")) break;
    word.push_back(found);
  }
  c.require(!word.empty(), "piece_word_broken");
}

void Texts::settle() {
  whole_.doubt();
  patterns_.settle();
  for (auto& kind : kinds_) {
    for (Bit& bit : kind) bit.settle();
  }
  widths_.settle();
  for (Place& place : places_) {
    place.heads.settle();
    place.digits.settle();
    place.words.doubt();
    place.repeats.settle();
  }
}

template <class C>
void Blobs::code(C& c, std::size_t most_bytes, typename C::template Ref<std::string> bytes) {
  whole_.code(c, bytes, [&] {
    const std::int64_t size = sizes_.code(c, static_cast<std::int64_t>(bytes.size()));
    if (!c.require(size >= 0 && static_cast<std::uint64_t>(size) <= most_bytes, "piece_bytes_too_long")) return;
    if constexpr (C::kDecoding) bytes.assign(static_cast<std::size_t>(size), '\0');
    for (auto& byte : bytes) {
      const auto found = c.raw(static_cast<std::uint8_t>(byte), 8);
      if constexpr (C::kDecoding) byte = static_cast<char>(found);
    }
  });
  c.charge(bytes.size());
}

template void Texts::code(RangeEncoder&, RowContext&, std::size_t, const std::string&);
template void Texts::code(RangeDecoder&, RowContext&, std::size_t, std::string&);
template void Blobs::code(RangeEncoder&, std::size_t, const std::string&);
template void Blobs::code(RangeDecoder&, std::size_t, std::string&);

}  // namespace songsong::columns
