// songsong: the field client on a command line (docs/INTERFACES.md).
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "client/device.h"
#include "client/program.h"
#include "shared/core/crypto.h"
#include "shared/core/quiet.h"

namespace songsong::client {
namespace {

void complain(const Settings& settings, const Fault& fault) {
  const Message message = message_for(fault, settings.language);
  if (settings.json) {
    const Json error{{"code", fault.code == "refused" && !fault.where.empty() ? fault.where : fault.code},
                     {"message", message.what},
                     {"where", fault.code == "refused" ? "server" : fault.where},
                     {"do", message.act}};
    remark(error.dump(-1, ' ', false, Json::error_handler_t::replace));
    return;
  }
  std::string line = emphasised(STDERR_FILENO, Emphasis::kWrong, message.what);
  if (!fault.where.empty() && fault.code != "refused") line += "  (" + fault.where + ")";
  remark(line);
  if (fault.code == "network" && !fault.what.empty()) remark("  " + fault.what);
  if (!message.act.empty()) remark("  → " + message.act);
}

int run(int argc, char** argv) {
  init_crypto();
  signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is told as a full disk is
  Settings settings;
  settings.folder = default_folder();
  settings.language = choose_language([](const char* name) { return std::getenv(name); });
  Program program(settings);
  const Exit exit = program.run(argc, argv);
  if (exit) {
    if (std::fflush(stdout) == 0) return *exit;
    complain(settings, Fault{.code = "file_unwritable", .where = "stdout", .what = "The output cannot be written."});
    return 5;
  }
  complain(settings, exit.fault());
  return exit_code_for(exit.fault());
}

}  // namespace
}  // namespace songsong::client

int main(int argc, char** argv) {
  songsong::keep_protobuf_quiet();
  try {
    return songsong::client::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "songsong: %s\n", error.what());
    return 5;
  }
}
