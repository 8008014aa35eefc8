// songsong-schemac, run as people run it: what it refuses, what it says, what a release forbids.
//
// Each file in bad/ is one case. Its lines say themselves what is expected of them:
//     ...  // refused: SUBJECT | WORDS
// and the compiler has to complain about exactly these lines, in the subject's name, with these words.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <sys/wait.h>

#include "schemas/songsong/policy_table.pb.h"

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = SONGSONG_SOURCE_DIR;

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct Ran {
  int exit = -1;
  std::string said;  // standard output and error

  bool says(std::string_view words) const { return said.find(words) != std::string::npos; }
};

// A folder of its own for each test, empty at the beginning.
class Desk {
 public:
  explicit Desk(const std::string& name) : folder_(fs::path(SONGSONG_SCRATCH_DIR) / name) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  fs::path operator/(const std::string& file) const { return folder_ / file; }

  Ran run(const std::string& arguments) const {
    const fs::path said = folder_ / "said";
    const std::string command =
        std::string("'") + SONGSONG_SCHEMAC_PROGRAM + "' " + arguments + " > '" + said.string() + "' 2>&1";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(said)};
  }

  // Compiles a file below tests/schemas; `more` are further options.
  Ran compile(const std::string& proto, const std::string& more = "") const {
    return run("--protoc '" SONGSONG_PROTOC "' --proto-root '" + kRoot.string() + "' --out '" +
               (folder_ / "table.pb").string() + "' " + more + " tests/schemas/" + proto);
  }

  std::string released() const { return "--released '" + (folder_ / "released").string() + "'"; }

  // The first release, made by the compiler itself.
  void release_first() const {
    fs::create_directories(folder_ / "released");
    const Ran ran = compile("releases/first.proto", released() + " --release");
    INFO(ran.said);
    REQUIRE(ran.exit == 0);
    REQUIRE(fs::exists(folder_ / "released" / "1.txtpb"));
  }

  songsong::policy::PolicyTable table() const {
    songsong::policy::PolicyTable table;
    REQUIRE(table.ParseFromString(read_file(folder_ / "table.pb")));
    return table;
  }

 private:
  fs::path folder_;
};

// `file:line: subject: ` and words that follow.
struct Expected {
  std::string beginning;
  std::string words;

  bool matches(const std::string& line) const {
    return line.starts_with(beginning) && line.find(words, beginning.size()) != std::string::npos;
  }
};

std::vector<Expected> expectations(const std::string& proto) {
  const std::string mark = "// refused: ";
  std::vector<Expected> expected;
  int number = 0;
  for (const std::string& line : lines_of(read_file(kRoot / proto))) {
    ++number;
    for (std::size_t at = line.find(mark); at != std::string::npos; at = line.find(mark, at + 1)) {
      const std::size_t begin = at + mark.size();
      const std::size_t bar = line.find(" | ", begin);
      REQUIRE(bar != std::string::npos);
      const std::size_t end = line.find("  //", bar);
      const std::size_t length = end == std::string::npos ? end : end - bar - 3;
      expected.push_back({proto + ":" + std::to_string(number) + ": " + line.substr(begin, bar - begin) + ": ",
                          line.substr(bar + 3, length)});
    }
  }
  return expected;
}

void check_refused(const Ran& ran, const std::string& proto) {
  INFO(ran.said);
  const std::vector<Expected> expected = expectations(proto);
  REQUIRE(!expected.empty());
  CHECK(ran.exit == 1);
  const std::vector<std::string> lines = lines_of(ran.said);
  for (const Expected& one : expected) {
    INFO("expected: " << one.beginning << "... " << one.words);
    CHECK(std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return one.matches(line); }));
  }
  for (const std::string& line : lines) {
    INFO("said: " << line);
    CHECK(std::any_of(expected.begin(), expected.end(), [&](const Expected& one) { return one.matches(line); }));
  }
}

}  // namespace

TEST_CASE("A schema that contradicts itself is refused by file, line and field") {
  const Desk desk("bad");
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(kRoot / "tests/schemas/bad")) {
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() > 100);
  for (const std::string& file : files) {
    DYNAMIC_SECTION(file) {
      check_refused(desk.compile("bad/" + file), "tests/schemas/bad/" + file);
      CHECK_FALSE(fs::exists(desk / "table.pb"));
    }
  }
}

TEST_CASE("What protoc refuses is passed on with its line") {
  const Desk desk("protoc");
  std::ofstream(desk / "typing.proto") << "syntax = \"proto3\";\nmessage Thing {\n  strng name = 1;\n}\n";
  const Ran ran = desk.run("--protoc '" SONGSONG_PROTOC "' --proto-root '" + (desk / "").string() + "' --out '" +
                           (desk / "table.pb").string() + "' typing.proto");
  INFO(ran.said);
  CHECK(ran.exit == 1);
  CHECK(ran.says("typing.proto:3:3: \"strng\" is not defined."));
  CHECK_FALSE(fs::exists(desk / "table.pb"));
}

