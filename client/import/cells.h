// Cells: what is written in a list becomes the value of a field.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "client/import/profiles.h"
#include "client/import/sheet.h"
#include "shared/core/policy.h"
#include "shared/core/unit_tree.h"
#include "shared/core/value.h"

namespace songsong {

// Units by code and, where a name is one unit's only, by folded name.
class UnitsByName {
 public:
  // Those of the tree that lie in the scope. An empty tree (before the first sync) knows nothing, and takes any code;
  // a name, which it cannot know, is then taken for the unit that was named for the whole list, if there is one.
  UnitsByName(const UnitTree& tree, const std::vector<std::string>& scope, std::string named = {});
  std::optional<std::string> code_of(const std::string& text) const;

 private:
  bool knows_nothing_ = false;
  std::string named_;
  std::map<std::string, std::string> codes_;  // folded key → code; empty where several have it
  std::map<std::string, std::string> names_;
};

// The text in NFC, inner runs of white space made one, none at the ends.
std::string tidy(std::string_view text);

// None for an empty cell. Faults: those of parse_value, "cell_error".
Outcome<Value> read_cell(const SheetCell& cell, const KindPolicy& kind, const FieldPolicy& field,
                         const UnitsByName& units);

}  // namespace songsong
