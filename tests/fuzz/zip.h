// A spreadsheet's ZIP in memory, its members stored as they are.
#pragma once

#include <string>

#include "tests/fuzz/cases.pb.h"

namespace songsong::fuzz {

// Parts that the case leaves out are the usual ones.
std::string spreadsheet(const ListCase& list);

}  // namespace songsong::fuzz
