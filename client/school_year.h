// A new school year: every pupil of a school goes up one grade, once. Whoever is in the last grade of a level (5, 9)
// leaves for the school that is named for it, which may be the same one; else they are listed for a person to decide,
// and stay as they are, as those of grade 12 do. Nothing is removed, so that what was handed over stays counted and who
// wrote it stays known.
//
// A pupil whose grade was written since the school year began is passed over: run again, or by two teachers, nobody
// goes up twice. So the grade of whoever repeats is written again, as it is. Of whom people wrote different things
// nothing is written: that is a case for a person. "Now" is the device's corrected time, as of what it saves.
//
// This is the programme's own rule (grades and levels of Vietnam's schools), and so no rule of the engine.
#pragma once

#include <string>
#include <vector>

#include "client/command.h"

namespace songsong::client {

struct NewYear {
  std::string unit;  // the school; empty: the only one that this device works at
  // "5=CODE", "9=CODE"; "CODE" where those of one grade leave only. None: nobody moves.
  std::vector<std::string> leavers_to;
  std::vector<std::string> staying;  // records of those who repeat their grade
  std::string since;                 // the day on which the school year began; empty: the last first of July
  bool dry_run = false;
};

// Exit code kSetAside where somebody is left to decide on.
Exit begin_school_year(const Settings& settings, const NewYear& year);

}  // namespace songsong::client
