// Program: the command line as it is declared, and the command that was written on it.
//
// One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "client/case_commands.h"
#include "client/command.h"
#include "client/school_year.h"
#include "client/sync_commands.h"

namespace songsong::client {

// Everything that can be written on the command line. Kept together, because CLI11 binds to it.
struct Arguments {
  std::string space, ticket, kind, record, text, unit, on, path, profile, shell, reason;
  std::vector<std::string> assignments, where, words;
  bool history = false, local = false, server = false, same_server = false, watch = false, dry_run = false,
       dependents = false, drop = false;
  int every = 30, draft = 0, minutes = 60;
  SyncOptions sync;
  NewYear year;
  Settlement settlement;
};

class Program {
 public:
  // Borrows the settings, and fills them in.
  explicit Program(Settings& settings);
  Exit run(int argc, char** argv);

 private:
  CLI::App* command(const char* name, const char* vi, const char* en, std::function<Exit()> run);
  void declare_records();
  void declare_lists();
  void declare_office();
  void declare_sync();
  void declare_pin();
  void declare_shell();
  Exit settle();

  Settings& settings_;
  Arguments arguments_;
  CLI::App app_;
  std::function<Exit()> run_;
};

}  // namespace songsong::client
