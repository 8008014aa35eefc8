// Civil time: calendar dates and instants as values hold them, and their texts.
//
//   date     days since 1970-01-01, proleptic Gregorian; text YYYY-MM-DD
//   instant  milliseconds since 1970-01-01T00:00Z, leap seconds not counted; text RFC 3339 in UTC, such as
//            2021-10-12T01:30:00Z, with .250 before the Z where the milliseconds are not 0
//
// Both run from year 0001 to 9999. Pure functions; any number of threads; no locale, no time zone data.
// Faults have an empty `where`, for the caller knows the field: date_malformed, date_impossible (31/02),
// instant_malformed, instant_impossible.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong {

struct CivilDate {
  int year = 1970;
  int month = 1;  // 1 .. 12
  int day = 1;    // 1 .. 31

  auto operator<=>(const CivilDate&) const = default;
};

inline constexpr int kFirstYear = 1;
inline constexpr int kLastYear = 9999;
inline constexpr std::int64_t kFirstDay = -719162;  // 0001-01-01
inline constexpr std::int64_t kLastDay = 2932896;   // 9999-12-31
inline constexpr std::int64_t kMsPerDay = 86'400'000;
inline constexpr std::int64_t kVietnamMs = 7 * 3'600'000;  // ahead of UTC, the year round
inline constexpr std::int64_t kFirstInstantMs = kFirstDay * kMsPerDay;
inline constexpr std::int64_t kLastInstantMs = (kLastDay + 1) * kMsPerDay - 1;

// A day that the calendar has, in the years that are written with four digits.
bool valid(CivilDate date);
// Both are Howard Hinnant's algorithms ("chrono-Compatible Low-Level Date Algorithms", 2013). The date is valid, the
// days are kFirstDay .. kLastDay; anything else is a programming error (std::logic_error).
std::int64_t days_from_civil(CivilDate date);
CivilDate civil_from_days(std::int64_t days);

// The date that a calendar in Vietnam shows at the instant; any instant.
std::int64_t day_in_vietnam(std::int64_t instant_ms);

Outcome<std::int64_t> parse_date(std::string_view text);
// Nothing for an empty text.
Outcome<std::optional<std::int64_t>> parse_date_if_any(std::string_view text);
// A date as lists in Vietnam write it: day, month, year with four digits, parted by the same one of / - . twice; day
// and month with one digit or two. Spaces at the ends are allowed.
Outcome<std::int64_t> parse_list_date(std::string_view text);
// Upper case T and Z; up to nine digits of a second's fraction, of which those finer than milliseconds are dropped.
Outcome<std::int64_t> parse_instant(std::string_view text);

// Numbers that lie outside the years (from a replica that did not check) are printed as plain integers.
std::string print_date(std::int64_t days);
std::string print_instant(std::int64_t ms);

}  // namespace songsong
