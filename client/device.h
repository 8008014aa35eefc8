// Device: the doors to this computer: its clocks, its randomness, its folders.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "shared/core/clock.h"

namespace songsong::client {

ClockReading read_clock();
// From the system. Ends the program if there is none, for nothing may be signed without.
void draw_entropy(std::span<std::uint8_t> bytes);

// Where a replica lives when nobody says: SONGSONG_DIR, else the user's data folder.
std::string default_folder();

}  // namespace songsong::client
