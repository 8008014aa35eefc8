#include "shared/core/civil_time.h"

#include <optional>
#include <stdexcept>

#include "shared/core/fold.h"

namespace songsong {
namespace {

constexpr std::int64_t kDaysPerEra = 146097;      // 400 years
constexpr std::int64_t kEpochFromMarch = 719468;  // days from 0000-03-01 to 1970-01-01
constexpr std::size_t kMaxFractionDigits = 9;

constexpr int kMonthsPerYear = 12;

bool leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(int year, int month) {
  if (month == 2) return leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// A number of decimal digits and nothing else; short enough never to overflow.
std::optional<int> digits(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

void append_padded(std::string& text, std::int64_t number, std::size_t width) {
  const std::string plain = std::to_string(number);
  if (plain.size() < width) text.append(width - plain.size(), '0');
  text += plain;
}

Fault date_malformed() { return {"date_malformed", "", "A date is written YYYY-MM-DD, such as 2021-09-05."}; }
Fault list_date_malformed() { return {"date_malformed", "", "A date is written dd/mm/yyyy, such as 05/09/2021."}; }
Fault date_impossible() { return {"date_impossible", "", "The calendar has no such day."}; }
Fault instant_malformed() {
  return {"instant_malformed", "", "An instant is written in UTC, such as 2021-09-05T01:30:00Z."};
}
Fault instant_impossible() { return {"instant_impossible", "", "The clock has no such time."}; }

Outcome<std::int64_t> checked_days(CivilDate date) {
  if (!valid(date)) return date_impossible();
  return days_from_civil(date);
}

// The milliseconds of ".250"; nothing unless the text is a point and one to nine digits.
std::optional<int> fraction_ms(std::string_view text) {
  if (text.size() < 2 || text.size() > 1 + kMaxFractionDigits || text.front() != '.') return std::nullopt;
  int ms = 0;
  for (std::size_t i = 1; i < text.size() || i <= 3; ++i) {
    const char c = i < text.size() ? text[i] : '0';
    if (c < '0' || c > '9') return std::nullopt;
    if (i <= 3) ms = ms * 10 + (c - '0');
  }
  return ms;
}

}  // namespace

bool valid(CivilDate date) {
  return date.year >= kFirstYear && date.year <= kLastYear && date.month >= 1 && date.month <= kMonthsPerYear &&
         date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

// Years begin in March, so that the leap day is the last of its year.
std::int64_t days_from_civil(CivilDate date) {
  if (!valid(date)) throw std::logic_error("days_from_civil: no such day");
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kEpochFromMarch;
}

std::int64_t day_in_vietnam(std::int64_t instant_ms) {
  std::int64_t days = instant_ms / kMsPerDay, into_day = instant_ms % kMsPerDay;
  if (into_day < 0) {
    --days;
    into_day += kMsPerDay;
  }
  return into_day + kVietnamMs >= kMsPerDay ? days + 1 : days;
}

CivilDate civil_from_days(std::int64_t days) {
  if (days < kFirstDay || days > kLastDay) throw std::logic_error("civil_from_days: beyond the years 0001 to 9999");
  const std::int64_t from_march = days + kEpochFromMarch;
  const std::int64_t era = from_march / kDaysPerEra;
  const std::int64_t day_of_era = from_march - era * kDaysPerEra;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {static_cast<int>(year), static_cast<int>(month), static_cast<int>(day)};
}

Outcome<std::int64_t> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return date_malformed();
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return date_malformed();
  return checked_days({*year, *month, *day});
}

Outcome<std::optional<std::int64_t>> parse_date_if_any(std::string_view text) {
  if (text.empty()) return std::optional<std::int64_t>();
  const Outcome<std::int64_t> date = parse_date(text);
  if (!date) return date.fault();
  return std::optional(*date);
}

Outcome<std::int64_t> parse_list_date(std::string_view text) {
  text = trimmed(text);
  const std::size_t first = text.find_first_of("/-.");
  if (first == std::string_view::npos) return list_date_malformed();
  const std::size_t second = text.find(text[first], first + 1);
  if (second == std::string_view::npos || first > 2 || second - first > 3 || text.size() - second != 5) {
    return list_date_malformed();
  }
  const auto day = digits(text.substr(0, first));
  const auto month = digits(text.substr(first + 1, second - first - 1));
  const auto year = digits(text.substr(second + 1));
  if (!day || !month || !year) return list_date_malformed();
  return checked_days({*year, *month, *day});
}

Outcome<std::int64_t> parse_instant(std::string_view text) {
  constexpr std::size_t kToSeconds = 19;  // 2021-09-05T01:30:00
  if (text.size() <= kToSeconds || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text.back() != 'Z') {
    return instant_malformed();
  }
  const Outcome<std::int64_t> days = parse_date(text.substr(0, 10));
  const auto hour = digits(text.substr(11, 2));
  const auto minute = digits(text.substr(14, 2));
  const auto second = digits(text.substr(17, 2));
  const std::string_view fraction = text.substr(kToSeconds, text.size() - kToSeconds - 1);
  const auto ms = fraction.empty() ? std::optional<int>(0) : fraction_ms(fraction);
  if (!days) return days.fault().code == "date_malformed" ? instant_malformed() : days.fault();
  if (!hour || !minute || !second || !ms) return instant_malformed();
  if (*hour > 23 || *minute > 59 || *second > 59) return instant_impossible();
  return *days * kMsPerDay + ((*hour * 60 + *minute) * 60 + *second) * 1000 + *ms;
}

std::string print_date(std::int64_t days) {
  if (days < kFirstDay || days > kLastDay) return std::to_string(days);
  const CivilDate date = civil_from_days(days);
  std::string text;
  append_padded(text, date.year, 4);
  text += '-';
  append_padded(text, date.month, 2);
  text += '-';
  append_padded(text, date.day, 2);
  return text;
}

std::string print_instant(std::int64_t ms) {
  if (ms < kFirstInstantMs || ms > kLastInstantMs) return std::to_string(ms);
  std::int64_t of_day = ms % kMsPerDay;
  if (of_day < 0) of_day += kMsPerDay;
  std::string text = print_date((ms - of_day) / kMsPerDay);
  text += 'T';
  append_padded(text, of_day / 3'600'000, 2);
  text += ':';
  append_padded(text, of_day / 60'000 % 60, 2);
  text += ':';
  append_padded(text, of_day / 1000 % 60, 2);
  if (of_day % 1000 != 0) {
    text += '.';
    append_padded(text, of_day % 1000, 3);
  }
  text += 'Z';
  return text;
}

}  // namespace songsong
