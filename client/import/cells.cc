#include "client/import/cells.h"

#include <algorithm>
#include <charconv>

#include "shared/core/civil_time.h"
#include "shared/core/fold.h"
#include "shared/core/value_text.h"

namespace songsong {
namespace {

// Day 0 of a spreadsheet, which takes 1900 for a leap year; so this holds from March 1900 on.
constexpr std::int64_t kSpreadsheetEpochDay = -25569;
constexpr std::int64_t kFirstSerial = 61;
constexpr std::int64_t kLastSerial = 73050;  // the year 2099
// "05/09/13": of this century up to here.
constexpr int kLastShortYear = 40;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "5/9/13" with its century.
std::string with_century(const std::string& text) {
  const std::size_t last = text.find_last_of("/-.");
  if (last == std::string::npos || text.size() - last != 3 || !all_digits(std::string_view(text).substr(last + 1)))
    return text;
  if (std::count_if(text.begin(), text.end(), [](char c) { return c == '/' || c == '-' || c == '.'; }) != 2)
    return text;
  const std::int64_t year = *whole_number(std::string_view(text).substr(last + 1));
  return text.substr(0, last + 1) + (year <= kLastShortYear ? "20" : "19") + text.substr(last + 1);
}

Outcome<Value> read_date(const SheetCell& cell, const std::string& text, const FieldPolicy& field) {
  if (cell.number) {
    const std::optional<std::int64_t> serial = whole_number(std::string_view(text).substr(0, text.find('.')));
    if (serial && *serial >= kFirstSerial && *serial <= kLastSerial) return Value(*serial + kSpreadsheetEpochDay);
  }
  const Outcome<std::int64_t> listed = parse_list_date(with_century(text));
  if (listed) return Value(*listed);
  // "2013-09-05 00:00:00", as some programs write a date.
  const std::string day = text.size() > 10 && (text[10] == ' ' || text[10] == 'T') ? text.substr(0, 10) : text;
  const Outcome<std::int64_t> iso = parse_date(day);
  if (iso) return Value(*iso);
  const Fault& fault = iso.fault().code == "date_impossible" ? iso.fault() : listed.fault();
  return Fault{.code = fault.code, .where = field.name(), .what = fault.what};
}

// As whoever keeps a list would write them, in either language.
std::string labels_of(const FieldPolicy& field) {
  std::string labels;
  for (const policy::EnumEntry& entry : field.value()) {
    if (entry.number() == 0) continue;
    const std::string& vi = entry.label().vi().empty() ? entry.name() : entry.label().vi();
    labels += (labels.empty() ? "" : ", ") + vi;
    if (!entry.label().en().empty()) labels += " (" + entry.label().en() + ")";
  }
  return labels;
}

Outcome<Value> read_enum(const std::string& text, const FieldPolicy& field) {
  const std::string wanted = fold(text);
  for (const policy::EnumEntry& entry : field.value()) {
    if (entry.number() == 0) continue;
    const auto is = [&wanted](const std::string& name) { return !name.empty() && fold(name) == wanted; };
    bool found = is(entry.name()) || is(entry.label().vi()) || is(entry.label().en());
    for (const schema::Label& alias : entry.alias()) found = found || is(alias.vi()) || is(alias.en());
    if (found) return Value(entry.number());
  }
  return Fault{.code = "unknown_value",
               .where = field.name(),
               .what = "The value is not in the list; allowed: " + labels_of(field)};
}

// A boolean as people tick it.
Outcome<Value> read_boolean(const std::string& text, const FieldPolicy& field) {
  const std::string folded = fold(text);
  for (const std::string_view yes : {"x", "co", "true", "1", "yes", "dung"}) {
    if (folded == yes) return Value(std::int64_t{1});
  }
  for (const std::string_view no : {"khong", "false", "0", "no"}) {
    if (folded == no) return Value(std::int64_t{0});
  }
  return parse_value(field, text);
}

std::string digits_of(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ' && c != '.' && c != '-') digits.push_back(c);
  }
  return digits;
}

std::string phone_of(const std::string& text) {
  std::string digits = digits_of(text);
  const bool lost_zero =
      digits.size() == 9 && all_digits(digits) && std::string_view("35789").find(digits[0]) != std::string_view::npos;
  return lost_zero ? "0" + digits : digits;
}

// Only a spreadsheet's number loses a zero; a text of eleven digits is wrong.
std::string code_of(const SheetCell& cell, const std::string& text) {
  std::string digits = digits_of(text);
  const bool lost_zero = cell.number && all_digits(digits) && (digits.size() == 11 || digits.size() == 8);
  return lost_zero ? "0" + digits : digits;
}

// "5A1", "Lớp 5": the number that stands first.
std::string grade_of(const std::string& text) {
  std::string folded = fold(text);
  for (const std::string_view word : {"lop ", "khoi "}) {
    if (folded.starts_with(word)) folded.erase(0, word.size());
  }
  const std::size_t digits = std::min(folded.find_first_not_of("0123456789"), folded.size());
  return digits > 0 && folded.size() - digits <= 4 ? folded.substr(0, digits) : text;
}

}  // namespace

