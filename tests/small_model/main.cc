// small_model: every small history, through the real merge and the real books.
//
//   small_model --changes 4              both levels; with --merge or --books only one
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "shared/core/crypto.h"
#include "tests/small_model/run.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  songsong::init_crypto();
  songsong::small_model::RunOptions options;
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  bool only_merge = false, only_books = false;
  CLI::App app("Every small history, through the real merge and the real books", "small_model");
  app.add_option("--changes", options.changes, "How many changes a history has")->check(CLI::Range(1, 4));
  app.add_option("--threads", options.threads, "At most so many at once")->check(CLI::Range(1, 64));
  app.add_flag("--merge", only_merge, "Only the merge");
  app.add_flag("--books", only_books, "Only the books");
  CLI11_PARSE(app, argc, argv);
  options.merge = !only_books;
  options.books = !only_merge;
  const Clock::time_point began = Clock::now();
  int violations = 0;
  for (const songsong::small_model::Ran& ran : songsong::small_model::run(options)) {
    std::printf("%s%s\n    %s\n", ran.ok ? "" : "VIOLATION ", ran.family.c_str(), ran.told.c_str());
    violations += ran.ok ? 0 : 1;
  }
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began).count();
  std::printf("%zu changes: %d violations, %lld s\n", options.changes, violations, static_cast<long long>(took));
  return violations == 0 ? 0 : 1;
}
