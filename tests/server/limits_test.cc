// server.conf, and the list of units: what is wrong in them is told with its line, and nothing of it is taken.
#include "server/limits.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "server/descriptors.h"
#include "server/office.h"
#include "server/units.h"
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

const std::string kHeading = "code,name,level,parent\n";
const std::string kTree = kHeading + "S1,Trường 1,school,D1\nP,Tỉnh,province,\nD1,Huyện 1,district,P\n";

TEST_CASE("units go in with parents named after their children, and only what is new changes the second time") {
  const TemporaryFolder folder;
  must(Office::create(folder.file("server")));
  const std::unique_ptr<Office> office = must(Office::open(folder.file("server")));
  CHECK(must(write_units(office->host(), kTree)).added == 3);
  const UnitChanges again = must(write_units(office->host(), kTree + "S2,Trường 2,school,D1\n"));
  CHECK(again.added == 1);
  CHECK(again.unchanged == 3);
  const UnitChanges renamed = must(write_units(office->host(), kHeading + "S1,Trường Một,school,D1\n"));
  CHECK(renamed.changed == 1);
  CHECK(renamed.added == 0);
}

TEST_CASE("a list of units with a fault writes nothing, and the fault names its row") {
  const TemporaryFolder folder;
  must(Office::create(folder.file("server")));
  const std::unique_ptr<Office> office = must(Office::open(folder.file("server")));
  const auto fault = [&](const std::string& list) {
    const Outcome<UnitChanges> changes = write_units(office->host(), list);
    return changes ? "" : changes.fault().code + " " + changes.fault().where;
  };
  CHECK(fault("") == "units_heading row 1");
  CHECK(fault("code,name,level\n") == "units_heading row 1");
  CHECK(fault(kHeading) == "units_row row 2");
  CHECK(fault(kHeading + "P,Tỉnh,province,\n,Huyện,district,P\n") == "units_row row 3");
  CHECK(fault(kHeading + "P,Tỉnh,province,\nP,Tỉnh,province,\n") == "units_row row 3");
  CHECK(fault(kHeading + "P,Tỉnh,province,\nD,Huyện,district,X\n") == "unknown_parent row 3");
  CHECK(fault(kHeading + "A,A,province,B\nB,B,district,A\n") == "unit_circle row 2");
  CHECK(fault("code,name,level,parent,opened\nP,Tỉnh,province,,\nD,Huyện,district,P,31/02/2021\n") ==
        "date_malformed row 3");
  CHECK(must(write_units(office->host(), kHeading + "P,Tỉnh,province,\n")).added == 1);
}

}  // namespace
}  // namespace songsong::server
