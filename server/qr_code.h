// QR codes (ISO/IEC 18004) by libqrencode, as pictures for paper and for a terminal. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong::server {

// Error correction M: a seventh of the code may be soiled. Fault "too_long" of what fits in no code.

// An SVG element; it scales with its width.
Outcome<std::string> qr_svg(std::string_view text);
// Lines of half blocks, dark on light whatever the terminal's colours are.
Outcome<std::string> qr_lines(std::string_view text);

}  // namespace songsong::server
