// The policy table of the engine's and the programme's kinds, as the build compiled it from schemas/, for programs that
// need it before any server has handed them one. Library songsong_programme.
#pragma once

#include <string_view>

namespace songsong {

// The serialised songsong.policy.PolicyTable; Policies::parse takes it. Lives as long as the program.
std::string_view programme_policy_table();

}  // namespace songsong
