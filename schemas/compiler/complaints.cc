#include "schemas/compiler/complaints.h"

#include <ostream>

namespace songsong::schemac {

Place place_of(const google::protobuf::EnumValueDescriptor& value) {
  google::protobuf::SourceLocation location;
  const bool known = value.GetSourceLocation(&location);
  return {value.type()->file()->name(), known ? location.start_line + 1 : 1};
}

void Complaints::add(const Place& place, std::string_view subject, std::string_view what) {
  lines_.emplace(place.file, place.line, std::string(subject) + ": " + std::string(what));
}

void Complaints::print(std::ostream& out) const {
  for (const auto& [file, line, text] : lines_) out << file << ':' << line << ": " << text << '\n';
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string listed(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text;
}

std::string unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known) {
  const std::string kind(what);
  if (known.empty()) return "there is no " + kind + " " + quoted(name) + ", nor any other";
  return "there is no " + kind + " " + quoted(name) + "; there are: " + listed(known);
}

}  // namespace songsong::schemac
