// Writing a policy table: as bytes, as text for releases and people, and as C++ that programs carry in them.
#pragma once

#include <filesystem>
#include <string>

#include "schemas/songsong/policy_table.pb.h"

namespace songsong::schemac {

// False when the file could not be written; standard error says why. The same table gives the same bytes.
bool write_table(const std::filesystem::path& file, const policy::PolicyTable& table);
bool write_text(const std::filesystem::path& file, const policy::PolicyTable& table);
// Defines `std::string_view songsong::FUNCTION()`, which returns the bytes of the table.
bool write_cc(const std::filesystem::path& file, const std::string& function, const policy::PolicyTable& table);

}  // namespace songsong::schemac
