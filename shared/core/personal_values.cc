#include "shared/core/personal_values.h"

namespace songsong {

Outcome<PersonalValuesOf> PersonalValuesOf::decode(std::string_view row) {
  PersonalValuesOf all;
  if (row.empty()) return all;
  ByteReader reader(row);
  const std::size_t count = read_count(reader, 10);
  std::pair<Name, FieldNumber> before;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const Name name = read_name(reader);
    const FieldNumber field = read_field(reader);
    const std::pair key(name, field);
    if (i > 0 && key <= before) reader.fail();
    before = key;
    all.values_.emplace(key, read_value(reader));
  }
  if (reader.at_end()) return all;
  return Fault{.code = "personal_values_malformed",
               .where = "byte " + std::to_string(reader.offset()),
               .what = "The row of personal values is cut short, too long or not in canonical form."};
}

std::string PersonalValuesOf::encode() const {
  if (values_.empty()) return {};
  ByteWriter writer;
  writer.varint(values_.size());
  for (const auto& [key, value] : values_) {
    writer.fixed64(key.first.packed());
    writer.varint(key.second);
    write_value(writer, value);
  }
  return std::move(writer).take();
}

const Value* PersonalValuesOf::find(Name change, FieldNumber field) const {
  const auto found = values_.find({change, field});
  return found == values_.end() ? nullptr : &found->second;
}

void PersonalValuesOf::put(Name change, FieldNumber field, const Value& value) {
  if (value.type() != ValueType::kErased) values_.insert_or_assign({change, field}, value);
}

void PersonalValuesOf::put_all(const Change& change) {
  for (const Write& write : change.writes) {
    if (write.personal) put(change.name, write.field, write.value);
  }
}

void PersonalValuesOf::put_all(const State& state) {
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) {
      if (!head.personal) continue;
      put(head.name, each.field, head.value);
      if (head.value.type() == ValueType::kErased) erase(head.name, each.field);
    }
  }
}

void PersonalValuesOf::keep_only(const std::function<bool(Name)>& keeps) {
  std::erase_if(values_, [&](const auto& each) { return !keeps(each.first.first); });
}

PersonalLookup PersonalValuesOf::lookup() const {
  return [this](Name change, FieldNumber field) { return find(change, field); };
}

}  // namespace songsong
