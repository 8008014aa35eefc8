#include "client/import/columns.h"

#include <algorithm>
#include <map>
#include <set>

#include "client/import/profiles.h"
#include "shared/core/fold.h"

namespace songsong {
namespace {

using Meaning = std::pair<std::size_t, const FieldPolicy*>;  // kind's index, field

// Every folded heading that means a field; what comes first stays.
std::map<std::string, Meaning> meanings_of(const std::vector<const KindPolicy*>& kinds) {
  std::map<std::string, Meaning> meanings;
  const auto add = [&](std::string_view heading, std::size_t kind, const FieldPolicy& field) {
    std::string folded = fold(heading);
    if (!folded.empty()) meanings.try_emplace(std::move(folded), kind, &field);
  };
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (const FieldPolicy& field : kinds[i]->field()) {
      add(field.name(), i, field);
      add(kinds[i]->name() + " " + field.name(), i, field);
      add(field.label().vi(), i, field);
      add(field.label().en(), i, field);
    }
  }
  for (const ProfileHeading& each : school_headings()) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const FieldPolicy* const field =
          kinds[i]->name() == each.kind ? Policies::field_named(*kinds[i], each.field) : nullptr;
      if (field != nullptr) add(each.heading, i, *field);
    }
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (const FieldPolicy& field : kinds[i]->field()) {
      for (const schema::Label& alias : field.alias()) {
        add(alias.vi(), i, field);
        add(alias.en(), i, field);
      }
    }
  }
  return meanings;
}

// "Ngày sinh (dd/mm/yyyy) *" is "Ngày sinh".
std::string without_remark(const std::string& heading) {
  const std::size_t open = heading.find('(');
  if (open == std::string::npos || open == 0) return heading;
  const std::size_t close = heading.find(')', open);
  return heading.substr(0, open) + (close == std::string::npos ? "" : heading.substr(close + 1));
}

const Meaning* meaning_of(const std::string& heading, const std::map<std::string, Meaning>& meanings) {
  for (const std::string& text : {heading, without_remark(heading)}) {
    const auto found = meanings.find(fold(text));
    if (found != meanings.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

const ListColumn* ListLayout::find(std::size_t kind, FieldNumber number) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const ListColumn& column) {
    return column.kind == kind && column.field->number() == number;
  });
  return found == columns.end() ? nullptr : &*found;
}

std::optional<ListLayout> find_layout(const Sheet& sheet, const std::vector<const KindPolicy*>& kinds) {
  const std::map<std::string, Meaning> meanings = meanings_of(kinds);
  std::optional<ListLayout> best;
  for (std::size_t row = 0; row < sheet.rows.size() && row < kHeadingWithin; ++row) {
    ListLayout layout;
    layout.heading_row = row;
    std::set<Meaning> filled;
    for (std::size_t column = 0; column < sheet.rows[row].size(); ++column) {
      const std::string heading(trimmed(sheet.rows[row][column].text));
      layout.headings.push_back(heading);
      if (heading.empty() || is_ignored_heading(fold(heading))) continue;
      const Meaning* const meaning = meaning_of(heading, meanings);
      if (meaning != nullptr && filled.insert(*meaning).second) {
        layout.columns.push_back(
            ListColumn{.column = column, .heading = heading, .kind = meaning->first, .field = meaning->second});
      } else {
        layout.unknown.push_back(heading);
      }
    }
    const std::size_t enough = std::min<std::size_t>(2, static_cast<std::size_t>(kinds.front()->field_size()));
    if (layout.columns.size() < enough) continue;
    if (!best || layout.columns.size() > best->columns.size()) best = std::move(layout);
  }
  return best;
}

}  // namespace songsong
