// Store rows: the bytes in which a store keeps what has no column of its own: cells, claims and cases.
//
//   cells  := count:varint cell*
//   cell   := unit  measure:varint  dimension:varint  value:zigzag  count:zigzag
//   unit   := 0, the unit of the cell before (of the first: the unit that the row is of)
//           | length + 1:varint, that many bytes
//   claims := count:varint (number:varint  key:bytes  claimant:fixed64)*
//   case   := class:byte  unit:bytes  count:varint (record:fixed64)*  count:varint (field:varint)*  reason:bytes
//             raised_ms:zigzag
//
// varint, zigzag, fixed64 and bytes are those of byte_reader.h. Stored: what is released may not change. Whatever the
// rules put in comes back in the same order.
//
// Pure functions, any thread. Decoding returns a Fault "storage_damaged" (`where`: the byte offset) for bytes that are
// no such row or go on after it, and never reserves more than the bytes that are there allow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/core/account.h"
#include "shared/core/case.h"
#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong {

// `unit` is the one that most cells are of: the row's own, or empty.
std::string encode_cells(const Cells& cells, std::string_view unit);
Outcome<Cells> decode_cells(std::string_view bytes, std::string_view unit);

std::string encode_claims(const std::vector<ClaimKey>& claims);
Outcome<std::vector<ClaimKey>> decode_claims(std::string_view bytes);

// Without the case's id, which is its key.
std::string encode_case(const CaseRow& row);
Outcome<CaseRow> decode_case(std::string_view bytes, std::string_view id);

}  // namespace songsong
