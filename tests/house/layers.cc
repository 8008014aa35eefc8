#include "tests/house/layers.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/house/includes.h"

namespace songsong::house {
namespace {

constexpr std::array kSourceEndings = {".h", ".cc", ".c", ".proto"};
constexpr std::array kMisspelledEndings = {".hh",  ".hpp", ".hxx", ".inl",  ".ipp",
                                           ".tcc", ".cpp", ".cxx", ".cppm", ".C"};

bool ends_in(std::string_view path, std::span<const char* const> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

// * is any characters but a slash; a slash at the end is all below.
bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern == "/" && name.starts_with('/')) return true;
  if (pattern.front() != '*') {
    return !name.empty() && name.front() == pattern.front() && matches(pattern.substr(1), name.substr(1));
  }
  for (std::size_t taken = 0; taken <= name.size(); ++taken) {
    if (matches(pattern.substr(1), name.substr(taken))) return true;
    if (taken < name.size() && name[taken] == '/') return false;
  }
  return false;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return matches(pattern, name); });
}

std::string joined(const auto& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

[[noreturn]] void refuse(std::size_t line, const std::string& what) {
  throw std::invalid_argument("layers.txt:" + std::to_string(line) + ": " + what);
}

void add_layer(Rules& rules, const std::vector<std::string>& before, const std::vector<std::string>& after,
               std::size_t line) {
  if (before.size() != 1) refuse(line, "a layer is one folder");
  const auto declared = [&](const std::string& folder) {
    return std::any_of(rules.layers.begin(), rules.layers.end(), [&](const auto& l) { return l.folder == folder; });
  };
  if (declared(before[0])) refuse(line, before[0] + " is declared twice");
  Layer layer{before[0], {before[0]}};
  for (const std::string& used : after) {
    if (!declared(used)) refuse(line, used + " is no layer declared above");
    layer.uses.insert(used);
  }
  rules.layers.push_back(std::move(layer));
}

void add_rule(Rules& rules, const std::string& line_text, std::size_t line) {
  const std::size_t colon = line_text.find(':');
  std::vector<std::string> before = words_of(std::string_view(line_text).substr(0, colon));
  if (before.empty()) return;
  const std::string keyword = before.front();
  before.erase(before.begin());
  if (keyword == "outside" && colon == std::string::npos) {
    rules.outside.insert(rules.outside.end(), before.begin(), before.end());
    return;
  }
  if (colon == std::string::npos) refuse(line, "a rule has a colon");
  const std::vector<std::string> after = words_of(std::string_view(line_text).substr(colon + 1));
  if (keyword == "layer") return add_layer(rules, before, after, line);
  if (keyword != "home" && keyword != "never") refuse(line, "unknown rule " + keyword);
  if (before.empty() || after.empty()) refuse(line, keyword + " needs a header and a place");
  (keyword == "home" ? rules.homes : rules.nevers).push_back({before, after, line});
}

class Checker {
 public:
  Checker(const Rules& rules, const SourceTree& tree) : rules_(rules), tree_(tree) {}

  std::vector<Breach> run() {
    for (const auto& [path, text] : tree_) check_file(path, text);
    return std::move(breaches_);
  }

 private:
  const Layer* layer_of(std::string_view path) const {
    const Layer* longest = nullptr;
    for (const Layer& layer : rules_.layers) {
      if (!path.starts_with(layer.folder + "/")) continue;
      if (longest == nullptr || layer.folder.size() > longest->folder.size()) longest = &layer;
    }
    return longest;
  }

  void check_file(const std::string& path, const std::string& text) {
    file_ = path;
    line_ = 1;
    if (ends_in(path, kMisspelledEndings)) breach(Law::kSpelling, "sources end in .h, .cc, .c or .proto");
    layer_ = layer_of(path);
    if (layer_ == nullptr) return breach(Law::kLayer, "lies in no layer of layers.txt");
    const bool proto = path.ends_with(".proto");
    if (path.ends_with(".h") && !text.starts_with("//") && !text.starts_with("/*")) {
      breach(Law::kComment, "a header begins with a comment that says what it is");
    }
    for (const Include& include : proto ? includes_of_proto(text) : includes_of_source(text)) {
      line_ = include.line;
      check_include(include);
    }
  }

  void check_include(const Include& include) {
    const std::string& header = include.header;
    if (include.mark == '?') return breach(Law::kRooted, header + ": an include is written out, not a macro");
    if (header.starts_with("tests/") || header.ends_with("_test.h") || header.starts_with("catch2/")) {
      return breach(Law::kTest, header + ": a source includes no test");
    }
    for (const HeaderRule& never : rules_.nevers) {
      if (matches_any(never.headers, header) && matches_any(never.places, file_)) {
        breach(Law::kNever, header + ": never in " + joined(never.places) + rule_at(never));
      }
    }
    const bool of_protobuf = file_.ends_with(".proto") && header.starts_with("google/protobuf/");
    if (include.mark == '<' || of_protobuf) return check_third_party(header);
    check_ours(header);
  }

  void check_third_party(const std::string& header) {
    if (layer_of(header) != nullptr) return breach(Law::kRooted, "<" + header + ">: our own stand in quotes");
    if (is_standard_header(header)) return;
    std::string homes;
    for (const HeaderRule& home : rules_.homes) {
      if (!matches_any(home.headers, header)) continue;
      if (matches_any(home.places, file_)) return;
      homes += " " + joined(home.places) + rule_at(home);
    }
    breach(Law::kHome, "<" + header + ">: " + (homes.empty() ? "has no home in layers.txt" : "its home is" + homes));
  }

  void check_ours(const std::string& header) {
    const Layer* reached = layer_of(header);
    if (reached == nullptr || header.find("./") != std::string::npos) {
      return breach(Law::kRooted, header + ": an include is rooted at the repository, as \"shared/core/name.h\" is");
    }
    if (!stands(header)) return breach(Law::kRooted, header + ": there is no such file");
    if (layer_->uses.contains(reached->folder)) return;
    breach(Law::kEdge, header + ": " + layer_->folder + " may not include " + reached->folder + " (it may include " +
                           joined(layer_->uses) + ")");
  }

  // As a file, or as what protoc makes of one.
  bool stands(const std::string& header) const {
    if (tree_.contains(header)) return true;
    constexpr std::string_view kGenerated = ".pb.h";
    return header.ends_with(kGenerated) &&
           tree_.contains(header.substr(0, header.size() - kGenerated.size()) + ".proto");
  }

  static std::string rule_at(const HeaderRule& rule) { return " (layers.txt:" + std::to_string(rule.line) + ")"; }

  void breach(Law law, std::string what) { breaches_.push_back({file_, line_, law, std::move(what)}); }

  const Rules& rules_;
  const SourceTree& tree_;
  std::vector<Breach> breaches_;
  std::string file_;
  std::size_t line_ = 1;
  const Layer* layer_ = nullptr;
};

}  // namespace

Rules parse_rules(std::string_view text) {
  Rules rules;
  std::istringstream lines{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) add_rule(rules, line.substr(0, line.find('#')), ++number);
  return rules;
}

SourceTree read_tree(const std::filesystem::path& root, const Rules& rules) {
  SourceTree tree;
  for (auto entry = std::filesystem::recursive_directory_iterator(root); entry != end(entry); ++entry) {
    const std::string path = entry->path().lexically_relative(root).generic_string();
    if (entry->is_directory()) {
      const bool hidden = entry->path().filename().string().starts_with('.');
      if (hidden || matches_any(rules.outside, path + "/")) entry.disable_recursion_pending();
      continue;
    }
    if (!ends_in(path, kSourceEndings) && !ends_in(path, kMisspelledEndings)) continue;
    std::ifstream file(entry->path(), std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    tree[path] = {std::istreambuf_iterator<char>(file), {}};
  }
  return tree;
}

std::vector<Breach> check(const Rules& rules, const SourceTree& tree) { return Checker(rules, tree).run(); }

std::string to_text(const Breach& breach) {
  return breach.file + ":" + std::to_string(breach.line) + ": " + breach.what;
}

}  // namespace songsong::house
