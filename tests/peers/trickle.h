// The daily trickle (w2), the same for SongSong and the floor: many clients push what they have, some at a time.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/bench_need.h"

namespace songsong::bench {

inline constexpr std::size_t kTrickleClients = 200, kTrickleChanges = 10, kTrickleThreads = 4;

// Of the first 200 schools that have so many: the first ten records.
std::map<std::string, std::vector<const Need*>> trickle_schools(const std::vector<Need>& needs);
std::string trickle_note(std::size_t client, std::size_t change);

// `push` is called once for each client, by kTrickleThreads threads; false, or what it throws, is a failure.
nlohmann::ordered_json run_trickle(std::size_t clients, const std::function<bool(std::size_t)>& push);

}  // namespace songsong::bench
