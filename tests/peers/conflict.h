// Two clients edit the same records offline (w3), the same for SongSong and the floor: the first 1,000 records in
// different fields, the next 1,000 in the same.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/bench_need.h"

namespace songsong::bench {

inline constexpr std::size_t kEditedApart = 1000, kEditedAlike = 1000;

struct Edited {
  std::string note, phone;

  bool operator==(const Edited&) const = default;
};

// A edits the note of all of them, B the telephone number of the first and the note of the others.
std::string note_of_a(const std::vector<Need>& needs, std::size_t record);
std::string note_of_b(const std::vector<Need>& needs, std::size_t record);
// A number as bench_need takes one; where the peers' harness writes "B1" and the code, which is none.
std::string phone_of_b(const std::vector<Need>& needs, std::size_t record);

// What became of the edits: on A, and where B holds something else.
nlohmann::ordered_json judge_edits(const std::vector<Need>& needs, const std::function<Edited(const Need&)>& on_a,
                                   const std::function<Edited(const Need&)>& on_b);

}  // namespace songsong::bench
