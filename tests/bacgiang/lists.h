// Lists: a world as its schools write it down: XLSX and CSV, headings in several wordings, dates in several forms,
// names with other tone marks, upper case or loose spaces, rows that are wrong. And the truth, which neither program
// reads.
#pragma once

#include <string>

#include "tests/bacgiang/world.h"

namespace songsong::bacgiang {

struct Written {
  std::size_t lists = 0;
  std::size_t rows = 0;
  std::size_t wrong_rows = 0;
};

// Makes
//   units.csv             for `songsong-server init`
//   units-2025.csv        for `songsong-server units --on` (reform.h)
//   lists/<school>.xlsx, lists/<school>.csv       profile `school_list`
//   devices/<replica>.csv                         profile `device`
//   work/<replica>.json   what a field replica does offline, and after the first sync (play.cc)
//   work/<district>.json  what a district writes differently, and its papers
//   truth.json            who is who, what is right, and the totals
// Throws std::runtime_error when a file cannot be written.
Written write_world(const World& world, const std::string& folder);

}  // namespace songsong::bacgiang
