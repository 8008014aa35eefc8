#include "shared/core/unit_history.h"

#include <algorithm>
#include <set>
#include <utility>

#include "shared/core/civil_time.h"

namespace songsong {
namespace {

std::string text_of(const Shown& record, FieldNumber field) {
  const Value* const value = record.find(field);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

std::optional<std::int64_t> day_of(const Shown& record, FieldNumber field) {
  const Value* const value = record.find(field);
  if (value == nullptr || value->integer() == nullptr) return std::nullopt;
  return *value->integer();
}

}  // namespace

std::optional<UnitPeriod> read_unit_period(const Shown& record) {
  if (!record.live || record.kind == nullptr || !record.kind->has_unit_period()) return std::nullopt;
  const policy::UnitPeriodRule& rule = record.kind->unit_period();
  const std::optional<std::int64_t> until = day_of(record, rule.until());
  UnitPeriod period{.stood = {.code = text_of(record, rule.unit()),
                              .name = text_of(record, rule.name()),
                              .level = text_of(record, rule.level()),
                              .parent = text_of(record, rule.parent()),
                              .parent_ms = 0,
                              .parent_by = {},
                              .record = record.id()},
                    .until = until.value_or(0),
                    .written_ms = 0};
  if (!until || period.stood.code.empty()) return std::nullopt;
  for (const ShownField& field : record.fields) {
    if (field.field == rule.until() && field.head != nullptr) period.written_ms = field.head->captured_ms;
    if (field.field != rule.parent() || field.head == nullptr) continue;
    period.stood.parent_ms = field.head->captured_ms;
    period.stood.parent_by = field.head->name;
  }
  return period;
}

UnitDates read_unit_dates(const Shown& record) {
  if (!record.live || record.kind == nullptr || !record.kind->has_unit_tree()) return {};
  const policy::UnitTreeRule& rule = record.kind->unit_tree();
  return UnitDates{.opened = day_of(record, rule.opened()), .closed = day_of(record, rule.closed())};
}

UnitHistory::UnitHistory(UnitTree now, std::vector<UnitPeriod> periods, std::map<std::string, UnitDates> dates)
    : now_(std::move(now)), dates_(dates.begin(), dates.end()) {
  for (UnitPeriod& period : periods) {
    Until& of_unit = periods_[period.stood.code];
    const auto [held, first] = of_unit.try_emplace(period.until, period);
    if (!first && period.stood.record < held->second.stood.record) held->second = std::move(period);
  }
  for (const auto& [code, of_unit] : periods_) {
    for (const auto& [until, period] : of_unit) ends_.push_back(until);
  }
  std::sort(ends_.begin(), ends_.end());
  ends_.erase(std::unique(ends_.begin(), ends_.end()), ends_.end());
}

template <class IsOver>
const Unit* UnitHistory::former(std::string_view code, const IsOver& is_over) const {
  const auto of_unit = periods_.find(code);
  if (of_unit == periods_.end()) return nullptr;
  const auto period = std::find_if(of_unit->second.begin(), of_unit->second.end(),
                                   [&](const auto& each) { return !is_over(each.second); });
  return period != of_unit->second.end() ? &period->second.stood : nullptr;
}

template <class IsOver>
bool UnitHistory::is_within(std::string_view code, std::string_view ancestor, const IsOver& is_over) const {
  std::set<std::string_view> passed;
  for (std::string_view at = code; !at.empty() && passed.insert(at).second;) {
    if (at == ancestor) return true;
    const Unit* const other = former(at, is_over);
    at = other != nullptr ? std::string_view(other->parent) : now_.parent(at);
    if (now_.find(at) == nullptr) return false;
  }
  return false;
}

UnitTree UnitHistory::on(std::int64_t day) const {
  std::vector<Unit> units;
  for (const auto& [code, unit] : now_.units()) {
    const Unit* const other = former(code, [&](const UnitPeriod& period) { return period.until <= day; });
    units.push_back(other != nullptr ? *other : unit);
  }
  return UnitTree(std::move(units));
}

bool UnitHistory::within(std::string_view code, std::string_view ancestor, std::int64_t day) const {
  return is_within(code, ancestor, [&](const UnitPeriod& period) { return period.until <= day; });
}

bool UnitHistory::within_at(std::string_view code, std::string_view ancestor, std::int64_t instant_ms) const {
  const std::int64_t day = day_in_vietnam(instant_ms);
  return is_within(code, ancestor,
                   [&](const UnitPeriod& period) { return period.until <= day && period.written_ms <= instant_ms; });
}

std::optional<std::int64_t> UnitHistory::stretch_end(std::int64_t day) const {
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), day);
  return end == ends_.end() ? std::nullopt : std::optional(*end);
}

UnitDates UnitHistory::dates(std::string_view code) const {
  const auto found = dates_.find(code);
  return found == dates_.end() ? UnitDates() : found->second;
}

std::optional<std::int64_t> UnitHistory::last_change(std::string_view code) const {
  const auto found = periods_.find(code);
  return found == periods_.end() ? std::nullopt : std::optional(found->second.rbegin()->first);
}

}  // namespace songsong
