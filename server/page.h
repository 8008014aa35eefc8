// Files that are built into the program: the plain pages at `/` (page/index.html) and `/devices`, which share a style
// (page/style.css stands in both), and what the paths are and answer
// (api/openapi.json, OpenAPI 3.1).
#pragma once

#include <string_view>

namespace songsong::server {

std::string_view page_html();
std::string_view devices_html();
std::string_view openapi_json();

}  // namespace songsong::server
