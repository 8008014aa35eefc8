// The canonical bytes of one state: equal states have equal bytes on every machine. This is what a store keeps in a row
// and what tests and digests compare; many states travel in columns instead (state_batch_codec.h).
//
//   state     := version=1  id:fixed64  kind:varint  opened:byte  opened_in:bytes  names(applied)  names(removal_ahead)
//                count (writer)*  count (register)*  count (sum)*
//   writer    := name:fixed64  captured_ms:zigzag                       each change that a head names, ascending
//   register  := field:varint  member:value  count (head)*  names(ahead)
//   head      := index of its writer:varint  flags:byte  value          flags: 1 personal, 2 a removal saw it, 4 value
//   elsewhere sum       := field:varint  total:zigzag  count (name:fixed64  removal_saw:byte)* names, value
//   row_coding.h
//
// Personal values can be left out (flag 4), to be kept in one erasable place: decode then puts them back.
// Pure functions; decoding never throws and accepts only canonical bytes.
#pragma once

#include <string>
#include <string_view>

#include "shared/core/outcome.h"
#include "shared/core/row_coding.h"
#include "shared/core/state.h"

namespace songsong {

std::string encode_state(const State& state, PersonalValues personal = PersonalValues::kInside);
// Without a lookup, values left out are read as erased.
Outcome<State> decode_state(std::string_view bytes, const PersonalLookup& personal = {});

}  // namespace songsong
