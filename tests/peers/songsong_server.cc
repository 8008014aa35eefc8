// peer_songsong_server: songsong-server's own `serve` with bench_need in its policy table, for the comparison with
// other systems (README.md). Makes the server where there is none, with the schools of the measured records as its
// units.
//
//   peer_songsong_server DIR PORT        until SIGTERM
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>

#include "server/serve.h"
#include "server/units.h"
#include "shared/core/crypto.h"
#include "tests/peers/bench_tables.h"
#include "tests/support/bench_need.h"

namespace songsong::bench {
namespace {

std::string units_csv() {
  std::string csv = "code,name,level,parent,area\nprovince,Province,province,,\n";
  std::set<std::string> known;
  for (const Need& need : make_needs(Lists::kMeasured, kMeasuredRecords, kMeasuredSeed)) {
    if (known.insert(need.district_id).second)
      csv += need.district_id + ",District " + need.district_id + ",district,province,\n";
    if (known.insert(need.school_id).second)
      csv += need.school_id + ",School " + need.school_id + ",school," + need.district_id + ",\n";
  }
  return csv;
}

Outcome<Done> make_server(const std::string& folder, const server::OfficeTables& tables) {
  const Outcome<Done> created = server::Office::create(folder);
  if (!created) return created;
  const Outcome<std::unique_ptr<server::Office>> office = server::Office::open(folder, {}, tables);
  if (!office) return office.fault();
  const Outcome<server::UnitChanges> written = server::write_units((*office)->host(), units_csv());
  if (!written) return written.fault();
  return Done{};
}

int run(const std::string& folder, const std::string& port) {
  const BenchTables tables;
  if (!std::filesystem::exists(server::store_path(folder))) {
    const Outcome<Done> made = make_server(folder, tables.borrowed());
    if (!made) {
      std::fprintf(stderr, "peer_songsong_server: %s at %s\n", made.fault().code.c_str(), made.fault().where.c_str());
      return 1;
    }
  }
  const Outcome<int> served = server::serve(folder, "127.0.0.1:" + port, tables.borrowed());
  if (served) return *served;
  std::fprintf(stderr, "peer_songsong_server: %s at %s\n", served.fault().code.c_str(), served.fault().where.c_str());
  return 1;
}

}  // namespace
}  // namespace songsong::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "peer_songsong_server DIR PORT\n");
    return 2;
  }
  songsong::init_crypto();
  return songsong::bench::run(argv[1], argv[2]);
}
