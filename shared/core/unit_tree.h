// The tree of units, made of the records of the schema's unit kind.
//
// A unit is named by its code. Where several live records carry one code, the least of them speaks for it. A circle of
// parents, which two offices can make without knowing of each other, is cut by a pure rule: of the circle's edges the
// one written last (greatest time, then name) does not hold, and its unit hangs from nothing; that is a case for a
// person.
//
// A value type; pure functions of the records.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/records.h"

namespace songsong {

struct Unit {
  std::string code;
  std::string name;
  std::string level;
  std::string parent;          // as written; empty at the root
  std::int64_t parent_ms = 0;  // when the parent was written, and by which change
  Name parent_by;
  RecordId record;

  bool operator==(const Unit&) const = default;
};

// What a live record of the unit kind says; nothing without a code.
bool read_unit(const Shown& record, const Records& records, Unit& unit);

class UnitTree {
 public:
  UnitTree() = default;
  explicit UnitTree(std::vector<Unit> units);

  const Unit* find(std::string_view code) const;
  // The parent that holds after circles were cut; empty at a root, and for a code that no record declares.
  std::string_view parent(std::string_view code) const;
  // The unit itself, then its parents up to the root. A code that nobody declares is alone.
  std::vector<std::string> path(std::string_view code) const;
  // The unit and all below it, ascending.
  std::vector<std::string> subtree(std::string_view code) const;
  bool within(std::string_view code, std::string_view ancestor) const;
  // Units whose written parent was cut.
  const std::vector<std::string>& cut() const { return cut_; }
  const std::map<std::string, Unit, std::less<>>& units() const { return units_; }

 private:
  std::map<std::string, Unit, std::less<>> units_;
  std::map<std::string, std::string, std::less<>> parents_;
  std::map<std::string, std::vector<std::string>, std::less<>> children_;
  std::vector<std::string> cut_;
};

}  // namespace songsong
