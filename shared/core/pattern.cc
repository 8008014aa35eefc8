#include "shared/core/pattern.h"

// g++ 12 takes members of libstdc++'s own automaton for uninitialised once they are inlined with sanitizers on.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <algorithm>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/limits.h"
#include "shared/core/fold.h"

namespace songsong {
namespace {

static_assert(sizeof(wchar_t) >= sizeof(char32_t), "a wide character has to hold any code point");

constexpr std::size_t kMaxBytesPerCodePoint = 4;

// Nothing for a text that is too long, or not UTF-8 in a form that could be stored.
std::optional<std::wstring> widened(std::string_view text, std::size_t longest) {
  if (text.size() > longest * kMaxBytesPerCodePoint || !to_nfc(text)) return std::nullopt;
  const std::u32string points = code_points(text);
  if (points.size() > longest) return std::nullopt;
  return std::wstring(points.begin(), points.end());
}

// libstdc++ follows every way to match one after the other, whose number may double with each character, unless it is
// told to follow all of them at once. Patterns that refer back to a group cannot be matched so, and are malformed
// there; libc++ gives up by itself what takes too long.
#ifdef __GLIBCXX__
constexpr auto kSyntax = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;
#else
constexpr auto kSyntax = std::regex_constants::ECMAScript;
#endif

// libstdc++ adds the digits of a number up without asking how many there are.
bool has_long_number(std::wstring_view pattern) {
  constexpr std::size_t kMostDigits = 4;
  std::size_t digits = 0;
  bool counts = false;  // they say how often, or which group
  wchar_t before = 0;
  for (const wchar_t each : pattern) {
    const bool digit = each >= L'0' && each <= L'9';
    if (digit && digits++ == 0) counts = before == L'{' || before == L',' || before == L'\\';
    if (!digit) digits = 0;
    if (counts && digits > kMostDigits) return true;
    before = each;
  }
  return false;
}

Fault malformed() { return {"pattern_malformed", "", "The pattern is not a regular expression of ECMAScript."}; }

}  // namespace

struct Pattern::Compiled {
  std::wregex regex;
};

Pattern::Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

Outcome<Pattern> Pattern::compile(std::string_view pattern) {
  const std::optional<std::wstring> wide = widened(pattern, schema::kMaxPatternLength);
  if (!wide || has_long_number(*wide)) return malformed();
  auto compiled = std::make_shared<Compiled>();
  // What the process calls its locale must not change what a pattern means.
  compiled->regex.imbue(std::wregex::locale_type::classic());
  try {
    compiled->regex.assign(*wide, kSyntax);
  } catch (const std::regex_error&) {
    return malformed();
  }
  return Pattern(std::move(compiled));
}

bool Pattern::matches(std::string_view text) const {
  const std::optional<std::wstring> wide = widened(text, schema::kMaxPatternedText);
  if (!wide) return false;
  try {
    return std::regex_match(*wide, compiled_->regex);
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace songsong
