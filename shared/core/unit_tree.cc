#include "shared/core/unit_tree.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace songsong {
namespace {

std::string text_of(const Records& records, const Shown& record, FieldNumber field) {
  const Value* const value = field != 0 ? records.value(record, field) : nullptr;
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

}  // namespace

bool read_unit(const Shown& record, const Records& records, Unit& unit) {
  if (!record.live || record.kind == nullptr || !record.kind->has_unit_tree()) return false;
  const policy::UnitTreeRule& rule = record.kind->unit_tree();
  unit = Unit{.code = text_of(records, record, rule.code()),
              .name = text_of(records, record, rule.name()),
              .level = text_of(records, record, rule.level()),
              .parent = text_of(records, record, rule.parent()),
              .parent_ms = 0,
              .parent_by = {},
              .record = record.id()};
  for (const ShownField& field : record.fields) {
    if (field.field != rule.parent() || field.head == nullptr) continue;
    unit.parent_ms = field.head->captured_ms;
    unit.parent_by = field.head->name;
  }
  return !unit.code.empty();
}

UnitTree::UnitTree(std::vector<Unit> units) {
  std::sort(units.begin(), units.end(), [](const Unit& one, const Unit& other) {
    return std::tie(one.code, one.record) < std::tie(other.code, other.record);
  });
  for (Unit& unit : units) {
    std::string code = unit.code;
    units_.emplace(std::move(code), std::move(unit));  // the least record came first and stays
  }
  for (const auto& [code, unit] : units_) {
    if (units_.contains(unit.parent)) parents_[code] = unit.parent;
  }
  // Each unit has one parent, so circles do not cross: walk up from every unit that no walk has passed.
  std::set<std::string, std::less<>> done;
  for (const auto& [start, unit] : units_) {
    std::vector<std::string> walk;
    std::set<std::string, std::less<>> on_walk;
    std::string at = start;
    while (!done.contains(at) && on_walk.insert(at).second) {
      walk.push_back(at);
      const auto up = parents_.find(at);
      if (up == parents_.end()) break;
      at = up->second;
    }
    const auto circle = std::find(walk.begin(), walk.end(), at);
    const bool closed = circle != walk.end() && parents_.contains(walk.back()) && parents_.at(walk.back()) == at;
    if (closed && !done.contains(at)) {
      const auto written = [this](const std::string& code) {
        const Unit& each = units_.find(code)->second;
        return std::tie(each.parent_ms, each.parent_by, each.code);
      };
      const auto last = std::max_element(
          circle, walk.end(), [&](const auto& one, const auto& other) { return written(one) < written(other); });
      cut_.push_back(*last);
      parents_.erase(*last);
    }
    done.insert(walk.begin(), walk.end());
  }
  std::sort(cut_.begin(), cut_.end());
  for (const auto& [code, parent] : parents_) children_[parent].push_back(code);
}

const Unit* UnitTree::find(std::string_view code) const {
  const auto found = units_.find(code);
  return found == units_.end() ? nullptr : &found->second;
}

std::string_view UnitTree::parent(std::string_view code) const {
  const auto found = parents_.find(code);
  return found == parents_.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> UnitTree::path(std::string_view code) const {
  std::vector<std::string> codes{std::string(code)};
  for (std::string_view up = parent(code); !up.empty(); up = parent(up)) codes.emplace_back(up);
  return codes;
}

std::vector<std::string> UnitTree::subtree(std::string_view code) const {
  std::vector<std::string> codes{std::string(code)};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto below = children_.find(codes[i]);
    if (below != children_.end()) codes.insert(codes.end(), below->second.begin(), below->second.end());
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

bool UnitTree::within(std::string_view code, std::string_view ancestor) const {
  for (std::string_view at = code; !at.empty(); at = parent(at)) {
    if (at == ancestor) return true;
  }
  return false;
}

}  // namespace songsong
