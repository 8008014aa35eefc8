#include "schemas/compiler/pattern.h"

// g++ 12 takes members of libstdc++'s own automaton for uninitialised once they are inlined with sanitizers on.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <locale>
#include <regex>

namespace songsong::schemac {
namespace {

// As the engine compiles it (shared/core/pattern.cc): without references back to a group.
#ifdef __GLIBCXX__
constexpr auto kSyntax = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;
#else
constexpr auto kSyntax = std::regex_constants::ECMAScript;
#endif

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u; }

// protoc has checked that option texts are UTF-8.
std::wstring widened(const std::string& utf8) {
  std::wstring wide;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if (continues(c) && !wide.empty()) {
      wide.back() = static_cast<wchar_t>((static_cast<unsigned>(wide.back()) << 6) | (byte & 0x3Fu));
      continue;
    }
    const unsigned payload = byte < 0x80u   ? byte
                             : byte < 0xE0u ? byte & 0x1Fu
                             : byte < 0xF0u ? byte & 0x0Fu
                                            : byte & 7u;
    wide += static_cast<wchar_t>(payload);
  }
  return wide;
}

}  // namespace

std::string pattern_fault(const std::string& pattern) {
  try {
    std::wregex regex;
    regex.imbue(std::locale::classic());
    regex.assign(widened(pattern), kSyntax);
    return "";
  } catch (const std::regex_error& error) {
    return error.what();
  }
}

std::size_t text_length(const std::string& utf8) { return widened(utf8).size(); }

}  // namespace songsong::schemac
