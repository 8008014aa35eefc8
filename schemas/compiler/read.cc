#include "schemas/compiler/read.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <system_error>

#include <google/protobuf/descriptor.pb.h>

namespace songsong::schemac {
namespace {

namespace pb = google::protobuf;
namespace fs = std::filesystem;

// The name that protobuf knows the file by: relative to the root, with forward slashes.
std::string virtual_name(const fs::path& root, const std::string& file) {
  const fs::path path(file);
  if (path.is_relative()) return path.lexically_normal().generic_string();
  return path.lexically_relative(root).generic_string();
}

std::string shell_word(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool run(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + shell_word(word);
  const int status = std::system(line.c_str());
  // The shell says itself that there is no such program; protoc says what is wrong with a file.
  return status == 0;
}

std::optional<pb::FileDescriptorSet> describe(const ReadOptions& options) {
  std::vector<std::string> command = {options.protoc, "--proto_path=" + options.root.string(),
                                      "--descriptor_set_out=" + options.scratch.string(), "--include_imports",
                                      "--include_source_info"};
  for (const std::string& file : options.files) {
    command.push_back((options.root / virtual_name(options.root, file)).string());
  }
  const bool parsed = run(command);
  pb::FileDescriptorSet set;
  bool read = false;
  if (parsed) {
    std::ifstream in(options.scratch, std::ios::binary);
    read = set.ParseFromIstream(&in);
    if (!read) std::cerr << "songsong-schemac: cannot read back " << options.scratch.string() << '\n';
  }
  std::error_code ignored;
  fs::remove(options.scratch, ignored);
  if (!read) return std::nullopt;
  return set;
}

}  // namespace

std::optional<Sources> read_sources(const ReadOptions& options) {
  const std::optional<pb::FileDescriptorSet> set = describe(options);
  if (!set) return std::nullopt;
  Sources sources{std::make_unique<pb::DescriptorPool>(), {}};
  // protoc writes every file after the files that it imports.
  for (const pb::FileDescriptorProto& file : set->file()) {
    if (sources.pool->BuildFile(file) == nullptr) return std::nullopt;
  }
  for (const std::string& file : options.files) {
    const pb::FileDescriptor* found = sources.pool->FindFileByName(virtual_name(options.root, file));
    if (found == nullptr) {
      std::cerr << "songsong-schemac: " << file << " is not below " << options.root.string() << '\n';
      return std::nullopt;
    }
    sources.files.push_back(found);
  }
  return sources;
}

}  // namespace songsong::schemac
