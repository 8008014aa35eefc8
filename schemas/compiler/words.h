// Words: the names and labels that elements of a schema carry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "schemas/compiler/complaints.h"
#include "schemas/songsong/options.pb.h"
#include "schemas/songsong/policy_table.pb.h"

namespace songsong::schemac {

// `SchoolLevel` to `school_level`, `HTTPCode` to `http_code`.
std::string lower_snake(std::string_view camel);
std::string upper_snake(std::string_view camel);
bool is_lower_snake(std::string_view name);

// Complains unless both languages are there. `what` names the label: "label", "help of ...".
void check_label(const schema::Label& label, std::string_view what, const Place& place, std::string_view subject,
                 Complaints& complaints);
// Complains about an alias that says nothing.
void check_aliases(const google::protobuf::RepeatedPtrField<schema::Label>& aliases, const Place& place,
                   std::string_view subject, Complaints& complaints);

// Complains about a value 0 that is a choice, values without the enum's prefix, negative and doubled numbers.
void check_enum(const google::protobuf::EnumDescriptor& source, Complaints& complaints);
// A value's name as people write it: lower snake case without the enum's prefix.
std::string value_name(const google::protobuf::EnumValueDescriptor& value);
// The choices of a field's enum: every value but 0, ascending, labels checked.
std::vector<policy::EnumEntry> choices(const google::protobuf::EnumDescriptor& source, Complaints& complaints);

// Words by which lists name an element; the same word for two elements would make a list ambiguous.
class Wording {
 public:
  explicit Wording(std::string_view what) : what_(what) {}
  void add(const std::string& name, const schema::Label& label,
           const google::protobuf::RepeatedPtrField<schema::Label>& aliases, const Place& place,
           std::string_view subject, Complaints& complaints);

 private:
  void add_word(const std::string& word, const std::string& name, const Place& place, std::string_view subject,
                Complaints& complaints);

  std::string what_;
  std::vector<std::pair<std::string, std::string>> taken_;  // word, name of the element
};

}  // namespace songsong::schemac