TEST_CASE("A file that is missing, or a protoc that is, is said") {
  const Desk desk("missing");
  const Ran no_file = desk.compile("no_such.proto");
  CHECK(no_file.exit == 1);
  CHECK(no_file.says("no_such.proto"));
  const Ran no_protoc = desk.compile("releases/first.proto", "--protoc no-such-program");
  CHECK(no_protoc.exit == 1);
  CHECK(no_protoc.says("no-such-program"));
}

TEST_CASE("Wrong arguments are told how to be right") {
  const Desk desk("usage");
  for (const char* arguments :
       {"", "--out", "--proto-root . --out table.pb", "--proto-root . --out x --colour red a.proto",
        "--proto-root . --out x --cc x.cc a.proto", "--proto-root . --out x --release a.proto"}) {
    const Ran ran = desk.run(arguments);
    INFO(arguments);
    CHECK(ran.exit == 2);
    CHECK(ran.says("usage: songsong-schemac --proto-root DIR --out TABLE.pb"));
  }
}

TEST_CASE("A table that cannot be written is a fault of storage") {
  const Desk desk("storage");
  const Ran ran = desk.compile("releases/first.proto", "--text '" + (desk / "no/such/folder.txtpb").string() + "'");
  INFO(ran.said);
  CHECK(ran.exit == 5);
  CHECK(ran.says("folder.txtpb"));
}

TEST_CASE("The same schema gives the same bytes, in whatever order its files are named") {
  const Desk desk("order");
  REQUIRE(desk.compile("bench_need.proto tests/schemas/releases/first.proto").exit == 0);
  const std::string one = read_file(desk / "table.pb");
  REQUIRE(desk.compile("releases/first.proto tests/schemas/bench_need.proto").exit == 0);
  CHECK(!one.empty());
  CHECK(read_file(desk / "table.pb") == one);
}

TEST_CASE("What a release has may not change") {
  const Desk desk("changed");
  desk.release_first();
  for (const char* file : {"releases/changed.proto", "releases/renamed.proto"}) {
    DYNAMIC_SECTION(file) {
      const Ran ran = desk.compile(file, desk.released());
      check_refused(ran, std::string("tests/schemas/") + file);
      for (const std::string& line : lines_of(ran.said)) {
        INFO(line);
        CHECK(line.find("released/1.txtpb has ") != std::string::npos);
        CHECK(line.find("put it back") != std::string::npos);
      }
    }
  }
}

TEST_CASE("What a release has may not disappear") {
  const Desk desk("gone");
  desk.release_first();
  const Ran ran = desk.compile("releases/gone.proto", desk.released());
  INFO(ran.said);
  CHECK(ran.exit == 1);
  const std::string release = (desk / "released/1.txtpb").generic_string();
  for (const char* subject : {"loan", "measure.loans", "dimension.stage"}) {
    CHECK(ran.says(release + ":1: " + subject + ": " + release + " has it"));
  }
  CHECK(lines_of(ran.said).size() == 3);
}

TEST_CASE("Additions are free and make the next revision; a second release is checked as well as the first") {
  const Desk desk("added");
  desk.release_first();
  REQUIRE(desk.compile("releases/first.proto", desk.released()).exit == 0);
  CHECK(desk.table().revision() == 1);

  const Ran ran = desk.compile("releases/added.proto", desk.released() + " --release");
  INFO(ran.said);
  REQUIRE(ran.exit == 0);
  CHECK(desk.table().revision() == 2);
  CHECK(ran.says("released/2.txtpb"));

  const Ran again = desk.compile("releases/added.proto", desk.released() + " --release");
  CHECK(again.exit == 0);
  CHECK(again.says("nothing has changed since"));
  CHECK_FALSE(fs::exists(desk / "released/3.txtpb"));

  const Ran back = desk.compile("releases/first.proto", desk.released());
  INFO(back.said);
  CHECK(back.exit == 1);
  CHECK(back.says("loan.rating: "));
  CHECK(back.says("released/2.txtpb has it"));
}

TEST_CASE("A released table that was tampered with is noticed") {
  const Desk desk("tampered");
  desk.release_first();
  const std::string text = read_file(desk / "released/1.txtpb");

  std::ofstream(desk / "released/7.txtpb") << text;
  Ran ran = desk.compile("releases/first.proto", desk.released());
  INFO(ran.said);
  CHECK(ran.exit == 1);
  CHECK(ran.says("released/7.txtpb:1: release: the file says revision 1; its name must be that number"));

  std::ofstream(desk / "released/7.txtpb") << "revision: 7\nkind {\n  nummer: 60\n}\n";
  ran = desk.compile("releases/first.proto", desk.released());
  INFO(ran.said);
  CHECK(ran.exit == 1);
  CHECK(ran.says("released/7.txtpb:3: release: "));
}
