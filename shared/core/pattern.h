// Pattern: a regular expression of ECMAScript that a whole text has to match, as a field's `pattern` declares it.
// Both are bounded by schemas/limits.h, for the matcher of some standard libraries takes stack for every character.
//
// A class or a point stands for a code point, not for a byte; upper and lower case differ; nothing depends on the
// locale. Compiled once and read-only afterwards, so any number of threads may share one; copies share what was
// compiled.
#pragma once

#include <memory>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong {

class Pattern {
 public:
  // Faults: pattern_malformed, also for one beyond kMaxPatternLength, not UTF-8, or with a number of more than four
  // digits after a brace, a comma or a backslash.
  static Outcome<Pattern> compile(std::string_view pattern);

  // False for a text that is longer than kMaxPatternedText, is not UTF-8, or that proves too costly to match.
  bool matches(std::string_view text) const;

 private:
  struct Compiled;  // keeps <regex>, which is large, in one file

  explicit Pattern(std::shared_ptr<const Compiled> compiled);

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace songsong
