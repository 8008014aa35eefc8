// What `--help` says beside the declarations of the command line: examples, exit codes, CLI11's own words.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "shared/core/messages.h"

namespace songsong::client {

// Before anything is declared.
void speak(CLI::App& app, Language language);
// Below the list of commands.
const char* footer(Language language);
// Of a command, in the words of the fixed forms (docs/INTERFACES.md), which are the same in every language; null for
// one that needs none.
const char* example_of(const std::string& command);

}  // namespace songsong::client
