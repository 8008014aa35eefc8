// make_bacgiang --seed N --out DIR               the world of a seed as files (lists.h)
// make_bacgiang --check DIR --figures FILE       counts one again from its files (check.h); 1 if anything differs
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "shared/core/crypto.h"
#include "tests/bacgiang/check.h"
#include "tests/bacgiang/lists.h"

namespace {

using namespace songsong::bacgiang;

int make(std::uint64_t seed, const std::string& out) {
  const World world = make_world(seed);
  const Written written = write_world(world, out);
  std::printf("seed %llu: %zu children in %zu rows of %zu lists, %zu wrong rows, %zu listed twice, %zu handovers\n",
              static_cast<unsigned long long>(seed), world.children.size(), written.rows, written.lists,
              written.wrong_rows, world.rows.size() - world.children.size(), world.handovers.size());
  return 0;
}

int check(const std::string& folder, const std::string& figures) {
  const Counted counted = check_world(folder, figures);
  std::printf(
      "%zu lists, %zu right rows, %zu wrong rows; %zu children, %zu of them listed twice (%zu in two schools, "
      "%zu under another name), %zu pairs who look alike\n",
      counted.lists, counted.right_rows, counted.wrong_rows, counted.children, counted.listed_twice,
      counted.in_two_schools, counted.told_by_number, counted.lookalikes);
  std::printf(
      "%zu devices and %zu recorded wrongly; %zu handovers, %zu void, %zu returned; %zu corrections, %zu "
      "disagreements\n",
      counted.devices, counted.wrong_devices, counted.handovers, counted.void_handovers, counted.returns,
      counted.corrections, counted.disagreements);
  for (const std::string& difference : counted.differences) std::fprintf(stderr, "%s\n", difference.c_str());
  std::printf("%zu differences\n", counted.differences.size());
  return counted.differences.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  std::string out, folder, figures;
  CLI::App app("Makes Bắc Giang's autumn of 2021 from a seed");
  CLI::Option* const out_option = app.add_option("--out", out);
  CLI::Option* const seed_option = app.add_option("--seed", seed)->needs(out_option);
  out_option->needs(seed_option);
  CLI::Option* const figures_option = app.add_option("--figures", figures);
  CLI::Option* const check_option = app.add_option("--check", folder)->needs(figures_option)->excludes(out_option);
  CLI11_PARSE(app, argc, argv);
  if (out_option->empty() && check_option->empty()) return app.exit(CLI::RequiredError("--out or --check"));
  try {
    songsong::init_crypto();
    return check_option->empty() ? make(seed, out) : check(folder, figures);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_bacgiang: %s\n", error.what());
    return 1;
  }
}
