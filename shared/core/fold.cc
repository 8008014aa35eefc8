#include "shared/core/fold.h"

#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

#include "shared/core/change.h"

namespace songsong {
namespace {

static_assert(kMaxTextBytes == kMaxValueBytes);

constexpr char32_t kNotUtf8 = 0xFFFFFFFF;
constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kFirstMark = 0x300;  // below it nothing combines, and everything is NFC

// The code point at `position`, which is moved behind it; kNotUtf8 for a byte that begins none.
char32_t next_code_point(std::string_view text, std::size_t& position) {
  const unsigned char first = static_cast<unsigned char>(text[position]);
  if (first < 0x80) {
    ++position;
    return first;
  }
  utf8proc_int32_t code_point = -1;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + position;
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - position), &code_point);
  if (length <= 0) {
    ++position;
    return kNotUtf8;
  }
  position += static_cast<std::size_t>(length);
  return static_cast<char32_t>(code_point);
}

bool forbidden_control(char32_t code_point) {
  if (code_point < 0x20) return code_point != '\n' && code_point != '\t';
  return code_point >= 0x7F && code_point <= 0x9F;
}

// Starters that neither decompose nor compose with what stands before them: Latin and the Vietnamese letters.
bool plainly_nfc(char32_t code_point) {
  return code_point < kFirstMark || (code_point >= 0x1EA0 && code_point <= 0x1EF9);
}

bool combines(char32_t code_point) {
  if (plainly_nfc(code_point)) return false;
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point))->combining_class != 0;
}

Fault text_fault(const char* code, std::size_t byte, const char* what) {
  return {code, "byte " + std::to_string(byte), what};
}

// Whether the text needs normalising, or why it is refused.
Outcome<bool> inspect(std::string_view text) {
  bool plain = true;
  std::size_t marks = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const char32_t code_point = next_code_point(text, position);
    if (code_point == kNotUtf8) return text_fault("text_not_utf8", start, "The text is not valid UTF-8.");
    if (forbidden_control(code_point)) {
      return text_fault("text_control_character", start, "The text holds a control character.");
    }
    plain = plain && plainly_nfc(code_point);
    marks = combines(code_point) ? marks + 1 : 0;
    if (marks > kMaxCombiningRun) {
      return text_fault("text_too_many_marks", start, "Too many combining marks follow one letter.");
    }
  }
  return !plain;
}

struct Free {
  void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
};

std::string normalise(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, Free> owned(mapped);
  if (length < 0) throw std::logic_error("a text that was inspected does not normalise");
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
}

// What folding makes of one code point: up to kMaxPieces code points, none if it vanishes, a space if it separates.
constexpr std::size_t kMaxPieces = 8;  // no canonical decomposition is longer than four
struct Pieces {
  std::array<char32_t, kMaxPieces> piece{};
  std::size_t count = 0;
};

enum class Role : std::uint8_t { kKept, kVanishes, kSeparates };

Role role_of(utf8proc_int32_t code_point) {
  // Marks of every class but the spacing vowels of Indic scripts: those that stand in an order of their own have to go,
  // so that the order in which marks were typed never shows in a key.
  if (utf8proc_get_property(code_point)->combining_class != 0) return Role::kVanishes;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Role::kKept;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
      return Role::kVanishes;
    default:
      return Role::kSeparates;
  }
}

char32_t lower(utf8proc_int32_t code_point) {
  switch (code_point) {
    case 0x110:  // Đ
    case 0x111:  // đ
    case 0xD0:   // Ð
    case 0xF0:   // ð
    case 0x189:  // Ɖ
    case 0x256:  // ɖ
      return 'd';
    default:
      return static_cast<char32_t>(utf8proc_tolower(code_point));
  }
}