UnitsByName::UnitsByName(const UnitTree& tree, const std::vector<std::string>& scope, std::string named)
    : knows_nothing_(tree.units().empty()), named_(std::move(named)) {
  for (const auto& each : tree.units()) {
    const std::string& code = each.first;
    const auto& unit = each.second;
    const bool within =
        std::any_of(scope.begin(), scope.end(), [&](const std::string& top) { return tree.within(code, top); });
    if (!within) continue;
    const auto add = [&code](std::map<std::string, std::string>& into, const std::string& key) {
      const auto [place, is_new] = into.try_emplace(key, code);
      if (!is_new && place->second != code) place->second.clear();
    };
    add(codes_, fold_key(code));
    add(names_, fold(unit.name));
  }
}

std::optional<std::string> UnitsByName::code_of(const std::string& text) const {
  const auto code = codes_.find(fold_key(text));
  if (code != codes_.end() && !code->second.empty()) return code->second;
  const auto name = names_.find(fold(text));
  if (name != names_.end() && !name->second.empty()) return name->second;
  if (!knows_nothing_) return std::nullopt;
  if (text.find(' ') == std::string::npos) return text;
  return named_.empty() ? std::nullopt : std::optional(named_);
}

std::string tidy(std::string_view text) {
  std::string out;
  const Outcome<std::string> normal = to_nfc(text);
  const std::string_view whole = normal ? std::string_view(*normal) : text;
  bool space = false;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    // Spreadsheets write line breaks within cells, and no-break spaces (U+00A0).
    const bool wide = whole.substr(i, 2) == "\xC2\xA0";
    if (wide || whole[i] == ' ' || whole[i] == '\t' || whole[i] == '\n' || whole[i] == '\r') {
      space = !out.empty();
      if (wide) ++i;
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    out.push_back(whole[i]);
  }
  return out;
}

Outcome<Value> read_cell(const SheetCell& cell, const KindPolicy& kind, const FieldPolicy& field,
                         const UnitsByName& units) {
  if (cell.error) return Fault{.code = "cell_error", .where = field.name(), .what = "The cell holds an error."};
  std::string text = tidy(cell.text);
  if (text.empty()) return Value();
  switch (form_of(kind, field)) {
    case CellForm::kPlain:
      break;
    case CellForm::kPhone:
      text = phone_of(text);
      break;
    case CellForm::kCode:
      text = code_of(cell, text);
      break;
    case CellForm::kClass:
      text = grade_of(text);
      break;
  }
  switch (field.type()) {
    case policy::DATE:
      return read_date(cell, text, field);
    case policy::ENUM:
      return read_enum(text, field);
    case policy::BOOLEAN:
      return read_boolean(text, field);
    case policy::UNIT: {
      const std::optional<std::string> code = units.code_of(text);
      if (!code)
        return Fault{.code = "unknown_unit", .where = field.name(), .what = "There is no such unit in the scope."};
      return Value(Text(*code));
    }
    default:
      return parse_value(field, text);
  }
}

}  // namespace songsong
