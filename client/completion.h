// Completion: what can stand where the cursor is, for a shell's TAB key: commands and options from the command line's
// own declaration, kinds, fields and values from the schema. Pure; opens no replica.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "shared/core/policy.h"

namespace songsong::client {

// `words`: after the program's name, the last one unfinished, maybe empty. Whole words, ascending.
std::vector<std::string> candidates(const CLI::App& app, const Policies& policies,
                                    const std::vector<std::string>& words);

// The few lines that a shell reads; null for a shell that is not known.
const char* completion_script(const std::string& shell);

}  // namespace songsong::client
