// Backups by the clock, and a restore that is rehearsed.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "server/commands.h"
#include "server/office.h"
#include "server/units.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using testing::must;
using Json = nlohmann::json;

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

void make_server(const std::string& folder) {
  must(Office::create(folder));
  must(write_units(must(Office::open(folder))->host(), "code,name,level,parent\nP,Tỉnh,province,\n"));
}

TEST_CASE("backups are named by the clock, the oldest go, and no other file") {
  TemporaryFolder folder;
  make_server(folder.file("server"));
  const std::string into = folder.file("kept");
  fs::create_directories(into);
  const std::set<std::string> others{"songsong-.db", "songsong-2020-01-01T00-00-00Z.db.erasures2",
                                     "songsong-yyyy-01-01T00-00-00Z.db", "other.db",
                                     "songsong-2020-01-01T00-00-00Z.dx"};
  for (const std::string& name : others) std::ofstream(into + "/" + name) << "x";
  for (const char* day : {"01", "02", "03"}) {
    const std::string old = into + "/songsong-2020-01-" + day + "T00-00-00Z.db";
    std::ofstream(old) << "x";
    std::ofstream(old + ".erasures") << "x";
  }
  const Json told = Json::parse(must(back_up_into(folder.file("server"), into, 2, true)).json);
  CHECK(told["kept"] == 2);
  CHECK(told["removed"] == 2);
  const std::string made = fs::path(told["file"].get<std::string>()).filename().string();
  std::set<std::string> expected = others;
  expected.insert({made, "songsong-2020-01-03T00-00-00Z.db", "songsong-2020-01-03T00-00-00Z.db.erasures"});
  CHECK(names_in(into) == expected);
}

TEST_CASE("a rehearsal says whether a backup can be restored, and leaves the folder as it was") {
  TemporaryFolder folder;
  const std::string server = folder.file("server"), backup = folder.file("backup.db");
  make_server(server);
  must(back_up(server, backup));
  const std::set<std::string> before = names_in(server);
  const Json told = Json::parse(must(rehearse_restore(server, backup)).json);
  CHECK(told["ok"] == true);
  CHECK(told["records"] == 1);
  std::set<std::string> after = names_in(server);
  after.erase("rehearsal.lock");
  CHECK(after == before);

  std::string bytes;
  {
    std::ifstream file(backup, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  bytes.resize(bytes.size() / 2);
  std::ofstream(folder.file("cut.db"), std::ios::binary) << bytes;
  CHECK(rehearse_restore(server, folder.file("cut.db")).fault().code.starts_with("storage_"));
  CHECK(rehearse_restore(server, folder.file("none.db")).fault().code == "file_unreadable");
  after = names_in(server);
  after.erase("rehearsal.lock");
  CHECK(after == before);
}

}  // namespace
}  // namespace songsong::server
