#include "shared/core/quiet.h"

#include <fcntl.h>
#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "shared/core/policy.h"
#include "tests/support/temporary_folder.h"

namespace songsong {
namespace {

// What goes to standard error while `work` runs.
template <class Work>
std::string said_on_stderr(const Work& work) {
  const TemporaryFolder folder;
  const std::string path = folder.file("stderr");
  const int kept = dup(STDERR_FILENO);
  const int file = open(path.c_str(), O_CREAT | O_WRONLY, 0600);
  REQUIRE(kept >= 0);
  REQUIRE(file >= 0);
  dup2(file, STDERR_FILENO);
  work();
  dup2(kept, STDERR_FILENO);
  close(file);
  close(kept);
  std::ifstream read(path);
  return {std::istreambuf_iterator<char>(read), {}};
}

std::string table_with_kind(const std::string& name) {
  policy::PolicyTable table;
  table.add_kind()->set_name(name);
  return table.SerializeAsString();
}

}  // namespace

TEST_CASE("a message with a text that is no UTF-8 writes nothing across what a person reads") {
  const auto before = google::protobuf::SetLogHandler(nullptr);
  google::protobuf::SetLogHandler(before);
  std::string bytes;
  (void)said_on_stderr([&] { bytes = table_with_kind("\xFF"); });
  const auto decode = [&] { CHECK_FALSE(Policies::parse(bytes).ok()); };
  CHECK_FALSE(said_on_stderr(decode).empty());  // so it is without
  keep_protobuf_quiet();
  CHECK(said_on_stderr(decode).empty());
  google::protobuf::SetLogHandler(before);
}

}  // namespace songsong
