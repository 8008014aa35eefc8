// Rows: changes and states in the forms of a store's rows, one after the other, each with its length: what a fuzzer
// alters in one place at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/state.h"

namespace songsong::fuzz {

inline constexpr std::size_t kMostRows = 64;

// What is no row, and what no encoder takes (change.h, state.h), is left out.
std::vector<Change> changes_of(const std::vector<std::string>& rows);
std::vector<State> states_of(const std::vector<std::string>& rows);

// row:bytes*, cut where they end.
std::vector<std::string> split_rows(std::string_view bytes);
std::string join_rows(const std::vector<std::string>& rows);

}  // namespace songsong::fuzz
