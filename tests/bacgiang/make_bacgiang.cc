// make_bacgiang --seed N --out DIR: the world of a seed as files (lists.h).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "shared/core/crypto.h"
#include "tests/bacgiang/lists.h"

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  std::string out;
  CLI::App app("Makes Bắc Giang's autumn of 2021 from a seed");
  app.add_option("--seed", seed)->required();
  app.add_option("--out", out)->required();
  CLI11_PARSE(app, argc, argv);
  try {
    songsong::init_crypto();
    const songsong::bacgiang::World world = songsong::bacgiang::make_world(seed);
    const songsong::bacgiang::Written written = songsong::bacgiang::write_world(world, out);
    std::printf("seed %llu: %zu children in %zu rows of %zu lists, %zu wrong rows, %zu listed twice, %zu handovers\n",
                static_cast<unsigned long long>(seed), world.children.size(), written.rows, written.lists,
                written.wrong_rows, world.rows.size() - world.children.size(), world.handovers.size());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_bacgiang: %s\n", error.what());
    return 1;
  }
}
