#include "server/totals.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shared/core/civil_time.h"
#include "shared/core/disclosure.h"
#include "shared/core/report.h"
#include "shared/replica/totals_book.h"
#include "shared/replica/unit_trees.h"
#include "shared/sync/scope.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;
constexpr Shard kShard = 0;

// Of several, one that exists on the day.
std::string root_of(const UnitTree& tree, const UnitHistory& history, std::int64_t day) {
  std::string root;
  for (const auto& [code, unit] : tree.units()) {
    if (!tree.parent(code).empty()) continue;
    if (history.dates(code).exists(day)) return code;
    if (root.empty()) root = code;
  }
  return root;
}

// What is withheld of a unit's figures, by the tables that it stands in on the way down from the root.
class Publishing {
 public:
  // Borrows all.
  Publishing(const UnitTree& tree, StoreReader& reader, const Policies& policies, std::int64_t least)
      : tree_(tree), reader_(reader), policies_(policies), least_(least) {}

  Withheld of(const std::string& unit) const {
    const std::vector<std::string> path = tree_.path(unit);  // from the unit up
    const std::string root[] = {path.empty() ? unit : path.back()};
    Withheld withheld = small_in(reports(root), policies_, least_);
    for (std::size_t i = path.size(); i-- > 1;) add(small_below(path[i]), withheld);
    return withheld;
  }
  // Of each that is right below it.
  Withheld below(const std::string& unit) const {
    Withheld withheld = of(unit);
    add(small_below(unit), withheld);
    return withheld;
  }

 private:
  // The table that adds up to the unit's figures: those right below it, and what is its own.
  Withheld small_below(const std::string& unit) const {
    std::vector<std::string> codes;
    for (const auto& [code, child] : tree_.units()) {
      if (tree_.parent(code) == unit) codes.push_back(code);
    }
    std::vector<Report> table = reports(codes);
    const std::string wanted[] = {unit};
    const std::optional<TotalsRow> row = reader_.totals(wanted).front();
    table.push_back(make_report(unit, row ? row->own : Cells(), policies_));
    return small_in(table, policies_, least_);
  }
  std::vector<Report> reports(std::span<const std::string> codes) const {
    std::vector<Report> all;
    const std::vector<std::optional<TotalsRow>> rows = reader_.totals(codes);
    for (std::size_t i = 0; i < rows.size(); ++i)
      all.push_back(make_report(codes[i], rows[i] ? rows[i]->subtree : Cells(), policies_));
    return all;
  }

  const UnitTree& tree_;
  StoreReader& reader_;
  const Policies& policies_;
  const std::int64_t least_;
};

Json labelled(const std::string& name, const schema::Label& label) {
  return Json{{"name", name}, {"vi", label.vi()}, {"en", label.en()}};
}

Json unit_object(const Unit& unit) { return Json{{"code", unit.code}, {"name", unit.name}, {"level", unit.level}}; }

}  // namespace

Outcome<std::optional<TotalsNow>> totals_of(Host& host, const std::string& unit, std::int64_t now_ms,
                                            std::optional<std::int64_t> on, const Audience& audience) {
  std::optional<TotalsNow> now;
  const Policies& policies = host.policies();
  const Outcome<Done> read = host.store().read(kShard, [&](StoreReader& reader) {
    const UnitTrees trees(host.unit_trees(), reader, policies);
    const std::shared_ptr<const UnitTree> tree = on ? trees.on(*on) : trees.now();
    const std::int64_t day = on.value_or(day_in_vietnam(now_ms));
    const std::string code = unit.empty() ? root_of(*tree, *trees.history(), day) : unit;
    const std::string wanted[] = {code};
    const std::optional<TotalsRow> row = reader.totals(wanted).front();
    if (!row && tree->find(code) == nullptr) return;
    Cells cells = row ? row->subtree : Cells();
    if (on) cells = total_in(*tree, code, reader);
    Report report = make_report(code, cells, policies, on);
    if (audience.least_published > 0)
      report = published(std::move(report), Publishing(*tree, reader, policies, audience.least_published).of(code));
    now = TotalsNow{.json = to_json(report, now_ms), .sequence = reader.last_sequence()};
  });
  if (!read) return read.fault();
  return now;
}

