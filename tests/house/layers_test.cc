#include "tests/house/layers.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/house/includes.h"

using namespace songsong::house;

namespace {

constexpr const char* kHouse = R"(
outside build/ tests/ */node_modules/
layer schemas       :
layer shared/core   : schemas
layer shared/sync   : schemas shared/core
layer server        : shared/core shared/sync
layer client        : shared/core shared/sync
home google/protobuf/ : schemas/ shared/core/policy.cc
home zstd.h           : shared/sync/zstd*.h shared/sync/zstd*.cc
never chrono : shared/
)";

std::vector<Breach> breaches_of(const SourceTree& tree) { return check(parse_rules(kHouse), tree); }

// What the one file of the tree that is looked at does wrong, beside files that do nothing wrong.
std::vector<Breach> breaches_in(const std::string& path, const std::string& text) {
  SourceTree tree = {{"schemas/kinds.proto", "syntax = \"proto3\";\n"},
                     {"shared/core/merge.h", "// What a record is now.\n"},
                     {"shared/sync/talk.h", "// Who says what.\n#include \"shared/core/merge.h\"\n"},
                     {"server/door.h", "// The way in.\n"}};
  tree[path] = text;
  return breaches_of(tree);
}

void check_breach(const std::string& path, const std::string& text, Law law, std::size_t line,
                  const std::string& part) {
  INFO(path << ":\n" << text);
  const std::vector<Breach> found = breaches_in(path, text);
  for (const Breach& breach : found) UNSCOPED_INFO(to_text(breach));
  REQUIRE(found.size() == 1);
  CHECK(found[0].file == path);
  CHECK(found[0].line == line);
  CHECK(found[0].law == law);
  CHECK(to_text(found[0]).find(part) != std::string::npos);
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::filesystem::path kRoot = SONGSONG_SOURCE_DIR;

}  // namespace

TEST_CASE("every include of SongSong stands in layers.txt") {
  const Rules rules = parse_rules(content(kRoot / "layers.txt"));
  const SourceTree tree = read_tree(kRoot, rules);
  REQUIRE(tree.contains("shared/core/merge.h"));
  REQUIRE(tree.contains("schemas/songsong/options.proto"));
  REQUIRE_FALSE(includes_of_source(tree.at("shared/core/merge.h")).empty());
  const std::vector<Breach> found = check(rules, tree);
  for (const Breach& breach : found) UNSCOPED_INFO(to_text(breach));
  CHECK(found.empty());
}

TEST_CASE("the six layers of the design are in layers.txt, and server and client do not know each other") {
  const Rules rules = parse_rules(content(kRoot / "layers.txt"));
  const auto layer = [&](const std::string& folder) {
    const auto found = std::find_if(rules.layers.begin(), rules.layers.end(),
                                    [&](const Layer& each) { return each.folder == folder; });
    REQUIRE(found != rules.layers.end());
    return *found;
  };
  for (const char* folder : {"schemas", "shared/core", "shared/replica", "shared/sync", "server", "client"})
    layer(folder);
  CHECK_FALSE(layer("server").uses.contains("client"));
  CHECK_FALSE(layer("client").uses.contains("server"));
  CHECK(layer("shared/core").uses == std::set<std::string>{"schemas", "shared/core"});
}

TEST_CASE("a tree that keeps the rules has no breach") {
  CHECK(breaches_in("shared/core/policy.cc",
                    "#include <string>\n#include <google/protobuf/arena.h>\n#include \"schemas/kinds.pb.h\"\n")
            .empty());
  CHECK(breaches_in("shared/sync/zstd_coat.cc", "#include \"shared/sync/talk.h\"\n#include <zstd.h>\n").empty());
  CHECK(breaches_in("server/door.cc", "#include \"shared/sync/talk.h\"\n#include <chrono>\n").empty());
  CHECK(breaches_in("schemas/more.proto",
                    "import \"schemas/kinds.proto\";\nimport public \"google/protobuf/descriptor.proto\";\n")
            .empty());
}

