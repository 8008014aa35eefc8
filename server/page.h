// The plain page at `/` (page/index.html), built into the program.
#pragma once

#include <string_view>

namespace songsong::server {

std::string_view page_html();

}  // namespace songsong::server
