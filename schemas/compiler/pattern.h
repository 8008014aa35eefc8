// Whether a field's pattern is a regular expression of ECMAScript. Keeps <regex>, which is large, in one file.
#pragma once

#include <string>

namespace songsong::schemac {

// Why the pattern (valid UTF-8) does not compile; empty when it does. A character is a code point, as in the engine.
std::string pattern_fault(const std::string& pattern);

// In code points.
std::size_t text_length(const std::string& utf8);

}  // namespace songsong::schemac
