// Files that are built into the program: the plain page at `/` (page/index.html), and what the paths are and answer
// (api/openapi.json, OpenAPI 3.1).
#pragma once

#include <string_view>

namespace songsong::server {

std::string_view page_html();
std::string_view openapi_json();

}  // namespace songsong::server