TEST_CASE("an edge that layers.txt does not allow is found with its file, line, edge and rule") {
  const std::string including_server = "// Rules.\n\n#include \"server/door.h\"\n";
  check_breach("shared/core/late.h", including_server, Law::kEdge, 3,
               "shared/core/late.h:3: server/door.h: shared/core may not include server (it may include schemas "
               "shared/core)");
  check_breach("shared/core/late.cc", "#include \"shared/sync/talk.h\"\n", Law::kEdge, 1,
               "may not include shared/sync");
  check_breach("client/form.cc", "#include \"server/door.h\"\n", Law::kEdge, 1, "client may not include server");
  check_breach("server/door.cc", "#include \"schemas/kinds.pb.h\"\n", Law::kEdge, 1, "server may not include schemas");
  check_breach("schemas/late.proto", "syntax = \"proto3\";\nimport \"server/door.h\";\n", Law::kEdge, 2,
               "schemas may not");
}

TEST_CASE("a folder below a layer belongs to it, unless it is a layer itself") {
  const SourceTree tree = {{"schemas/compiler/main.cc", "#include \"schemas/kinds.h\"\n"},
                           {"schemas/kinds.h", "// Kinds.\n#include \"schemas/compiler/read.h\"\n"},
                           {"schemas/compiler/read.h", "// Reads.\n"}};
  CHECK(check(parse_rules("layer schemas :\n"), tree).empty());
  const auto found = check(parse_rules("layer schemas :\nlayer schemas/compiler : schemas\n"), tree);
  REQUIRE(found.size() == 1);
  CHECK(
      to_text(found[0]) ==
      "schemas/kinds.h:2: schemas/compiler/read.h: schemas may not include schemas/compiler (it may include schemas)");
}

TEST_CASE("a third party outside its home, or without one, is found") {
  check_breach("shared/sync/talk.cc", "#include <zstd.h>\n", Law::kHome, 1, "its home is shared/sync/zstd*.h");
  check_breach("shared/core/policy.h", "// Policies.\n#include <google/protobuf/arena.h>\n", Law::kHome, 2,
               "its home is");
  check_breach("server/door.cc", "#include <boost/asio.hpp>\n", Law::kHome, 1, "has no home in layers.txt");
  check_breach("client/late.proto", "import \"google/protobuf/any.proto\";\n", Law::kHome, 1, "its home is schemas/");
}

TEST_CASE("a header that a place may never include is found there, and may stand elsewhere") {
  check_breach("shared/core/clock.cc", "#include <vector>\n#include <chrono>\n", Law::kNever, 2, "never in shared/");
  CHECK(breaches_in("client/clock.cc", "#include <chrono>\n").empty());
}

TEST_CASE("an include of ours is in quotes, rooted at the repository, and names a file that is there") {
  check_breach("shared/core/near.cc", "#include \"merge.h\"\n", Law::kRooted, 1, "rooted at the repository");
  check_breach("shared/core/near.cc", "#include \"../core/merge.h\"\n", Law::kRooted, 1, "rooted at the repository");
  check_breach("shared/core/near.cc", "#include \"shared/core/../core/merge.h\"\n", Law::kRooted, 1, "rooted");
  check_breach("shared/core/near.cc", "#include \"zstd.h\"\n", Law::kRooted, 1, "rooted at the repository");
  check_breach("shared/core/near.cc", "#include \"shared/core/gone.h\"\n", Law::kRooted, 1, "there is no such file");
  check_breach("shared/core/near.cc", "#include \"schemas/gone.pb.h\"\n", Law::kRooted, 1, "there is no such file");
  check_breach("shared/core/near.cc", "#include <shared/core/merge.h>\n", Law::kRooted, 1, "our own stand in quotes");
  check_breach("shared/core/near.cc", "#include SQLITE_HEADER\n", Law::kRooted, 1, "SQLITE_HEADER");
}

TEST_CASE("a source that includes a test is found") {
  check_breach("shared/core/merge.cc", "#include \"tests/support/random.h\"\n", Law::kTest, 1, "includes no test");
  check_breach("server/door.cc", "#include \"server/door_test.h\"\n", Law::kTest, 1, "includes no test");
  check_breach("server/door.cc", "#include <catch2/catch_test_macros.hpp>\n", Law::kTest, 1, "includes no test");
}

TEST_CASE("a header without a comment at its top, a source in no layer and a strange ending are found") {
  check_breach("shared/core/mute.h", "#pragma once\n// Late.\n", Law::kComment, 1, "says what it is");
  check_breach("shared/loose.cc", "", Law::kLayer, 1, "lies in no layer");
  check_breach("tools/loose.h", "// Loose.\n", Law::kLayer, 1, "lies in no layer");
  check_breach("shared/corepatch/loose.cc", "", Law::kLayer, 1, "lies in no layer");
  check_breach("server/door.cpp", "", Law::kSpelling, 1, "sources end in");
}

