// Everything that fuzzers found, and what they go on from, once more: no harm is done to a program built as any other.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "shared/core/crypto.h"
#include "shared/core/quiet.h"
#include "tests/fuzz/target.h"

namespace songsong::fuzz {
namespace {

std::vector<std::filesystem::path> kept_of(const char* target) {
  std::vector<std::filesystem::path> files;
  for (const char* const kept : {"corpus", "found"}) {
    const std::filesystem::path folder = std::filesystem::path(SONGSONG_SOURCE_DIR) / "tests/fuzz" / kept / target;
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void replay(const char* target, void (*run)(std::string_view)) {
  init_crypto();
  keep_protobuf_quiet();
  const std::vector<std::filesystem::path> files = kept_of(target);
  REQUIRE_FALSE(files.empty());
  for (const std::filesystem::path& path : files) {
    INFO(path.string());
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK_NOTHROW(run(bytes));
  }
}

}  // namespace

TEST_CASE("what was kept of answer") { replay("answer", answer); }
TEST_CASE("what was kept of bundle") { replay("bundle", bundle); }
TEST_CASE("what was kept of csv") { replay("csv", csv); }
TEST_CASE("what was kept of http") { replay("http", http); }
TEST_CASE("what was kept of import") { replay("import", import); }
TEST_CASE("what was kept of piece") { replay("piece", piece); }
TEST_CASE("what was kept of policy") { replay("policy", policy); }
TEST_CASE("what was kept of request") { replay("request", request); }
TEST_CASE("what was kept of rows") { replay("rows", rows); }
TEST_CASE("what was kept of settings") { replay("settings", settings); }
TEST_CASE("what was kept of sheet") { replay("sheet", sheet); }
TEST_CASE("what was kept of states") { replay("states", states); }
TEST_CASE("what was kept of text") { replay("text", text); }
TEST_CASE("what was kept of ticket") { replay("ticket", ticket); }

}  // namespace songsong::fuzz
