#include "schemas/compiler/write.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

namespace songsong::schemac {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t kBytesPerLine = 24;

bool write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out) return true;
  std::cerr << "songsong-schemac: cannot write " << file.string() << ": " << std::strerror(errno) << '\n';
  return false;
}

std::string serialised(const policy::PolicyTable& table) {
  std::string bytes;
  pb::io::StringOutputStream stream(&bytes);
  pb::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  table.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

bool write_table(const std::filesystem::path& file, const policy::PolicyTable& table) {
  return write_file(file, serialised(table));
}

bool write_text(const std::filesystem::path& file, const policy::PolicyTable& table) {
  pb::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);  // labels are Vietnamese, and people review releases
  std::string text;
  printer.PrintToString(table, &text);
  return write_file(file, text);
}

bool write_cc(const std::filesystem::path& file, const std::string& function, const policy::PolicyTable& table) {
  const std::string bytes = serialised(table);
  std::string code =
      "// Made by songsong-schemac; do not edit.\n"
      "#include <string_view>\n\n"
      "namespace songsong {\n"
      "namespace {\n"
      "constexpr unsigned char kTable[] = {";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % kBytesPerLine == 0) code += "\n    ";
    code += std::to_string(static_cast<unsigned char>(bytes[i])) + ",";
  }
  code +=
      "\n};\n"
      "}  // namespace\n\n"
      "std::string_view " +
      function +
      "();\n"
      "std::string_view " +
      function +
      "() { return {reinterpret_cast<const char*>(kTable), sizeof kTable}; }\n\n"
      "}  // namespace songsong\n";
  return write_file(file, code);
}

}  // namespace songsong::schemac
