// Check: a made world counted again from its files alone, by rules of its own. What the lists say must lead to what the
// truth says, and the truth to the published figures; so a world that fails here would fail the main job through no
// fault of the programs.
//
//   every right row is of one record of the truth, every wrong row of none
//   two rows of one child agree in a match key; two children agree in one only where they are meant to look alike
//   corrections turn what the lists say into the truth, second thoughts disagree
//   handovers use devices that are there; those that are void or returned taken off, no child has two
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace songsong::bacgiang {

struct Counted {
  std::size_t lists = 0, right_rows = 0, wrong_rows = 0;
  std::size_t children = 0;
  std::size_t listed_twice = 0, in_two_schools = 0;
  std::size_t told_by_number = 0;  // of those listed twice: under another name, so that only a number tells
  std::size_t lookalikes = 0;      // pairs of different children who agree in a match key
  std::size_t corrections = 0, disagreements = 0;
  std::size_t handovers = 0, void_handovers = 0, returns = 0;
  std::size_t devices = 0, wrong_devices = 0;
  std::vector<std::string> differences;  // empty where all is well; codes and places, no names
};

// Of the folder that make_bacgiang wrote, and figures.json. Throws std::exception for a file that is not there or
// cannot be read.
Counted check_world(const std::string& folder, const std::string& figures);

}  // namespace songsong::bacgiang
