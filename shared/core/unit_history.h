// The tree of units as it stood on a day, and as it stands now.
//
// A period is a record that says how a unit stood until a day; the server writes it in the save that alters the unit.
// On a day a unit stood as the period that ends next after it says, or, where none does, as it stands now.
//
// Every unit hangs in the tree of every day, also before it was opened and after it was closed: then whatever tree is
// asked, all records count once, and grand totals are the same. Before it was opened a unit hangs where it hung first.
//
// A value type; pure functions of the records.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/shown.h"
#include "shared/core/unit_tree.h"

namespace songsong {

struct UnitPeriod {
  Unit stood;              // of the unit's code; `record` is the period's own
  std::int64_t until = 0;  // the first day on which it stood otherwise (civil_time.h)
  std::int64_t written_ms = 0;

  bool operator==(const UnitPeriod&) const = default;
};

// What a live record of the period kind says; nothing without a unit and a day.
std::optional<UnitPeriod> read_unit_period(const Shown& record);

// The days between which a unit exists: opened on the first, gone on the second; nothing where nobody said.
struct UnitDates {
  std::optional<std::int64_t> opened, closed;

  bool exists(std::int64_t day) const { return (!opened || *opened <= day) && (!closed || day < *closed); }
};

// Of a live record of the unit kind.
UnitDates read_unit_dates(const Shown& record);

class UnitHistory {
 public:
  UnitHistory() = default;
  // Where several records say a unit's period until one day, the least of them speaks.
  // `dates` by code; of units that lack them, none need be there.
  UnitHistory(UnitTree now, std::vector<UnitPeriod> periods, std::map<std::string, UnitDates> dates);

  const UnitTree& now() const { return now_; }
  UnitTree on(std::int64_t day) const;
  // Names the stretch of days in which the tree stood as on this one: its first day that is not of it; nothing for the
  // stretch that goes on.
  std::optional<std::int64_t> stretch_end(std::int64_t day) const;
  // As on(day).within(code, ancestor), without making that tree; only where parents go round is it not the same.
  bool within(std::string_view code, std::string_view ancestor, std::int64_t day) const;
  // The same as people could know it at an instant: a period goes on until it is written, where that is after its day.
  bool within_at(std::string_view code, std::string_view ancestor, std::int64_t instant_ms) const;
  UnitDates dates(std::string_view code) const;
  // The last day on which a unit began to stand otherwise than before; nothing for one without periods.
  std::optional<std::int64_t> last_change(std::string_view code) const;

 private:
  using Until = std::map<std::int64_t, UnitPeriod>;

  // How the unit stood in the first period that is not over; null where it stood as now.
  template <class IsOver>
  const Unit* former(std::string_view code, const IsOver& is_over) const;
  template <class IsOver>
  bool is_within(std::string_view code, std::string_view ancestor, const IsOver& is_over) const;

  UnitTree now_;
  std::map<std::string, Until, std::less<>> periods_;
  std::map<std::string, UnitDates, std::less<>> dates_;
  std::vector<std::int64_t> ends_;  // ascending
};

}  // namespace songsong
