// The main job's worlds are fair: what their files say leads to the published figures, by a count of its own
// (check.h). Three seeds, and one made twice.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "shared/core/crypto.h"
#include "tests/bacgiang/check.h"
#include "tests/bacgiang/lists.h"
#include "tests/support/temporary_folder.h"

namespace songsong::bacgiang {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), folder).string()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

TEST_CASE("a made world leads to the published figures, with the wrong rows and the doubles that it promises") {
  init_crypto();
  const std::uint64_t seed = GENERATE(1u, 20210905u, 4294967295u);
  const TemporaryFolder folder;
  const Written written = write_world(make_world(seed), folder.file("world"));
  const Counted counted = check_world(folder.file("world"), SONGSONG_SOURCE_DIR "/tests/bacgiang/figures.json");
  INFO("seed " << seed);
  for (const std::string& difference : counted.differences) UNSCOPED_INFO(difference);
  CHECK(counted.differences.empty());
  CHECK(counted.lists == written.lists);
  CHECK(counted.wrong_rows >= 200);
  CHECK(counted.listed_twice >= 300);
  CHECK(counted.in_two_schools > 0);
  CHECK(counted.lookalikes > 0);
  CHECK(counted.disagreements > 0);
  CHECK(counted.void_handovers > 0);
}

TEST_CASE("the same seed makes the same bytes, another seed other children") {
  init_crypto();
  const TemporaryFolder one, same, other;
  write_world(make_world(7), one.file("w"));
  write_world(make_world(7), same.file("w"));
  write_world(make_world(8), other.file("w"));
  const auto files = files_of(one.file("w"));
  CHECK(files.size() > 300);
  CHECK(files == files_of(same.file("w")));
  CHECK(files != files_of(other.file("w")));
}

}  // namespace
}  // namespace songsong::bacgiang
