// Reading: .proto files become descriptors, with their options and the lines that they stand on.
//
// protoc does the parsing, as a process of its own, so that its errors are the ones that everybody knows and no
// development headers of the protobuf compiler are needed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace songsong::schemac {

struct Sources {
  std::unique_ptr<google::protobuf::DescriptorPool> pool;      // owns everything below
  std::vector<const google::protobuf::FileDescriptor*> files;  // the files asked for, in that order, without imports
};

struct ReadOptions {
  std::string protoc;              // program to run; found on the path when it names no folder
  std::filesystem::path root;      // what imports are relative to
  std::vector<std::string> files;  // relative to the root, or absolute below it
  std::filesystem::path scratch;   // written, read and removed again
};

// Nothing when protoc refused a file; it has then said why on standard error.
std::optional<Sources> read_sources(const ReadOptions& options);

}  // namespace songsong::schemac