Outcome<std::optional<std::string>> unit_json(Host& host, const std::string& unit, std::int64_t now_ms,
                                              std::optional<std::int64_t> on, const Audience& audience) {
  std::optional<std::string> json;
  const Policies& policies = host.policies();
  const Outcome<Done> read = host.store().read(kShard, [&](StoreReader& reader) {
    const UnitTrees trees(host.unit_trees(), reader, policies);
    const std::shared_ptr<const UnitHistory> history = trees.history();
    const std::shared_ptr<const UnitTree> standing = on ? trees.on(*on) : trees.now();
    const UnitTree& tree = *standing;
    const std::int64_t day = on.value_or(day_in_vietnam(now_ms));
    const std::string code = unit.empty() ? root_of(tree, *history, day) : unit;
    const Unit* const found = tree.find(code);
    if (found == nullptr) return;
    Json parents = Json::array(), children = Json::array();
    std::vector<std::string> path = tree.path(code);
    for (std::size_t i = path.size(); i-- > 1;) {
      if (audience.grants != nullptr && !sees_totals(*audience.grants, path[i], trees)) continue;
      if (const Unit* const above = tree.find(path[i])) parents.push_back(unit_object(*above));
    }
    std::vector<const Unit*> below;
    for (const auto& [each, child] : tree.units()) {
      if (tree.parent(each) == code) below.push_back(&child);
    }
    std::sort(below.begin(), below.end(), [](const Unit* one, const Unit* other) {
      return std::tie(one->name, one->code) < std::tie(other->name, other->code);
    });
    std::vector<std::string> codes;
    for (const Unit* child : below) codes.push_back(child->code);
    const std::vector<std::optional<TotalsRow>> rows = reader.totals(codes);
    Withheld withheld;
    if (audience.least_published > 0)
      withheld = Publishing(tree, reader, policies, audience.least_published).below(code);
    for (std::size_t i = 0; i < below.size(); ++i) {
      Cells cells = rows[i] ? rows[i]->subtree : Cells();
      if (on) cells = total_in(tree, codes[i], reader);
      if (cells.empty() && !history->dates(codes[i]).exists(day)) continue;
      Json child = unit_object(*below[i]);
      child["measures"] = published(make_report(codes[i], cells, policies), withheld).measures;
      children.push_back(std::move(child));
    }
    Json made{{"unit", unit_object(*found)}, {"parents", parents}, {"children", children}};
    if (audience.least_published > 0) made["withheld"] = withheld.measures;
    json = made.dump();
  });
  if (!read) return read.fault();
  return json;
}

std::string measures_json(const Policies& policies) {
  Json measures = Json::array(), dimensions = Json::array();
  for (const policy::MeasurePolicy& measure : policies.table().measure()) {
    Json one = labelled(measure.name(), measure.label());
    one["definition_vi"] = measure.definition().vi();
    one["definition_en"] = measure.definition().en();
    measures.push_back(std::move(one));
  }
  for (const policy::DimensionPolicy& dimension : policies.table().dimension()) {
    Json one = labelled(dimension.name(), dimension.label());
    one["values"] = Json::array();
    // The enum of the first field that is named as the dimension.
    for (const KindPolicy& kind : policies.table().kind()) {
      const FieldPolicy* const field = Policies::field_named(kind, dimension.name());
      if (field == nullptr || field->value().empty()) continue;
      for (const policy::EnumEntry& entry : field->value())
        one["values"].push_back(labelled(entry.name(), entry.label()));
      break;
    }
    dimensions.push_back(std::move(one));
  }
  return Json{{"measures", measures}, {"dimensions", dimensions}}.dump();
}

}  // namespace songsong::server
