#include "schemas/compiler/words.h"

#include <algorithm>
#include <set>

namespace songsong::schemac {
namespace {

namespace pb = google::protobuf;

// ASCII only: names in a .proto are, and no locale may decide.
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string lower_snake(std::string_view camel) {
  std::string snake;
  for (std::size_t i = 0; i < camel.size(); ++i) {
    const bool after_lower = i > 0 && is_lower(camel[i - 1]);
    const bool before_lower = i > 0 && is_upper(camel[i - 1]) && i + 1 < camel.size() && is_lower(camel[i + 1]);
    if (is_upper(camel[i]) && (after_lower || before_lower)) snake += '_';
    snake += to_lower(camel[i]);
  }
  return snake;
}

std::string upper_snake(std::string_view camel) {
  std::string snake = lower_snake(camel);
  std::transform(snake.begin(), snake.end(), snake.begin(), to_upper);
  return snake;
}

bool is_lower_snake(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || c == '_'; });
}

void check_label(const schema::Label& label, std::string_view what, const Place& place, std::string_view subject,
                 Complaints& complaints) {
  if (!label.vi().empty() && !label.en().empty()) return;
  const std::string missing = label.vi().empty() ? (label.en().empty() ? "vi and en" : "vi") : "en";
  complaints.add(place, subject,
                 "the " + std::string(what) + " has no words in " + missing + "; say " + std::string(what) +
                     ": { vi: \"...\" en: \"...\" }");
}

void check_aliases(const pb::RepeatedPtrField<schema::Label>& aliases, const Place& place, std::string_view subject,
                   Complaints& complaints) {
  for (const schema::Label& alias : aliases) {
    if (!alias.vi().empty() || !alias.en().empty()) continue;
    complaints.add(place, subject, "an alias says nothing; give it vi, en or both, or take it away");
  }
}

std::string value_name(const pb::EnumValueDescriptor& value) {
  const std::string prefix = upper_snake(value.type()->name()) + "_";
  const std::string& name = value.name();
  return lower_snake(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

void check_enum(const pb::EnumDescriptor& source, Complaints& complaints) {
  const std::string prefix = upper_snake(source.name()) + "_";
  const std::string subject = lower_snake(source.name());
  if (source.value(0)->number() == 0 && source.value(0)->name() != prefix + "UNSPECIFIED") {
    complaints.add(place_of(*source.value(0)), subject,
                   "value 0 is " + source.value(0)->name() + ", but 0 means that nothing was chosen; put " + prefix +
                       "UNSPECIFIED = 0 first and number the choices from 1");
  }
  std::set<int> numbers;
  for (int i = 0; i < source.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *source.value(i);
    if (!value.name().starts_with(prefix) || value.name().size() == prefix.size()) {
      complaints.add(place_of(value), subject, "value " + value.name() + " must begin with " + prefix);
    }
    if (value.number() < 0) {
      complaints.add(place_of(value), subject, "value " + value.name() + " is negative; number choices from 1");
    }
    if (!numbers.insert(value.number()).second) {
      complaints.add(place_of(value), subject,
                     "value " + value.name() + " has the number of another; use the next free number");
    }
  }
}

std::vector<policy::EnumEntry> choices(const pb::EnumDescriptor& source, Complaints& complaints) {
  const std::string enum_name = lower_snake(source.name());
  check_enum(source, complaints);
  std::vector<policy::EnumEntry> entries;
  Wording wording("value");
  for (int i = 0; i < source.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *source.value(i);
    if (value.number() == 0) continue;
    const schema::EnumValue& options = value.options().GetExtension(schema::value);
    policy::EnumEntry entry;
    entry.set_number(value.number());
    entry.set_name(value_name(value));
    *entry.mutable_label() = options.label();
    *entry.mutable_alias() = options.alias();
    const std::string subject = enum_name + "." + entry.name();
    check_label(options.label(), "label", place_of(value), subject, complaints);
    check_aliases(options.alias(), place_of(value), subject, complaints);
    wording.add(entry.name(), options.label(), options.alias(), place_of(value), subject, complaints);
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) {
    complaints.add(place_of(source), enum_name, "the enum offers no choice; add a value with a number from 1");
  }
  std::sort(entries.begin(), entries.end(),
            [](const policy::EnumEntry& one, const policy::EnumEntry& other) { return one.number() < other.number(); });
  return entries;
}

void Wording::add(const std::string& name, const schema::Label& label,
                  const pb::RepeatedPtrField<schema::Label>& aliases, const Place& place, std::string_view subject,
                  Complaints& complaints) {
  add_word(name, name, place, subject, complaints);
  add_word(label.vi(), name, place, subject, complaints);
  add_word(label.en(), name, place, subject, complaints);
  for (const schema::Label& alias : aliases) {
    add_word(alias.vi(), name, place, subject, complaints);
    add_word(alias.en(), name, place, subject, complaints);
  }
}

void Wording::add_word(const std::string& word, const std::string& name, const Place& place, std::string_view subject,
                       Complaints& complaints) {
  if (word.empty()) return;
  for (const auto& [taken, by] : taken_) {
    if (taken != word || by == name) continue;
    complaints.add(place, subject,
                   quoted(word) + " already stands for the " + what_ + " " + quoted(by) +
                       ", so a list that says it would be ambiguous; use another word");
    return;
  }
  taken_.emplace_back(word, name);
}

}  // namespace songsong::schemac
