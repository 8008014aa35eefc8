// server.conf: what is wrong in it is told with its line, and nothing of it is taken.
#include "server/limits.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "server/descriptors.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

using testing::must;

std::string fault_of(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.file("server.conf");
  std::ofstream(path) << text;
  const Outcome<Limits> limits = read_limits(path);
  return limits ? "" : limits.fault().code + " " + limits.fault().where.substr(folder.file("").size());
}

TEST_CASE("limits have defaults, are set by name, and a wrong line is named") {
  const TemporaryFolder folder;
  CHECK(must(read_limits(folder.file("server.conf"))).max_connections == Limits().max_connections);
  std::ofstream(folder.file("server.conf")) << "# for a small machine\n\nmax_connections = 8\nmax_streams=0 # none\n";
  const Limits limits = must(read_limits(folder.file("server.conf")));
  CHECK(limits.max_connections == 8);
  CHECK(limits.max_streams == 0);
  CHECK(limits.stop_seconds == Limits().stop_seconds);
  CHECK(fault_of("max_connections = 0") == "config_malformed server.conf, line 1");
  CHECK(fault_of("\nmax_connections = many") == "config_malformed server.conf, line 2");
  CHECK(fault_of("max_connection = 3") == "config_malformed server.conf, line 1");
  CHECK(fault_of("max_connections") == "config_malformed server.conf, line 1");
  CHECK(fault_of("max_body_bytes = 99999999999999999999") == "config_malformed server.conf, line 1");
}

TEST_CASE("a system that allows few open files makes the limits smaller, and one that allows enough does not") {
  const Limits limits;
  const std::size_t needed = descriptors_needed(limits);
  CHECK(needed >= 3'000);
  CHECK(fitted(limits, needed).max_connections == limits.max_connections);
  for (const std::size_t few : {std::size_t{80}, std::size_t{256}, std::size_t{1024}, needed - 1}) {
    const Limits small = fitted(limits, few);
    INFO(few);
    CHECK(descriptors_needed(small) <= few);
    CHECK(small.max_connections >= 4);
    CHECK(small.max_queued >= 1);
  }
  Limits tiny;
  tiny.max_connections = 8;
  CHECK(fitted(tiny, 1024).max_connections == 8);
}

}  // namespace
}  // namespace songsong::server
