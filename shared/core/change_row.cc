#include "shared/core/change_row.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kShape = 3;
constexpr std::uint8_t kPersonal = 4;
constexpr std::uint8_t kElsewhere = 8;

void write_write(ByteWriter& writer, const Write& write, PersonalValues personal) {
  const bool elsewhere = write.personal && personal == PersonalValues::kLeftOut;
  writer.varint(write.field);
  writer.byte(static_cast<std::uint8_t>(static_cast<std::uint8_t>(write.shape) | (write.personal ? kPersonal : 0) |
                                        (elsewhere ? kElsewhere : 0)));
  if (!elsewhere) write_value(writer, write.value);
}

Write read_write(ByteReader& reader, Name name, const PersonalLookup& personal) {
  Write write;
  write.field = read_field(reader);
  const std::uint8_t flags = reader.byte();
  if (flags > (kShape | kPersonal | kElsewhere)) reader.fail();
  write.shape = static_cast<Shape>(flags & kShape);
  write.personal = (flags & kPersonal) != 0;
  if ((flags & kElsewhere) == 0) {
    write.value = read_value(reader);
    return write;
  }
  if (!write.personal) reader.fail();
  const Value* const kept = personal && reader.ok() ? personal(name, write.field) : nullptr;
  write.value = kept != nullptr ? *kept : Value(Erased{});
  return write;
}

std::string read_text(ByteReader& reader, std::size_t most) {
  const std::string_view text = reader.bytes();
  if (text.size() > most) reader.fail();
  return std::string(text);
}

}  // namespace

std::string encode_change(const Change& change, PersonalValues personal) {
  ByteWriter writer;
  writer.byte(kVersion);
  writer.fixed64(change.name.packed());
  writer.fixed64(change.record.packed());
  writer.fixed64(change.origin.packed());
  writer.varint(change.kind);
  write_names(writer, change.saw);
  writer.zigzag(change.captured_ms);
  writer.zigzag(change.correction_ms);
  writer.varint(change.uncertainty_ms);
  writer.bytes(change.actor);
  writer.bytes(change.unit);
  writer.varint(change.revision);
  writer.varint(change.writes.size());
  for (const Write& write : change.writes) write_write(writer, write, personal);
  return std::move(writer).take();
}

Outcome<Change> decode_change(std::string_view bytes, const PersonalLookup& personal) {
  ByteReader reader(bytes);
  const auto fault = [&reader](const char* what) {
    return Fault{.code = "change_malformed", .where = "byte " + std::to_string(reader.offset()), .what = what};
  };
  if (reader.byte() != kVersion) return fault("The bytes are no change, or of a newer version.");
  Change change;
  change.name = read_name(reader);
  change.record = read_name(reader);
  change.origin = Name::from_packed(reader.fixed64());
  if (change.origin.packed() != 0 && !change.origin.valid()) reader.fail();
  change.kind = static_cast<KindNumber>(reader.varint_up_to(0xFFFFFFFFu));
  change.saw = read_names(reader);
  change.captured_ms = reader.zigzag();
  change.correction_ms = reader.zigzag();
  change.uncertainty_ms = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
  change.actor = read_text(reader, kMaxActorBytes);
  change.unit = read_text(reader, kMaxUnitCodeBytes);
  change.revision = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
  const std::size_t writes = read_count(reader, 2);
  if (writes > kMaxWritesPerChange) reader.fail();
  for (std::size_t i = 0; i < writes && reader.ok(); ++i)
    change.writes.push_back(read_write(reader, change.name, personal));
  if (!reader.at_end()) return fault("The change is cut short, too long or not in canonical form.");
  return change;
}

}  // namespace songsong
