// Includes: what a source includes, found as the preprocessor would find it, not in comments or string literals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace songsong::house {

struct Include {
  std::string header;    // the name between the marks; of a macro, its name
  char mark = '"';       // '"', '<', or '?' for an include that names a macro
  std::size_t line = 0;  // from 1
};

// Of C and C++: #include, #include_next and #import. An include that a comment or a literal holds is none.
std::vector<Include> includes_of_source(std::string_view text);

// Of protobuf: import, import public and import weak.
std::vector<Include> includes_of_proto(std::string_view text);

// Whether a header of this name comes with every C++20 compiler.
bool is_standard_header(std::string_view header);

}  // namespace songsong::house