TEST_CASE("breaches are listed by file and line, every one of them") {
  const std::vector<Breach> found =
      breaches_of({{"server/b.cc", "#include \"gone.h\"\n#include <zstd.h>\n"}, {"server/a.h", "#pragma once\n"}});
  REQUIRE(found.size() == 3);
  CHECK(found[0].file == "server/a.h");
  CHECK(found[1].line == 1);
  CHECK(found[2].line == 2);
}

TEST_CASE("includes are found as the preprocessor finds them") {
  const auto names = [](const std::string& text) {
    std::vector<std::string> found;
    for (const Include& include : includes_of_source(text)) {
      found.push_back(std::to_string(include.line) + include.mark + include.header);
    }
    return found;
  };
  using Names = std::vector<std::string>;
  CHECK(names("#include \"a.h\"\n  #  include <b/c.h>  // why\n") == Names{"1\"a.h", "2<b/c.h"});
  CHECK(names("/* #include \"a.h\"\n#include \"b.h\"\n*/ #include \"c.h\"\n") == Names{"3\"c.h"});
  CHECK(names("// #include \"a.h\"\n#if 0\n#include_next <d.h>\n#endif\n") == Names{"3<d.h"});
  CHECK(names("auto s = \"// \\\" /* \";\n#include \"a.h\"\n") == Names{"2\"a.h"});
  CHECK(names("auto s = R\"x(\n#include \"no.h\"\n)\" )x\";\n#include \"a.h\"\n") == Names{"4\"a.h"});
  CHECK(names("int n = 1'000; char q = '\"'; wchar_t w = L'\"';\n#include \"a.h\"\n") == Names{"2\"a.h"});
  CHECK(names("#define X #include \"no.h\"\n#include X\n") == Names{"2?X"});
  CHECK(names("/* never closed\n#include \"a.h\"\n").empty());
  CHECK(names("#include \"open\n#include <also\n#include \"a.h\"") == Names{"1\"open", "2<also", "3\"a.h"});
}

TEST_CASE("imports of protobuf are found, and fields of that name are not") {
  const auto found = includes_of_proto(
      "syntax = \"proto3\";\n// import \"no.proto\";\nimport \"a.proto\"; import weak 'b.proto';\n"
      "message Import {\n  string import = 1 [(note) = \"; import \\\"no.proto\\\";\"];\n}\nimport public "
      "\"c.proto\";\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].header == "a.proto");
  CHECK(found[0].line == 3);
  CHECK(found[1].header == "b.proto");
  CHECK(found[2].header == "c.proto");
  CHECK(found[2].line == 7);
}

TEST_CASE("rules that say nothing sensible are refused with their line") {
  const auto refused = [](const std::string& text, const std::string& part) {
    INFO(text);
    try {
      parse_rules(text);
    } catch (const std::invalid_argument& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(part) != std::string::npos);
      return;
    }
    FAIL("accepted");
  };
  refused("layer a :\nlayer b : c\n", "layers.txt:2: c is no layer declared above");
  refused("layer a : b\nlayer b : a\n", "layers.txt:1: b is no layer declared above");
  refused("layer a :\nlayer a :\n", "layers.txt:2: a is declared twice");
  refused("layer a b :\n", "layers.txt:1: a layer is one folder");
  refused("\nhome zstd.h\n", "layers.txt:2: a rule has a colon");
  refused("home zstd.h :\n", "layers.txt:1: home needs a header and a place");
  refused("allow a : b\n", "layers.txt:1: unknown rule allow");
}

TEST_CASE("a tree is read without what the rules leave out, and without hidden folders") {
  const std::filesystem::path root =
      std::filesystem::temp_directory_path() / ("songsong-house-" + std::to_string(std::random_device{}()));
  for (const char* file : {"server/door.cc", "server/door.cpp", "server/page.html", "build/made.cc", "tests/a_test.cc",
                           "client/node_modules/x/x.h", ".hidden/x.h", "client/build/kept.h"}) {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file) << "// " << file;
  }
  const SourceTree tree = read_tree(root, parse_rules(kHouse));
  std::filesystem::remove_all(root);
  std::vector<std::string> paths;
  for (const auto& [path, text] : tree) paths.push_back(path);
  CHECK(paths == std::vector<std::string>{"client/build/kept.h", "server/door.cc", "server/door.cpp"});
  CHECK(tree.at("server/door.cc") == "// server/door.cc");
}
