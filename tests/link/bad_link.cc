// bad_link: a weak link as a program (link.h). Prints "link on http://127.0.0.1:PORT", then a line for each connection
// that it cuts, silences or closes half, until it is ended. The server's address stands in a file, which is read at
// each connection; while there is none, nobody is reached.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "tests/link/link.h"

int main(int argc, char** argv) {
  using namespace songsong::link;
  std::string file;
  LinkOptions options;
  options.chances.cut = 25;
  std::int64_t up = 0, down = 0;
  CLI::App app("A weak link");
  app.add_option("--to", file, "the file with the server's address")->required();
  app.add_option("--seed", options.seed);
  app.add_option("--up", up, "kbit/s to the server; 0: no limit");
  app.add_option("--down", down, "kbit/s from it");
  app.add_option("--rtt", options.round_trip_ms, "ms there and back");
  app.add_option("--cut-every", options.cut_every_ms, "ms between two cuts of all connections");
  app.add_option("--cut", options.chances.cut, "of a hundred connections so many are cut");
  app.add_option("--stall-up", options.chances.stalled_up, "… go silent on the way to the server");
  app.add_option("--stall-down", options.chances.stalled_down, "… on the way from it");
  app.add_option("--half-close-up", options.chances.half_closed_up, "… are closed in that way only");
  app.add_option("--half-close-down", options.chances.half_closed_down, "… in the other");
  app.add_option("--after", options.chances.after_bytes, "after so many bytes, at most")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  options.bits_per_second_up = up * 1000;
  options.bits_per_second_down = down * 1000;
  options.server = [&file] {
    std::ifstream in(file);
    std::string address;
    std::getline(in, address);
    return address;
  };
  options.tell = [](const char* what) {
    std::puts(what);
    std::fflush(stdout);
  };
  // The link's thread leaves the signals to this one.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  try {
    const Link link(options);
    std::printf("link on %s\n", link.address().c_str());
    std::fflush(stdout);
    int signal_number = 0;
    sigwait(&ends, &signal_number);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bad_link: %s\n", error.what());
    return 1;
  }
  return 0;
}
