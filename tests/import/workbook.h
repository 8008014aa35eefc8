// Workbooks and ZIP files for tests, made by the libraries that others make theirs with.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace songsong::testing {

using Cell = std::variant<std::string, double>;

// The bytes of an XLSX file with one sheet.
std::string workbook(const std::vector<std::vector<Cell>>& rows);

// The bytes of a ZIP with these members, deflated.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace songsong::testing
