#include "tests/house/includes.h"

#include <cctype>

namespace songsong::house {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Walks a text once, past comments and literals, and stops at what lies outside them.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::size_t line() const { return line_; }

  char take() {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    return c;
  }

  void skip_spaces() {
    while (!done() && (peek() == ' ' || peek() == '\t')) take();
  }

  std::string take_word() {
    std::string word;
    while (!done() && is_word(peek())) word += take();
    return word;
  }

  std::string take_until(char end) {
    std::string taken;
    while (!done() && peek() != end && peek() != '\n') taken += take();
    return taken;
  }

  bool skip_comment() {
    if (peek() == '/' && peek(1) == '/') {
      take_until('\n');
      return true;
    }
    if (peek() != '/' || peek(1) != '*') return false;
    skip_past("*/", 2);
    return true;
  }

  bool skip_literal() {
    if (peek() == '\'' && !in_number()) return skip_quoted();
    if (peek() != '"') return false;
    if (at_ == 0 || text_[at_ - 1] != 'R') return skip_quoted();
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return skip_quoted();
    return skip_past(")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"", 1);
  }

 private:
  // The mark of 1'000'000 opens no literal; that of L'x' does.
  bool in_number() const {
    std::size_t start = at_;
    while (start > 0 && (is_word(text_[start - 1]) || text_[start - 1] == '\'')) --start;
    return start < at_ && std::isdigit(static_cast<unsigned char>(text_[start])) != 0;
  }

  bool skip_quoted() {
    const char mark = take();
    while (!done() && peek() != mark && peek() != '\n') {
      if (take() == '\\' && !done()) take();
    }
    if (!done()) take();
    return true;
  }

  bool skip_past(const std::string& end, std::size_t opening) {
    const std::size_t found = text_.find(end, at_ + opening);
    const std::size_t past = found == std::string_view::npos ? text_.size() : found + end.size();
    while (at_ < past) take();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// Stands on what follows `include`.
Include take_name(Scanner& scanner) {
  Include found;
  found.line = scanner.line();
  const char open = scanner.peek();
  if (open != '"' && open != '\'' && open != '<') {
    found.mark = '?';
    found.header = scanner.take_word();
    return found;
  }
  found.mark = open == '<' ? '<' : '"';
  scanner.take();
  found.header = scanner.take_until(open == '<' ? '>' : open);
  if (!scanner.done() && scanner.peek() != '\n') scanner.take();
  return found;
}

bool is_include(const std::string& word) { return word == "include" || word == "include_next" || word == "import"; }

}  // namespace

std::vector<Include> includes_of_source(std::string_view text) {
  std::vector<Include> found;
  Scanner scanner(text);
  bool line_start = true;
  while (!scanner.done()) {
    if (scanner.skip_comment()) continue;
    if (scanner.skip_literal()) {
      line_start = false;
      continue;
    }
    const char c = scanner.take();
    if (c == '#' && line_start) {
      scanner.skip_spaces();
      const bool include = is_include(scanner.take_word());
      scanner.skip_spaces();
      if (include) found.push_back(take_name(scanner));
    }
    line_start = c == '\n' || (line_start && std::isspace(static_cast<unsigned char>(c)) != 0);
  }
  return found;
}

std::vector<Include> includes_of_proto(std::string_view text) {
  std::vector<Include> found;
  Scanner scanner(text);
  bool statement_start = true;
  while (!scanner.done()) {
    if (scanner.skip_comment()) continue;
    if (statement_start && is_word(scanner.peek())) {
      statement_start = false;
      if (scanner.take_word() != "import") continue;
      scanner.skip_spaces();
      if (is_word(scanner.peek())) scanner.take_word();
      scanner.skip_spaces();
      found.push_back(take_name(scanner));
      continue;
    }
    if (scanner.skip_literal()) continue;
    const char c = scanner.take();
    if (c == ';' || c == '}') statement_start = true;
  }
  return found;
}

bool is_standard_header(std::string_view header) {
  static constexpr std::string_view kStandard =
      " "
      "algorithm any array assert.h atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv "
      "chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine "
      "csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime ctype.h cuchar cwchar cwctype "
      "deque errno.h exception execution fenv.h filesystem float.h format forward_list fstream functional "
      "future initializer_list inttypes.h iomanip ios iosfwd iostream istream iterator latch limits "
      "limits.h list locale locale.h map math.h memory memory_resource mutex new numbers numeric optional "
      "ostream queue random ranges ratio regex scoped_allocator semaphore set setjmp.h shared_mutex "
      "signal.h source_location span sstream stack stdarg.h stdbool.h stddef.h stdexcept stdint.h stdio.h "
      "stdlib.h stop_token streambuf string string.h string_view strstream syncstream system_error thread "
      "time.h tuple type_traits typeindex typeinfo uchar.h unordered_map unordered_set utility valarray "
      "variant vector version wchar.h wctype.h ";
  return header.find(' ') == std::string_view::npos &&
         kStandard.find(" " + std::string(header) + " ") != std::string_view::npos;
}

}  // namespace songsong::house
