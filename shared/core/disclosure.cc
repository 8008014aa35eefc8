#include "shared/core/disclosure.h"

namespace songsong {
namespace {

// A derived measure may be negative; as little may be learnt of two too many as of two too few.
bool is_small(std::int64_t count, std::int64_t least) { return count != 0 && count > -least && count < least; }

}  // namespace

Withheld small_in(std::span<const Report> table, std::int64_t least) {
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
