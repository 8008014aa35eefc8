// Columns of a list: which row is its heading, and which field each column fills in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/import/sheet.h"
#include "shared/core/policy.h"

namespace songsong {

struct ListColumn {
  std::size_t column = 0;
  std::string heading;
  std::size_t kind = 0;  // index among the profile's
  const FieldPolicy* field = nullptr;
};

struct ListLayout {
  std::size_t heading_row = 0;  // index
  std::vector<ListColumn> columns;
  std::vector<std::string> headings;
  std::vector<std::string> unknown;

  const ListColumn* find(std::size_t kind, FieldNumber field) const;
};

inline constexpr std::size_t kHeadingWithin = 20;

// The row among the first kHeadingWithin with the most headings that mean something; nothing when none has two, or all
// that the profile asks for. Each field is filled in by the first column that means it.
std::optional<ListLayout> find_layout(const Sheet& sheet, const std::vector<const KindPolicy*>& kinds);

}  // namespace songsong
