// Complaints: what is wrong with a schema, where, and what to do about it.
//
// The text form is `file:line: subject: what is wrong; what to do`, which editors and build tools turn into a link.
// A value type for one thread; the compiler goes on after a complaint, so that one run shows all of them.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace songsong::schemac {

struct Place {
  std::string file;  // as the compiler was told, relative to the root of the schemas
  int line = 1;      // from 1
};

// Where an element is declared.
template <class Descriptor>
Place place_of(const Descriptor& element) {
  google::protobuf::SourceLocation location;
  const bool known = element.GetSourceLocation(&location);
  return {element.file()->name(), known ? location.start_line + 1 : 1};
}
Place place_of(const google::protobuf::EnumValueDescriptor& value);

class Complaints {
 public:
  void add(const Place& place, std::string_view subject, std::string_view what);
  bool empty() const { return lines_.empty(); }
  std::size_t size() const { return lines_.size(); }
  // One a line, ascending by place; a repeated complaint once.
  void print(std::ostream& out) const;

 private:
  std::set<std::tuple<std::string, int, std::string>> lines_;
};

// `"one", "two"`, or "none" for an empty list.
std::string listed(const std::vector<std::string>& names);
std::string quoted(std::string_view name);
// The words for a name that means nothing: `there is no field "colour"; there are "size", "weight"`.
std::string unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known);

}  // namespace songsong::schemac
