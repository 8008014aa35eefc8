// Chance out of the operating system.
#pragma once

#include <cstdint>
#include <span>

namespace songsong {

// Any thread. Ends the program if there is none, for nothing may be signed without.
void draw_entropy(std::span<std::uint8_t> bytes);

}  // namespace songsong
