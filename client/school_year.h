// A new school year: every pupil of a school goes up one grade, once. Whoever is in the last grade of a level (5, 9,
// 12) leaves the school: to the next one where it is named, else they are listed for a person to decide, and stay as
// they are. Nothing is removed, so that what was handed over stays counted and who wrote it stays known.
//
// A pupil whose grade was written since the school year began is passed over: run again, or by two teachers, nobody
// goes up twice. This is the programme's own rule (grades and levels of Vietnam's schools), and so no rule of the
// engine.
#pragma once

#include <string>
#include <vector>

#include "client/command.h"

namespace songsong::client {

struct NewYear {
  std::string unit;                  // the school; empty: the only one that this device works at
  std::string leavers_to;            // the unit of the next school, which may be the same; empty: nobody moves
  std::vector<std::string> staying;  // records of those who repeat their grade
  std::string since;                 // the day on which the school year began; empty: the last first of July
  bool dry_run = false;
};

// Exit code kSetAside where somebody is left to decide on.
Exit begin_school_year(const Settings& settings, const NewYear& year);

}  // namespace songsong::client
