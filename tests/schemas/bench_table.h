// The policy table of everything that ships and of bench_need besides, for tests and measurements. Library
// songsong_bench_table.
#pragma once

#include <string_view>

namespace songsong {

// The serialised songsong.policy.PolicyTable; Policies::parse takes it. Lives as long as the program.
std::string_view bench_policy_table();

}  // namespace songsong
