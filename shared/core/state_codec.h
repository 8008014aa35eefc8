// The canonical bytes of one state: equal states have equal bytes on every machine. This is what a store keeps in a row
// and what tests and digests compare; many states travel in columns instead (state_batch_codec.h).
//
//   state     := version=1  id:fixed64  kind:varint  opened:byte  opened_in:bytes  names(applied)  names(removal_ahead)
//                count (writer)*  count (register)*  count (sum)*
//   names     := count (name:fixed64)*                                  ascending
//   writer    := name:fixed64  captured_ms:zigzag                       each change that a head names, ascending
//   register  := field:varint  member:value  count (head)*  names(ahead)
//   head      := index of its writer:varint  flags:byte  value          flags: 1 personal, 2 a removal saw it, 4 value elsewhere
//   sum       := field:varint  total:zigzag  count (name:fixed64  removal_saw:byte)*
//   value     := type:byte  content      none and erased: nothing · integer: zigzag · text and bytes: bytes ·
//                                        reference: fixed64 · group: count (field:varint value)*
//
// Personal values can be left out (flag 4), to be kept in one erasable place: decode then puts them back.
// Pure functions; decoding never throws and accepts only canonical bytes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "shared/core/byte_reader.h"
#include "shared/core/outcome.h"
#include "shared/core/state.h"

namespace songsong {

enum class PersonalValues { kInside, kLeftOut };

// Finds the personal value that the named change wrote to a register; null when it was erased.
using PersonalLookup = std::function<const Value*(Name, FieldNumber)>;

std::string encode_state(const State& state, PersonalValues personal = PersonalValues::kInside);
// Without a lookup, values left out are read as erased.
Outcome<State> decode_state(std::string_view bytes, const PersonalLookup& personal = {});

void write_value(ByteWriter& writer, const Value& value);
// Fails the reader on bytes that are no value; groups within groups are none.
Value read_value(ByteReader& reader);

}  // namespace songsong
