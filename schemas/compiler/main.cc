// songsong-schemac: compiles kinds (.proto files with the options of schemas/songsong/options.proto) to a policy table.
//
//   songsong-schemac --proto-root DIR --out TABLE.pb [--text TABLE.txtpb] [--cc TABLE.cc --function NAME]
//                    [--released DIR [--release]] [--protoc PROGRAM] FILE.proto ...
//
// Exit codes: 0 done, 1 the schema was refused (each complaint on standard error as file:line: subject: ...), 2 usage,
// 5 a file could not be written.
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "schemas/compiler/draft.h"
#include "schemas/compiler/read.h"
#include "schemas/compiler/released.h"
#include "schemas/compiler/write.h"

namespace songsong::schemac {
namespace {

constexpr int kDone = 0;
constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kStorage = 5;

struct Arguments {
  std::string protoc = "protoc";
  std::string proto_root;
  std::string out;
  std::string text;
  std::string cc;
  std::string function;
  std::string released;
  bool release = false;
  std::vector<std::string> files;
};

std::optional<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const std::vector<std::pair<std::string, std::string*>> options = {
      {"--protoc", &arguments.protoc},
      {"--proto-root", &arguments.proto_root},
      {"--out", &arguments.out},
      {"--text", &arguments.text},
      {"--cc", &arguments.cc},
      {"--function", &arguments.function},
      {"--released", &arguments.released},
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      arguments.files.push_back(words[i]);
      continue;
    }
    if (words[i] == "--release") {
      arguments.release = true;
      continue;
    }
    std::string* value = nullptr;
    for (const auto& [name, place] : options) {
      if (name == words[i]) value = place;
    }
    if (value == nullptr || i + 1 == words.size()) return std::nullopt;
    *value = words[++i];
  }
  const bool complete = !arguments.proto_root.empty() && !arguments.out.empty() && !arguments.files.empty();
  const bool agrees =
      arguments.cc.empty() == arguments.function.empty() && !(arguments.release && arguments.released.empty());
  if (!complete || !agrees) return std::nullopt;
  return arguments;
}

int write_all(const Arguments& arguments, const policy::PolicyTable& table, const std::vector<Release>& releases) {
  bool written = write_table(arguments.out, table);
  if (written && !arguments.text.empty()) written = write_text(arguments.text, table);
  if (written && !arguments.cc.empty()) written = write_cc(arguments.cc, arguments.function, table);
  if (!written) return kStorage;
  if (!arguments.release) return kDone;
  if (!releases.empty() && releases.back().table.revision() == table.revision()) {
    std::cout << "nothing has changed since " << releases.back().file << '\n';
    return kDone;
  }
  const std::string file = arguments.released + "/" + std::to_string(table.revision()) + ".txtpb";
  if (!write_text(file, table)) return kStorage;
  std::cout << "released " << file << '\n';
  return kDone;
}

int run(const Arguments& arguments) {
  const std::optional<Sources> sources = read_sources({
      arguments.protoc,
      std::filesystem::absolute(arguments.proto_root).lexically_normal(),
      arguments.files,
      arguments.out + ".descriptors",
  });
  if (!sources) return kRefused;
  Complaints complaints;
  Draft draft = declare(sources->files, complaints);
  resolve(draft, complaints);
  check(draft, complaints);
  std::vector<Release> releases;
  if (!arguments.released.empty()) releases = read_releases(arguments.released, complaints);
  policy::PolicyTable table;
  // A release can only be compared with a table that is sound in itself.
  if (complaints.empty()) {
    table = assemble(draft);
    check_released(draft, table, releases, complaints);
  }
  if (!complaints.empty()) {
    complaints.print(std::cerr);
    return kRefused;
  }
  table.set_revision(revision_of(table, releases));
  return write_all(arguments, table, releases);
}

}  // namespace
}  // namespace songsong::schemac

int main(int argc, char** argv) {
  const auto arguments = songsong::schemac::parse_arguments({argv + 1, argv + argc});
  if (!arguments) {
    std::cerr << "usage: songsong-schemac --proto-root DIR --out TABLE.pb [--text TABLE.txtpb]\n"
                 "           [--cc TABLE.cc --function NAME] [--released DIR [--release]] [--protoc PROGRAM] "
                 "FILE.proto ...\n";
    return songsong::schemac::kUsage;
  }
  try {
    return songsong::schemac::run(*arguments);
  } catch (const std::exception& error) {
    std::cerr << "songsong-schemac: " << error.what() << '\n';
    return songsong::schemac::kStorage;
  }
}