Pieces fold_slowly(char32_t code_point) {
  std::array<utf8proc_int32_t, kMaxPieces> decomposed{};
  int boundary = 0;
  const auto length =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), decomposed.data(),
                              static_cast<utf8proc_ssize_t>(decomposed.size()), UTF8PROC_DECOMPOSE, &boundary);
  Pieces pieces;
  for (std::size_t i = 0; i < kMaxPieces && static_cast<utf8proc_ssize_t>(i) < length; ++i) {
    const Role role = role_of(decomposed[i]);
    if (role == Role::kVanishes) continue;
    pieces.piece[pieces.count++] = role == Role::kKept ? lower(decomposed[i]) : U' ';
  }
  return pieces;
}

// What fold_slowly makes of the code points that nearly all texts consist of.
class FoldTable {
 public:
  static constexpr char32_t kSize = 0x2100;  // Latin, Greek, Cyrillic, Vietnamese letters, general punctuation
  static constexpr char16_t kVanishes = 0;
  static constexpr char16_t kSlow = 0xFFFF;

  FoldTable() {
    for (char32_t code_point = 0; code_point < kSize; ++code_point) {
      const Pieces pieces = fold_slowly(code_point);
      const bool fits = pieces.count <= 1 && pieces.piece[0] < kSlow;
      folded_[code_point] = fits ? static_cast<char16_t>(pieces.piece[0]) : kSlow;
    }
  }
  char16_t operator[](char32_t code_point) const { return folded_[code_point]; }

 private:
  std::array<char16_t, kSize> folded_;
};

class KeyWriter {
 public:
  KeyWriter(std::size_t expected, bool spaces) : spaces_(spaces) { key_.reserve(expected); }

  void put(char32_t piece) {
    if (piece == U' ') {
      pending_ = spaces_ && !key_.empty();
      return;
    }
    if (pending_) key_ += ' ';
    pending_ = false;
    if (piece < 0x80) {
      key_ += static_cast<char>(piece);
      return;
    }
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(piece), bytes.data());
    key_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
  }
  std::string take() { return std::move(key_); }

 private:
  std::string key_;
  bool spaces_;
  bool pending_ = false;
};

std::string fold_text(std::string_view text, bool spaces) {
  static const FoldTable table;
  KeyWriter key(text.size(), spaces);
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = next_code_point(text, position);
    if (code_point == kNotUtf8) {
      key.put(U' ');
      continue;
    }
    if (code_point < FoldTable::kSize) {
      const char16_t folded = table[code_point];
      if (folded == FoldTable::kVanishes) continue;
      if (folded != FoldTable::kSlow) {
        key.put(folded);
        continue;
      }
    }
    const Pieces pieces = fold_slowly(code_point);
    for (std::size_t i = 0; i < pieces.count; ++i) key.put(pieces.piece[i]);
  }
  return key.take();
}

bool white_space(char32_t code_point) {
  if (code_point == ' ' || (code_point >= '\t' && code_point <= '\r') || code_point == 0x85) return true;
  if (code_point < 0xA0 || code_point == kNotUtf8) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

}  // namespace

Outcome<std::string> to_nfc(std::string_view text) {
  if (text.size() > kMaxTextBytes) return text_fault("text_too_long", kMaxTextBytes, "The text is too long.");
  const Outcome<bool> needs_normalising = inspect(text);
  if (!needs_normalising) return needs_normalising.fault();
  if (!*needs_normalising) return std::string(text);
  std::string normal = normalise(text);
  // A few letters grow when they are normalised.
  if (normal.size() > kMaxTextBytes) return text_fault("text_too_long", kMaxTextBytes, "The text is too long.");
  return normal;
}

std::string fold(std::string_view text) { return fold_text(text, true); }
std::string fold_key(std::string_view text) { return fold_text(text, false); }

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    if (white_space(next_code_point(text, position))) continue;
    if (begin > start) begin = start;
    end = position;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::u32string code_points(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = next_code_point(text, position);
    points += code_point == kNotUtf8 ? kReplacement : code_point;
  }
  return points;
}

}  // namespace songsong
