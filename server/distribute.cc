#include "server/distribute.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "server/units_list.h"
#include "shared/core/csv.h"
#include "shared/core/fold.h"
#include "shared/core/value_text.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/unit_trees.h"

namespace songsong::server {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

struct Condition {
  FieldNumber field = 0;
  std::vector<Value> values;
};

struct Rule {
  const KindPolicy* kind = nullptr;
  std::vector<Condition> conditions;
  std::string to;

  bool fits(const Shown& record) const {
    return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
      const Value* const value = record.find(condition.field);
      return value != nullptr &&
             std::find(condition.values.begin(), condition.values.end(), *value) != condition.values.end();
    });
  }
};

std::vector<std::string> parts_of(std::string_view text, char mark) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(mark, at), text.size());
    parts.emplace_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

Outcome<Condition> read_condition(const std::string& text, const KindPolicy& kind, std::size_t row) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const FieldPolicy* const field = Policies::field_named(kind, name);
  if (equals == std::string::npos || field == nullptr)
    return at_row("unknown_field", row, "A condition is field=value; no field of the kind is called " + name);
  Condition condition{.field = field->number(), .values = {}};
  for (const std::string& part : parts_of(std::string_view(text).substr(equals + 1), '|')) {
    Outcome<Value> value = parse_value(*field, part);
    if (!value) return at_row(value.fault().code.c_str(), row, name + ": " + value.fault().what);
    condition.values.push_back(std::move(*value));
  }
  return condition;
}

Outcome<Rule> read_rule(const CsvRow& line, std::size_t row, const Policies& policies, const UnitTree& tree) {
  if (line.size() < 3) return at_row("rules_row", row, "A rule has a kind, where, and the unit that records go to.");
  Rule rule{.kind = policies.kind_named(trimmed(line[0])), .conditions = {}, .to = std::string(trimmed(line[2]))};
  if (rule.kind == nullptr) return at_row("unknown_kind", row, "There is no such kind: " + line[0]);
  if (rule.kind->unit_field() == 0 || rule.kind->internal() || rule.kind->has_unit_tree())
    return at_row("rules_row", row, "Records of this kind follow others, or are the server's own: " + line[0]);
  if (tree.find(rule.to) == nullptr)
    return at_row("unknown_unit", row, "The tree of units has no such code: " + rule.to);
  const std::string_view where = trimmed(line[1]);
  if (where.empty()) return rule;
  for (const std::string& part : parts_of(where, ';')) {
    Outcome<Condition> condition = read_condition(part, *rule.kind, row);
    if (!condition) return condition.fault();
    rule.conditions.push_back(std::move(*condition));
  }
  return rule;
}

Outcome<std::vector<Rule>> read_rules(std::string_view csv, const Policies& policies, const UnitTree& tree) {
  const Outcome<std::vector<CsvRow>> lines = parse_csv(csv);
  if (!lines) return lines.fault();
  const std::vector<std::string> heading{"kind", "where", "to"};
  if (lines->empty() || lines->front() != heading)
    return at_row("rules_heading", 1, "The columns are kind, where, to.");
  std::vector<Rule> rules;
  for (std::size_t i = 1; i < lines->size(); ++i) {
    Outcome<Rule> rule = read_rule((*lines)[i], i + 1, policies, tree);
    if (!rule) return rule.fault();
    rules.push_back(std::move(*rule));
  }
  if (rules.empty()) return at_row("rules_row", 2, "The list has no rules.");
  return rules;
}

// The next records of a kind after `after`, and what moves them; `after` is not valid when there are no more.
std::vector<Act> next_moves(StoreReader& reader, const Policies& policies, const std::vector<Rule>& rules,
                            const KindPolicy& kind, const std::string& from, RecordId& after, Distributed& told) {
  const std::vector<RecordRow> page = reader.scan(kind.number(), after, kPage);
  after = page.empty() ? RecordId() : page.back().id;
  std::vector<RecordId> ids;
  for (const RecordRow& row : page) {
    if (row.live && row.unit == from) ids.push_back(row.id);
  }
  RecordCache cache(policies, reader);
  cache.load(ids);
  std::vector<Act> moves;
  for (const RecordId id : ids) {
    const Shown& record = *cache.records().find(id);
    const auto rule = std::find_if(rules.begin(), rules.end(),
                                   [&](const Rule& each) { return each.kind == &kind && each.fits(record); });
    if (rule == rules.end() || rule->to == from) {
      ++told.left;
      continue;
    }
    ++told.moved[rule->to];
    Act act;
    act.record = id;
    act.seen = record.state->applied;  // where somebody moved it meanwhile, a person decides
    act.kind = kind.number();
    act.inputs = {Input{.field = kind.unit_field(), .shape = Shape::kRegister, .value = Value(Text(rule->to))}};
    moves.push_back(std::move(act));
  }
  return moves;
}

}  // namespace

Outcome<Distributed> distribute(Host& host, const std::string& from, std::string_view rules_csv, bool try_only) {
  const Policies& policies = host.policies();
  std::shared_ptr<const UnitTree> tree;
  const Outcome<Done> read =
      host.store().read(kShard, [&](StoreReader& reader) { tree = host.unit_trees().tree(reader); });
  if (!read) return read.fault();
  if (tree->find(from) == nullptr)
    return Fault{.code = "unknown_unit", .where = from, .what = "The tree of units has no such code."};
  const Outcome<std::vector<Rule>> rules = read_rules(rules_csv, policies, *tree);
  if (!rules) return rules.fault();
  std::set<KindNumber> kinds;
  for (const Rule& rule : *rules) kinds.insert(rule.kind->number());
  Distributed told;
  for (const KindNumber number : kinds) {
    RecordId after;
    do {
      std::vector<Act> moves;
      const Outcome<Done> looked = host.store().read(kShard, [&](StoreReader& reader) {
        moves = next_moves(reader, policies, *rules, *policies.kind(number), from, after, told);
      });
      if (!looked) return looked.fault();
      if (try_only || moves.empty()) continue;
      const Outcome<std::vector<RecordId>> saved = host.save(moves);
      if (!saved) return saved.fault();
    } while (after.valid());
  }
  return told;
}

}  // namespace songsong::server
