// The bytes of one change as a log keeps it. Many changes travel in columns instead (change_codec.h); what is hashed is
// canonical.h.
//
//   change := version=1  name:fixed64  record:fixed64  origin:fixed64 (0 for none)  kind:varint  names(saw)
//             captured_ms:zigzag  correction_ms:zigzag  uncertainty_ms:varint  actor:bytes  unit:bytes  revision:varint
//             count (write)*
//   write  := field:varint  flags:byte  value      flags: 3 shape, 4 personal, 8 value elsewhere (and then no value)
//
// Personal values can be left out and are then kept elsewhere (personal_values.h). Pure functions; decoding never
// throws.
#pragma once

#include <string>
#include <string_view>

#include "shared/core/change.h"
#include "shared/core/outcome.h"
#include "shared/core/row_coding.h"

namespace songsong {

std::string encode_change(const Change& change, PersonalValues personal = PersonalValues::kInside);
// Without a lookup, values left out are read as erased.
Outcome<Change> decode_change(std::string_view bytes, const PersonalLookup& personal = {});

}  // namespace songsong
