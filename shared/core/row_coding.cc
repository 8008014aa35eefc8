#include "shared/core/row_coding.h"

#include <algorithm>

namespace songsong {
namespace {

void write_scalar(ByteWriter& writer, const Value& value) {
  writer.byte(static_cast<std::uint8_t>(value.type()));
  if (const auto* integer = value.integer()) return writer.zigzag(*integer);
  if (const auto* text = value.text()) return writer.bytes(*text);
  if (const auto* bytes = value.bytes()) return writer.bytes(*bytes);
  if (const auto* reference = value.reference()) return writer.fixed64(reference->packed());
}

Value read_scalar(ByteReader& reader, ValueType type) {
  switch (type) {
    case ValueType::kNone:
      return Value();
    case ValueType::kInteger:
      return Value(reader.zigzag());
    case ValueType::kText:
      return Value(Text{std::string(reader.bytes())});
    case ValueType::kBytes:
      return Value(Bytes{std::string(reader.bytes())});
    case ValueType::kReference:
      return Value(read_name(reader));
    case ValueType::kErased:
      return Value(Erased{});
    case ValueType::kGroup:
      break;
  }
  return reader.fail(), Value();
}

}  // namespace

void write_names(ByteWriter& writer, const VersionVector& names) {
  writer.varint(names.size());
  for (const Name name : names) writer.fixed64(name.packed());
}

// A count of things that take at least `least` bytes each: more cannot be there, so no more is reserved.
std::size_t read_count(ByteReader& reader, std::size_t least) {
  return static_cast<std::size_t>(reader.varint_up_to(reader.remaining() / least));
}

Name read_name(ByteReader& reader) {
  const Name name = Name::from_packed(reader.fixed64());
  if (!name.valid()) reader.fail();
  return name;
}

bool read_flag(ByteReader& reader) {
  const std::uint8_t flag = reader.byte();
  if (flag > 1) reader.fail();
  return flag == 1;
}

VersionVector read_names(ByteReader& reader) {
  VersionVector names(read_count(reader, 8));
  for (Name& name : names) name = read_name(reader);
  if (!std::is_sorted(names.begin(), names.end(), std::less_equal<>())) reader.fail();
  return names;
}

FieldNumber read_field(ByteReader& reader) { return static_cast<FieldNumber>(reader.varint_up_to(0xFFFFFFFFu)); }

void write_value(ByteWriter& writer, const Value& value) {
  const Group* const group = value.group();
  if (group == nullptr) return write_scalar(writer, value);
  writer.byte(static_cast<std::uint8_t>(ValueType::kGroup));
  writer.varint(group->size());
  for (const auto& [field, part] : *group) {
    writer.varint(field);
    write_scalar(writer, part);
  }
}

Value read_value(ByteReader& reader) {
  const auto type = static_cast<ValueType>(reader.byte());
  if (type != ValueType::kGroup) return read_scalar(reader, type);
  Group group;
  const std::size_t parts = read_count(reader, 2);
  for (std::size_t i = 0; i < parts && reader.ok(); ++i) {
    const FieldNumber field = read_field(reader);
    if (i > 0 && group.back().first >= field) reader.fail();
    group.emplace_back(field, read_scalar(reader, static_cast<ValueType>(reader.byte())));
  }
  return Value(std::move(group));
}

}  // namespace songsong
