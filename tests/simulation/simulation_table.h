// The compiled table of what ships, the notebook and bench_need. Library songsong_simulation_table.
#pragma once

#include <string_view>

namespace songsong {

std::string_view simulation_policy_table();

}  // namespace songsong
