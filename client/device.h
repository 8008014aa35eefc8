// Device: the doors to this computer: its clocks, its folders.
#pragma once

#include <cstdint>
#include <string>

#include "shared/core/clock.h"

namespace songsong::client {

ClockReading read_clock();

// Where a replica lives when nobody says: SONGSONG_DIR, else the user's data folder.
std::string default_folder();

}  // namespace songsong::client
