// The measured records as the other systems take them: one JSON object a line, as the common comparison's generator
// writes them, byte for byte.
#pragma once

#include <string>

#include "tests/support/bench_need.h"

namespace songsong::bench {

std::string to_json(const Need& need);

}  // namespace songsong::bench
