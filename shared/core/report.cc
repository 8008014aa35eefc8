#include "shared/core/report.h"

#include <algorithm>

#include "shared/core/civil_time.h"

namespace songsong {
namespace {

// The enum that a dimension's values come from: that of the first field that a rule breaks down by.
std::string value_name(const Policies& policies, std::uint32_t dimension, std::int64_t value) {
  if (value == 0) return "unspecified";
  for (const KindPolicy& kind : policies.table().kind()) {
    for (const policy::TallyRule& tally : kind.tally()) {
      for (const policy::BreakdownRule& by : tally.by()) {
        if (by.dimension() != dimension) continue;
        const KindPolicy* of = &kind;
        if (by.via() != 0) {
          const FieldPolicy* const via = Policies::field(kind, by.via());
          of = via != nullptr ? policies.kind(via->target()) : nullptr;
        }
        const FieldPolicy* const field = of != nullptr ? Policies::field(*of, by.field()) : nullptr;
        const policy::EnumEntry* const entry = field != nullptr ? Policies::value(*field, value) : nullptr;
        if (entry != nullptr) return entry->name();
        if (field != nullptr && field->type() == policy::BOOLEAN) return value == 1 ? "true" : "false";
      }
    }
  }
  return std::to_string(value);
}

bool is_broken_down(const Policies& policies, std::uint32_t measure, std::uint32_t dimension) {
  for (const KindPolicy& kind : policies.table().kind()) {
    for (const policy::TallyRule& tally : kind.tally()) {
      if (tally.measure() != measure) continue;
      for (const policy::BreakdownRule& by : tally.by()) {
        if (by.dimension() == dimension) return true;
      }
    }
  }
  return false;
}

// A sum of measures says something of a dimension only where all of them are broken down by it.
bool is_broken_down(const Policies& policies, const policy::MeasurePolicy& derived, std::uint32_t dimension) {
  const auto all = [&](const auto& numbers) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](std::uint32_t number) { return is_broken_down(policies, number, dimension); });
  };
  return all(derived.plus()) && all(derived.minus());
}

void quote(std::string& out, const std::string& text) {
  constexpr const char* kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

template <class Map, class Write>
void object(std::string& out, const Map& map, const Write& write) {
  out.push_back('{');
  bool first = true;
  for (const auto& [name, value] : map) {
    if (!first) out.push_back(',');
    first = false;
    quote(out, name);
    out.push_back(':');
    write(value);
  }
  out.push_back('}');
}

void list(std::string& out, const std::set<std::string>& names) {
  out.push_back('[');
  for (const std::string& name : names) {
    if (out.back() != '[') out.push_back(',');
    quote(out, name);
  }
  out.push_back(']');
}

}  // namespace

Report make_report(const std::string& unit, const Cells& cells, const Policies& policies,
                   std::optional<std::int64_t> on) {
  Report report;
  report.unit = unit;
  report.on = on;
  for (const policy::MeasurePolicy& measure : policies.table().measure()) report.measures[measure.name()] = 0;
  const auto count = [&](const std::string& measure, const Cell& cell, std::int64_t sign) {
    if (cell.dimension == 0) {
      report.measures[measure] += sign * cell.count;
      return;
    }
    const policy::DimensionPolicy* const dimension = policies.dimension(cell.dimension);
    const std::string name = dimension != nullptr ? dimension->name() : std::to_string(cell.dimension);
    report.by[name][value_name(policies, cell.dimension, cell.value)][measure] += sign * cell.count;
  };
  for (const Cell& cell : cells) {
    const policy::MeasurePolicy* const counted = policies.measure(cell.measure);
    if (counted != nullptr) count(counted->name(), cell, 1);
    for (const policy::MeasurePolicy& measure : policies.table().measure()) {
      if (cell.dimension != 0 && !is_broken_down(policies, measure, cell.dimension)) continue;
      for (const std::uint32_t number : measure.plus()) {
        if (number == cell.measure) count(measure.name(), cell, 1);
      }
      for (const std::uint32_t number : measure.minus()) {
        if (number == cell.measure) count(measure.name(), cell, -1);
      }
    }
  }
  for (auto& [dimension, values] : report.by) {
    for (auto& [value, measures] : values) std::erase_if(measures, [](const auto& each) { return each.second == 0; });
    std::erase_if(values, [](const auto& each) { return each.second.empty(); });
  }
  std::erase_if(report.by, [](const auto& each) { return each.second.empty(); });
  return report;
}

std::string to_json(const Report& report, std::int64_t as_of_ms) {
  std::string out = "{\"unit\":";
  quote(out, report.unit);
  out.append(",\"as_of\":");
  quote(out, print_instant(as_of_ms));
  if (report.on) {
    out.append(",\"on\":");
    quote(out, print_date(*report.on));
  }
  const auto number = [&out](std::int64_t value) { out.append(std::to_string(value)); };
  out.append(",\"measures\":");
  object(out, report.measures, number);
  out.append(",\"by\":");
  object(out, report.by, [&](const auto& values) {
    object(out, values, [&](const auto& measures) { object(out, measures, number); });
  });
  if (report.withheld) {
    const auto names = [&out](const std::set<std::string>& all) { list(out, all); };
    out.append(",\"withheld\":{\"measures\":");
    names(report.withheld->measures);
    out.append(",\"by\":");
    object(out, report.withheld->by, names);
    out.push_back('}');
  }
  out.push_back('}');
  return out;
}

}  // namespace songsong
