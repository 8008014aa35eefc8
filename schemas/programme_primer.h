// The primer that the programs compress with (shared/core/change_codec.h), as schemas/released/primer-1.bin has it.
// Library songsong_primer. How it was made: tests/bacgiang/make_primer.cc.
#pragma once

#include <string_view>

namespace songsong {

// Primer::parse takes it. Lives as long as the program.
std::string_view programme_primer_bytes();

}  // namespace songsong
