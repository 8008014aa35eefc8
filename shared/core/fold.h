// Fold: texts as they are stored (NFC) and as they are searched and compared (folded).
//
// Stored text is Unicode NFC, made so once, before a change is saved. A folded text is a search key: lower case,
// without tone and vowel marks, đ as d, words separated by single spaces; so "nguyen", "NGUYỄN" and "Nguyễn" all fold
// to "nguyen". Both sides of a search are folded, which makes it match both ways.
//
// Pure functions; any number of threads. Nothing depends on the locale. The Unicode data are utf8proc's: stores that
// compare folded keys of characters younger than its Unicode version need the same version of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong {

// A text beyond this, before or after normalising, is refused: it could not be part of a change (kMaxValueBytes).
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;
// More combining marks than this on one letter are refused: no language needs them, and putting them in order takes
// time that grows with the square of their number. The number is that of the Stream-Safe Text Format, Unicode UAX #15.
inline constexpr std::size_t kMaxCombiningRun = 30;

// The text in NFC. Faults, with the byte in `where`: text_too_long, text_not_utf8 (also surrogates and overlong forms),
// text_control_character (any but newline and tab), text_too_many_marks.
Outcome<std::string> to_nfc(std::string_view text);

// The search key of a text. Each code point is taken by itself: decomposed (NFD), then letters and digits are kept in
// lower case, combining marks and invisible format characters vanish, and a run of anything else (spaces, punctuation,
// symbols, bytes that are not UTF-8) becomes one space, none at the ends. Ð and Ɖ, which lists converted from older
// encodings have for Đ, fold to d too. Folding a key again changes nothing. Never fails.
std::string fold(std::string_view text);

// The same without any space: for match keys and for claims of codes, where "AB-12 34" is "ab1234". May be empty for a
// text of punctuation only ("-"), and an empty key asks for nothing and matches nothing.
std::string fold_key(std::string_view text);

// Without white space (of any script) at both ends. A part of the given text: it must live as long. NFC stays NFC.
std::string_view trimmed(std::string_view text);

// How many code points a UTF-8 text has, and which; a byte that begins none is U+FFFD.
std::size_t count_code_points(std::string_view text);
std::u32string code_points(std::string_view text);

}  // namespace songsong
