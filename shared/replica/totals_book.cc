#include "shared/replica/totals_book.h"

#include <set>
#include <utility>

namespace songsong {
namespace {

constexpr std::size_t kTotalsPage = 1000;

Cells in_unit(Cells cells, const std::string& unit) {
  for (Cell& cell : cells) cell.unit = unit;
  return cells;
}

Cells sum_of(const Cells& one, const Cells& other) {
  Cells all = one;
  all.insert(all.end(), other.begin(), other.end());
  return combined(std::move(all));
}

bool same_tree(const UnitTree& one, const UnitTree& other) {
  if (&one == &other) return true;
  if (one.units().size() != other.units().size()) return false;
  for (const auto& [code, unit] : one.units()) {
    if (other.find(code) == nullptr || one.parent(code) != other.parent(code)) return false;
  }
  return true;
}

}  // namespace

Cells total_in(const UnitTree& tree, const std::string& unit, StoreReader& reader) {
  Cells total;
  for (std::optional<TotalsRow>& row : reader.totals(tree.subtree(unit))) {
    if (!row) continue;
    for (Cell& cell : row->own) {
      cell.unit = unit;
      total.push_back(std::move(cell));
    }
  }
  return combined(std::move(total));
}

void TotalsBook::post(const Cells& cells, std::int64_t sign) {
  for (const Cell& cell : cells) {
    Cells& changes = changes_[cell.unit];
    changes.push_back(cell);
    changes.back().count *= sign;
  }
}

std::vector<TotalsRow> TotalsBook::rows(const UnitTree& before, const UnitTree& after, StoreReader& reader) const {
  return same_tree(before, after) ? rows_in(after, reader) : rows_anew(after, reader);
}

std::vector<TotalsRow> TotalsBook::rows_in(const UnitTree& tree, StoreReader& reader) const {
  std::map<std::string, std::pair<Cells, Cells>> by_unit;  // what its own records add, what its subtree adds
  for (const auto& [unit, changes] : changes_) {
    const Cells own = combined(changes);
    if (own.empty()) continue;
    by_unit[unit].first = own;
    for (const std::string& above : tree.path(unit)) {
      const Cells moved = in_unit(own, above);
      Cells& subtree = by_unit[above].second;
      subtree.insert(subtree.end(), moved.begin(), moved.end());
    }
  }
  std::vector<std::string> units;
  for (const auto& [unit, added] : by_unit) units.push_back(unit);
  std::vector<std::optional<TotalsRow>> stored = reader.totals(units);
  std::vector<TotalsRow> rows;
  for (std::size_t i = 0; i < units.size(); ++i) {
    TotalsRow row = stored[i].value_or(TotalsRow{.unit = units[i], .own = {}, .subtree = {}});
    row.own = sum_of(row.own, by_unit[units[i]].first);
    row.subtree = sum_of(row.subtree, by_unit[units[i]].second);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<TotalsRow> TotalsBook::rows_anew(const UnitTree& tree, StoreReader& reader) const {
  std::map<std::string, TotalsRow> all;
  std::string after;
  for (;;) {
    std::vector<TotalsRow> page = reader.all_totals(after, kTotalsPage);
    if (page.empty()) break;
    after = page.back().unit;
    for (TotalsRow& row : page) {
      row.subtree.clear();
      std::string unit = row.unit;
      all.emplace(std::move(unit), std::move(row));
    }
  }
  for (const auto& [unit, changes] : changes_) {
    TotalsRow& row = all.try_emplace(unit, TotalsRow{.unit = unit, .own = {}, .subtree = {}}).first->second;
    row.own = sum_of(row.own, combined(changes));
  }
  std::map<std::string, Cells> subtrees;
  for (const auto& [unit, row] : all) {
    for (const std::string& above : tree.path(unit)) {
      const Cells moved = in_unit(row.own, above);
      Cells& subtree = subtrees[above];
      subtree.insert(subtree.end(), moved.begin(), moved.end());
    }
  }
  for (auto& [unit, cells] : subtrees) {
    all.try_emplace(unit, TotalsRow{.unit = unit, .own = {}, .subtree = {}}).first->second.subtree =
        combined(std::move(cells));
  }
  std::vector<TotalsRow> rows;
  for (auto& [unit, row] : all) rows.push_back(std::move(row));
  return rows;
}

}  // namespace songsong
