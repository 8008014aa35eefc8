// Released tables: what is out there in saved changes, and may therefore not change.
//
// A release is a policy table in protobuf's text format, `<revision>.txtpb`, made by `songsong-schemac --release`.
// Additions are free; what a release has must stay, with the same meaning.
#pragma once

#include <filesystem>
#include <vector>

#include "schemas/compiler/draft.h"

namespace songsong::schemac {

struct Release {
  std::string file;  // for people: as it was found below the folder that was given
  policy::PolicyTable table;
};

// Ascending by revision. A file that is no table, or whose name is not its revision, is a complaint.
std::vector<Release> read_releases(const std::filesystem::path& folder, Complaints& complaints);

// The revision of the table: that of the latest release when it is the same, else the next one; 1 when there is none.
std::uint32_t revision_of(const policy::PolicyTable& table, const std::vector<Release>& releases);

// Complains about everything that a release has and the table lacks or says otherwise. The draft gives the places.
void check_released(const Draft& draft, const policy::PolicyTable& table, const std::vector<Release>& releases,
                    Complaints& complaints);

}  // namespace songsong::schemac
