// Playing the reform (reform.h): what every office was told before it, and whether each figure is explained after it.
// Both type `songsong total`, as an office would. Throw std::runtime_error.
#pragma once

#include <string>

namespace songsong::bacgiang {

struct Asker {
  std::string program, folder;  // `songsong`, and the folder of one who may ask
};

// Writes {code: total} of every unit above the schools.
int survey(const Asker& asker, const std::string& units_csv, const std::string& out);

// A line for each thing that must be so, and 0 only if all are: in the tree of the last old day every unit has what the
// survey found; each new commune has the sum of the communes that went into it; the new province all; districts
// nothing.
int explain(const Asker& asker, const std::string& survey_json, const std::string& reformed_csv);

}  // namespace songsong::bacgiang
