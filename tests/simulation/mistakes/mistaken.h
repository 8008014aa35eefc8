// Which of the mistakes of mistakes.txt is made in this process: SONGSONG_MISTAKE=N; none without it. Linked into
// simulate_mistakes alone.
#pragma once

#include <cstdint>
#include <string>

namespace songsong {

bool mistaken(int number);

// For the mistake of that name: a counter that no rollback takes back.
std::uint64_t given_before_commit(const std::string& store, std::uint64_t last);

}  // namespace songsong
