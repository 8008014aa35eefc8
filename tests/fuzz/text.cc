// Text forms: what people, lists and other programs write, a value each.
#include <map>

#include "shared/core/civil_time.h"
#include "shared/core/crypto.h"
#include "shared/core/fold.h"
#include "shared/core/messages.h"
#include "shared/core/name.h"
#include "shared/core/pattern.h"
#include "shared/core/validate.h"
#include "shared/core/value_text.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

// Of a parser and a printer: what is read is printed so that it reads the same.
template <class Parse, class Print>
void hold_round(std::string_view text, const Parse& parse, const Print& print) {
  const auto parsed = parse(text);
  if (!parsed) return hold_fault(parsed.fault(), Place::kCallersToSay);
  hold(must(parse(print(*parsed))) == *parsed, "what is printed reads as the same", std::string(text));
}

void hold_unicode(std::string_view text) {
  const std::string key = fold(text);
  hold(fold(key) == key, "folding a key again changes nothing", key);
  hold(to_nfc(key).ok(), "a key is text", key);
  hold(fold_key(text).find(' ') == std::string::npos, "a key of codes has no spaces");
  hold(trimmed(trimmed(text)) == trimmed(text), "trimming again changes nothing");
  const Outcome<std::string> nfc = to_nfc(text);
  if (!nfc) return hold_fault(nfc.fault());
  hold(count_code_points(text) == code_points(text).size(), "code points are counted as they are read");
  hold(must(to_nfc(*nfc)) == *nfc, "normalising again changes nothing");
  hold(fold(*nfc) == key, "a text and its normal form have one key", key);
}

// The pattern up to the first line break, the text after it.
void hold_pattern(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const Outcome<Pattern> pattern = Pattern::compile(text.substr(0, end));
  if (!pattern) return hold_fault(pattern.fault(), Place::kCallersToSay);
  const std::string_view rest = text.substr(std::min(end + 1, text.size()));
  const bool matches = pattern->matches(rest);
  hold(pattern->matches(rest) == matches, "a pattern means the same again");
}

// A field of the programme, drawn by a byte, and its text.
void hold_value(std::string_view text) {
  const Policies& policies = simulation::newer_policies();
  static const Validator validator(policies);
  const std::uint8_t which_kind = take_byte(text), which_field = take_byte(text);
  const KindPolicy& kind = policies.table().kind(which_kind % policies.table().kind_size());
  const FieldPolicy& field = kind.field(which_field % kind.field_size());
  const Outcome<Value> value = parse_value(field, text);
  if (!value) return hold_fault(value.fault());
  hold(must(parse_value(field, print_value(&field, *value))) == *value, "what is printed reads as the same");
  (void)print_value(nullptr, *value);
  const std::optional<Fault> flaw = validator.check_value(kind, field, *value);
  if (flaw) hold_fault(*flaw);
}

void hold_message(std::string_view text) {
  const Fault fault{.code = std::string(text), .where = "field", .what = "Something."};
  for (const Language language : {Language::kVietnamese, Language::kEnglish})
    hold(!message_for(fault, language).what.empty(), "every fault has a message");
  const int code = exit_code_for(fault);
  hold(code >= 1 && code <= 5, "every fault has an exit code");
  const std::string variable(text);
  (void)choose_language([&](const char*) { return variable.c_str(); });
}

void hold_base64(std::string_view text) {
  const Outcome<std::string> bytes = from_base64url(text);
  if (!bytes) return hold_fault(bytes.fault(), Place::kCallersToSay);
  hold(to_base64url(*bytes) == text, "bytes have one text");
}

}  // namespace

void text(std::string_view bytes) {
  switch (take_byte(bytes) % 10) {
    case 0:
      return hold_round(bytes, parse_name, [](Name name) { return to_text(name); });
    case 1:
      return hold_round(bytes, parse_date, print_date);
    case 2:
      return hold_round(bytes, parse_instant, print_instant);
    case 3: {
      const Outcome<std::int64_t> date = parse_list_date(bytes);
      if (!date) return hold_fault(date.fault(), Place::kCallersToSay);
      return hold(must(parse_date(print_date(*date))) == *date, "a list's date is a date");
    }
    case 4:
      return hold_unicode(bytes);
    case 5:
      return hold_pattern(bytes);
    case 6:
      return hold_base64(bytes);
    case 7:
      return hold_message(bytes);
    default:
      return hold_value(bytes);
  }
}

}  // namespace songsong::fuzz
