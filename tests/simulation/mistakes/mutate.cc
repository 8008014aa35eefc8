// mutate: mechanical mutants of source files, one small change each: a comparison turned, `and` for `or`, a number, a
// sign, a statement left out. What is in comments, texts and preprocessor lines stays.
//
//   mutate list FILE...             one line each: NUMBER <tab> FILE:LINE <tab> WHAT <tab> the line as it was
//   mutate apply NUMBER TARGET FILE...   writes the changed copy of that mutant's file to TARGET, and prints its line
//
// A mutant is known by file, line text and what was changed, so that explanations outlive changes elsewhere in the
// file.
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Mutant {
  std::size_t line = 0;  // from 0
  std::size_t from = 0;
  std::size_t size = 0;
  std::string with;
  std::string what;
};

struct Swap {
  std::string_view right;
  std::string_view wrong;
};

// The formatter writes blanks around an operator, and none around the brackets of a template.
constexpr std::array kSwaps{Swap{" < ", " <= "},
                            Swap{" <= ", " < "},
                            Swap{" > ", " >= "},
                            Swap{" >= ", " > "},
                            Swap{" == ", " != "},
                            Swap{" != ", " == "},
                            Swap{" && ", " || "},
                            Swap{" || ", " && "},
                            Swap{" + ", " - "},
                            Swap{" - ", " + "},
                            Swap{" += ", " -= "},
                            Swap{"true", "false"},
                            Swap{"false", "true"},
                            Swap{"std::min", "std::max"},
                            Swap{"std::max", "std::min"},
                            Swap{"all_of", "any_of"},
                            Swap{"any_of", "all_of"},
                            Swap{"continue;", "break;"},
                            Swap{"lower_bound", "upper_bound"}};

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Code alone: texts and comments become blanks of the same length.
std::string code_of(const std::string& line) {
  std::string code = line;
  if (!code.empty() && code.front() == '#') return std::string(code.size(), ' ');
  char quote = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (quote == 0 && code.compare(i, 2, "//") == 0) {
      for (; i < code.size(); ++i) code[i] = ' ';
    } else if (quote == 0 && (code[i] == '"' || (code[i] == '\'' &&
                                                 (i == 0 || !std::isalnum(static_cast<unsigned char>(code[i - 1])))))) {
      quote = code[i];
      code[i] = ' ';
    } else if (quote != 0) {
      const bool ends = code[i] == quote;
      if (code[i] == '\\' && i + 1 < code.size()) code[i++] = ' ';
      code[i] = ' ';
      if (ends) quote = 0;
    }
  }
  return code;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Neither declares nor returns, stands on one line, and does something.
bool is_statement(const std::string& code) {
  const std::size_t from = code.find_first_not_of(' ');
  if (from == std::string::npos || from < 2 || !code.ends_with(';')) return false;
  const std::string_view text = std::string_view(code).substr(from);
  if (text.find('(') == std::string_view::npos && text.find(" = ") == std::string_view::npos) return false;
  for (const std::string_view word : {"return", "const ", "using ", "for ", "if ", "else", "while ", "case ", "static",
                                      "auto ", "constexpr", "break", "continue", "}", "."}) {
    if (text.starts_with(word)) return false;
  }
  // "Type name..." declares: two words in a row.
  std::size_t at = 0;
  while (at < text.size() && (is_word(text[at]) || text[at] == ':' || text[at] == '<' || text[at] == '>' ||
                              text[at] == '&' || text[at] == '*'))
    ++at;
  if (at + 1 < text.size() && text[at] == ' ' && is_word(text[at + 1])) return false;
  int open = 0;
  for (const char c : text) open += c == '(' ? 1 : c == ')' ? -1 : 0;
  return open == 0;
}

void find_in(const std::string& line, std::size_t number, std::vector<Mutant>& all) {
  const std::string code = code_of(line);
  for (const Swap& swap : kSwaps) {
    for (std::size_t at = code.find(swap.right); at != std::string::npos; at = code.find(swap.right, at + 1)) {
      const bool word = is_word(swap.right.front());
      if (word && at > 0 && (is_word(code[at - 1]))) continue;
      if (word && is_word(swap.right.back()) && at + swap.right.size() < code.size() &&
          is_word(code[at + swap.right.size()]))
        continue;
      all.push_back({number, at, swap.right.size(), std::string(swap.wrong),
                     std::string(swap.right) + "->" + std::string(swap.wrong)});
    }
  }
  for (std::size_t at = 0; at < code.size(); ++at) {
    const bool alone =
        (at == 0 || (!is_word(code[at - 1]) && code[at - 1] != '.')) &&
        (at + 1 == code.size() || (!is_word(code[at + 1]) && code[at + 1] != '.' && code[at + 1] != '\''));
    if (code[at] == '0' && alone) all.push_back({number, at, 1, "1", "0->1"});
    if (code[at] == '1' && alone) all.push_back({number, at, 1, "0", "1->0"});
    const bool negates =
        code[at] == '!' && at + 1 < code.size() && code[at + 1] != '=' && (at == 0 || code[at - 1] != '=');
    if (negates) all.push_back({number, at, 1, "", "!->"});
  }
  if (is_statement(code)) {
    const std::size_t from = code.find_first_not_of(' ');
    all.push_back({number, from, line.size() - from, ";", "left out"});
  }
}

int list(const std::vector<std::string>& files) {
  std::size_t number = 0;
  for (const std::string& file : files) {
    const std::vector<std::string> lines = lines_of(file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::vector<Mutant> here;
      find_in(lines[i], i, here);
      for (const Mutant& each : here) {
        const std::size_t from = lines[i].find_first_not_of(' ');
        std::printf("%zu\t%s:%zu:%zu\t%s\t%s\n", number++, file.c_str(), i + 1, each.from + 1, each.what.c_str(),
                    lines[i].c_str() + from);
      }
    }
  }
  return 0;
}

int apply(std::size_t wanted, const std::string& target, const std::vector<std::string>& files) {
  std::size_t number = 0;
  for (const std::string& file : files) {
    std::vector<std::string> lines = lines_of(file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::vector<Mutant> here;
      find_in(lines[i], i, here);
      if (wanted >= number + here.size()) {
        number += here.size();
        continue;
      }
      const Mutant& each = here[wanted - number];
      lines[i].replace(each.from, each.size, each.with);
      std::ofstream out(target);
      for (const std::string& line : lines) out << line << '\n';
      std::printf("%s\n", file.c_str());
      return out.good() ? 0 : 1;
    }
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 2 && words[0] == "list") return list({words.begin() + 1, words.end()});
  if (words.size() >= 4 && words[0] == "apply")
    return apply(std::strtoul(words[1].c_str(), nullptr, 10), words[2], {words.begin() + 3, words.end()});
  std::fputs("mutate list FILE... | mutate apply NUMBER TARGET FILE...\n", stderr);
  return 2;
}
