// The common parts of row formats: values and names, one after the other. Used by state_codec.h and change_row.h.
//
//   names     := count (name:fixed64)*                                  ascending
//   value     := type:byte  content      none and erased: nothing · integer: zigzag · text and bytes: bytes ·
//                                        reference: fixed64 · group: count (field:varint value)*
//
// Readers fail the ByteReader on anything that is not canonical, and never reserve more than the bytes that remain
// allow.
#pragma once

#include <functional>

#include "shared/core/byte_reader.h"
#include "shared/core/state.h"
#include "shared/core/value.h"

namespace songsong {

// Personal values can be left out of a row, to be kept in one erasable place.
enum class PersonalValues { kInside, kLeftOut };

// Finds the personal value that the named change wrote to a register; null when it was erased.
using PersonalLookup = std::function<const Value*(Name, FieldNumber)>;

void write_value(ByteWriter& writer, const Value& value);
// Groups within groups are no values.
Value read_value(ByteReader& reader);

void write_names(ByteWriter& writer, const VersionVector& names);
VersionVector read_names(ByteReader& reader);

Name read_name(ByteReader& reader);  // a valid one
bool read_flag(ByteReader& reader);  // 0 or 1
FieldNumber read_field(ByteReader& reader);
// A count of things that take at least `least` bytes each: more cannot be there.
std::size_t read_count(ByteReader& reader, std::size_t least);

}  // namespace songsong
