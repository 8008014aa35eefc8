#include "shared/replica/store_rows.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "shared/core/byte_reader.h"

namespace songsong {
namespace {

constexpr std::uint64_t kMaxNumber32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kLeastCellBytes = 5;
constexpr std::size_t kLeastClaimBytes = 1 + 1 + 8;
constexpr std::size_t kLeastRecordBytes = 8;
constexpr std::size_t kLeastFieldBytes = 1;

Fault malformed(const ByteReader& reader, const char* what) {
  return {"storage_damaged", "byte " + std::to_string(reader.offset()), std::string("It is no row of ") + what + "."};
}

// A count of things of at least `least` bytes each: more cannot be there.
std::size_t read_count(ByteReader& reader, std::size_t least) {
  return static_cast<std::size_t>(reader.varint_up_to(reader.remaining() / least));
}

std::uint32_t read_number(ByteReader& reader) { return static_cast<std::uint32_t>(reader.varint_up_to(kMaxNumber32)); }

void write_unit(ByteWriter& writer, std::string_view unit, std::string_view before) {
  if (unit == before) return writer.varint(0);
  writer.varint(unit.size() + 1);
  writer.raw_bytes(unit);
}

std::string_view read_unit(ByteReader& reader, std::string_view before) {
  const std::uint64_t length = reader.varint();
  if (length == 0) return before;
  const std::string_view unit = reader.raw_bytes(length - 1);
  if (unit == before) reader.fail();  // would be two forms of one row
  return unit;
}

}  // namespace

std::string encode_cells(const Cells& cells, std::string_view unit) {
  ByteWriter writer;
  writer.varint(cells.size());
  for (const Cell& cell : cells) {
    write_unit(writer, cell.unit, unit);
    unit = cell.unit;
    writer.varint(cell.measure);
    writer.varint(cell.dimension);
    writer.zigzag(cell.value);
    writer.zigzag(cell.count);
  }
  return writer.take();
}

Outcome<Cells> decode_cells(std::string_view bytes, std::string_view unit) {
  ByteReader reader(bytes);
  Cells cells(read_count(reader, kLeastCellBytes));
  for (Cell& cell : cells) {
    unit = read_unit(reader, unit);
    cell.unit = unit;
    cell.measure = read_number(reader);
    cell.dimension = read_number(reader);
    cell.value = reader.zigzag();
    cell.count = reader.zigzag();
    if (!reader.ok()) break;
  }
  if (!reader.at_end()) return malformed(reader, "cells");
  return cells;
}

std::string encode_claims(const std::vector<ClaimKey>& claims) {
  ByteWriter writer;
  writer.varint(claims.size());
  for (const ClaimKey& claim : claims) {
    writer.varint(claim.number);
    writer.bytes(claim.key);
    writer.fixed64(claim.claimant.packed());
  }
  return writer.take();
}

Outcome<std::vector<ClaimKey>> decode_claims(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<ClaimKey> claims(read_count(reader, kLeastClaimBytes));
  for (ClaimKey& claim : claims) {
    claim.number = read_number(reader);
    claim.key = reader.bytes();
    claim.claimant = Name::from_packed(reader.fixed64());
    if (!reader.ok()) break;
  }
  if (!reader.at_end()) return malformed(reader, "claims");
  return claims;
}

std::string encode_case(const CaseRow& row) {
  ByteWriter writer;
  writer.byte(static_cast<std::uint8_t>(row.raised.of));
  writer.bytes(row.raised.unit);
  writer.varint(row.raised.records.size());
  for (const RecordId record : row.raised.records) writer.fixed64(record.packed());
  writer.varint(row.raised.fields.size());
  for (const FieldNumber field : row.raised.fields) writer.varint(field);
  writer.bytes(row.raised.reason);
  writer.zigzag(row.raised_ms);
  return writer.take();
}

Outcome<CaseRow> decode_case(std::string_view bytes, std::string_view id) {
  ByteReader reader(bytes);
  CaseRow row;
  row.raised.id = id;
  const std::uint8_t of = reader.byte();
  if (of < static_cast<std::uint8_t>(CaseClass::kConflict) ||
      of > static_cast<std::uint8_t>(CaseClass::kMissingProof)) {
    reader.fail();
  }
  row.raised.of = static_cast<CaseClass>(of);
  row.raised.unit = reader.bytes();
  row.raised.records.resize(read_count(reader, kLeastRecordBytes));
  for (RecordId& record : row.raised.records) record = Name::from_packed(reader.fixed64());
  row.raised.fields.resize(read_count(reader, kLeastFieldBytes));
  for (FieldNumber& field : row.raised.fields) field = read_number(reader);
  row.raised.reason = reader.bytes();
  row.raised_ms = reader.zigzag();
  if (!reader.at_end()) return malformed(reader, "a case");
  return row;
}

}  // namespace songsong
