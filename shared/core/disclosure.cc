#include "shared/core/disclosure.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace songsong {
namespace {

// A derived measure may be negative; as little may be learnt of two too many as of two too few.
bool is_small(std::int64_t count, std::int64_t least) { return count != 0 && count > -least && count < least; }

// The derived measures with their terms, by name.
std::vector<std::pair<std::string, std::vector<std::string>>> derived_of(const Policies& policies) {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  for (const policy::MeasurePolicy& measure : policies.table().measure()) {
    std::vector<std::string> terms;
    for (const auto* numbers : {&measure.plus(), &measure.minus()}) {
      for (const std::uint32_t number : *numbers) {
        if (const policy::MeasurePolicy* const term = policies.measure(number)) terms.push_back(term->name());
      }
    }
    if (!terms.empty()) all.emplace_back(measure.name(), std::move(terms));
  }
  return all;
}

// A sum that is small gives its terms away to each other; a term that is withheld would be given away by its sum.
void close(std::set<std::string>& withheld,
           const std::vector<std::pair<std::string, std::vector<std::string>>>& derived) {
  for (const auto& [sum, terms] : derived) {
    if (withheld.contains(sum)) withheld.insert(terms.begin(), terms.end());
  }
  for (const auto& [sum, terms] : derived) {
    const auto hidden = [&](const std::string& term) { return withheld.contains(term); };
    if (std::any_of(terms.begin(), terms.end(), hidden)) withheld.insert(sum);
  }
}

}  // namespace

Withheld small_in(std::span<const Report> table, const Policies& policies, std::int64_t least) {
  Withheld withheld;
  for (const Report& report : table) {
    for (const auto& [measure, count] : report.measures) {
      if (is_small(count, least)) withheld.measures.insert(measure);
    }
    for (const auto& [dimension, values] : report.by) {
      for (const auto& [value, measures] : values) {
        for (const auto& [measure, count] : measures) {
          if (is_small(count, least)) withheld.by[dimension].insert(measure);
        }
      }
    }
  }
  const auto derived = derived_of(policies);
  close(withheld.measures, derived);
  for (auto& [dimension, measures] : withheld.by) close(measures, derived);
  return withheld;
}

void add(const Withheld& more, Withheld& withheld) {
  withheld.measures.insert(more.measures.begin(), more.measures.end());
  for (const auto& [dimension, measures] : more.by) withheld.by[dimension].insert(measures.begin(), measures.end());
}

Report published(Report report, const Withheld& withheld) {
  const auto drop = [](std::map<std::string, std::int64_t>& measures, const std::set<std::string>& names) {
    std::erase_if(measures, [&](const auto& each) { return names.contains(each.first); });
  };
  drop(report.measures, withheld.measures);
  for (auto& [dimension, values] : report.by) {
    const auto found = withheld.by.find(dimension);
    for (auto& [value, measures] : values) {
      drop(measures, withheld.measures);
      if (found != withheld.by.end()) drop(measures, found->second);
    }
    std::erase_if(values, [](const auto& each) { return each.second.empty(); });
  }
  std::erase_if(report.by, [](const auto& each) { return each.second.empty(); });
  report.withheld = withheld;
  return report;
}

}  // namespace songsong
