// weave: writes a copy of a source file in which the mistakes of mistakes.txt can be switched on at run time. No
// product is ever built from such a copy.
//
//   weave MISTAKES SOURCE TARGET [NAME-IN-MISTAKES]
//
// Exit code 1, with the mistake's name, if what is right does not stand in the source exactly once; white space aside.
#include <cctype>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Mistake {
  int number = 0;
  std::string name;
  std::string file;
  std::string right;
  std::string wrong;
};

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Mistake> read_mistakes(const std::string& path) {
  std::vector<Mistake> all;
  std::istringstream lines(contents(path));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? std::string() : line.substr(space + 1);
    if (word == "mistake") {
      all.push_back({.number = static_cast<int>(all.size()) + 1, .name = rest, .file = {}, .right = {}, .wrong = {}});
    } else if (!all.empty()) {
      if (word == "in") all.back().file = rest;
      if (word == "right") all.back().right += rest + "\n";
      if (word == "wrong") all.back().wrong += rest + "\n";
    }
  }
  return all;
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Where the text ends that stands at `from`, white space aside; nothing where another stands.
std::optional<std::size_t> ends_at(const std::string& source, std::size_t from, const std::string& text) {
  std::size_t at = from;
  for (const char c : text) {
    if (is_space(c)) continue;
    while (at < source.size() && is_space(source[at])) ++at;
    if (at == source.size() || source[at] != c) return std::nullopt;
    ++at;
  }
  return at;
}

std::vector<std::pair<std::size_t, std::size_t>> places(const std::string& source, const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t from = 0; from < source.size(); ++from) {
    if (is_space(source[from])) continue;
    if (const auto end = ends_at(source, from, text)) found.emplace_back(from, *end);
  }
  return found;
}

// A statement is chosen by `if`, an expression by `?`.
std::string either(const Mistake& mistake, const std::string& right) {
  const std::string is_on = "::songsong::mistaken(" + std::to_string(mistake.number) + ")";
  if (right.back() == ';' || right.back() == '}')
    return "if (" + is_on + ") { " + mistake.wrong + " } else { " + right + " }";
  return "(" + is_on + " ? (" + mistake.wrong + ") : (" + right + "))";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  std::string source = contents(argv[2]);
  for (const Mistake& mistake : read_mistakes(argv[1])) {
    if (mistake.file != argv[4]) continue;
    const auto found = places(source, mistake.right);
    if (found.size() != 1) {
      std::fprintf(stderr, "weave: %s: what is right stands %zu times in %s\n", mistake.name.c_str(), found.size(),
                   argv[4]);
      return 1;
    }
    const auto [from, end] = found.front();
    source.replace(from, end - from, either(mistake, source.substr(from, end - from)));
  }
  std::ofstream target(argv[3]);
  target << "#include \"tests/simulation/mistakes/mistaken.h\"\n#line 1 \"" << argv[4] << "\"\n" << source;
  return target.good() ? 0 : 1;
}
