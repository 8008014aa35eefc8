// Layers: checks that every include in the tree is one that layers.txt allows.
//
// Pure functions of texts, but for read_tree. Rules that contradict themselves throw std::invalid_argument with the
// line: they are part of the program, not input from outside. Breaches ascend by file and line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace songsong::house {

struct Layer {
  std::string folder;
  std::set<std::string> uses;  // folders of layers declared before it, and itself
};

// Headers that only some places (home), or all but some places (never), may include.
struct HeaderRule {
  std::vector<std::string> headers;
  std::vector<std::string> places;
  std::size_t line = 0;
};

struct Rules {
  std::vector<Layer> layers;
  std::vector<HeaderRule> homes;
  std::vector<HeaderRule> nevers;
  std::vector<std::string> outside;
};

// The grammar stands at the top of layers.txt.
Rules parse_rules(std::string_view text);

// Path from the root of the repository, with slashes, to content.
using SourceTree = std::map<std::string, std::string>;

// Every source (C++, C, protobuf) below the root; hidden folders and those that the rules leave out are not entered.
SourceTree read_tree(const std::filesystem::path& root, const Rules& rules);

enum class Law {
  kLayer,     // every source lies in a layer
  kSpelling,  // .h, .cc, .c and .proto are the names of sources
  kComment,   // a header begins with a comment that says what it is
  kRooted,    // an include of ours is in quotes, from the root of the repository, and names a file that is there
  kEdge,      // a layer includes only the layers that it may use
  kHome,      // a third party is included only in its home
  kNever,     // what a place may not include at all
  kTest,      // sources include no tests
};

struct Breach {
  std::string file;
  std::size_t line = 0;  // from 1
  Law law{};
  std::string what;  // names the edge and the rule that it breaks

  bool operator==(const Breach&) const = default;
};

std::vector<Breach> check(const Rules& rules, const SourceTree& tree);

// "shared/core/merge.cc:12: server/http.h: ..."
std::string to_text(const Breach& breach);

}  // namespace songsong::house
