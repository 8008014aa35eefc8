// What pieces of changes and pieces of states have in common: the header, and the bounds and orders of their rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/core/change.h"
#include "shared/core/change_codec.h"
#include "shared/core/columns_range.h"
#include "shared/core/outcome.h"
#include "shared/core/state.h"

namespace songsong::columns {

// The first byte of a piece. Released numbers may not change.
enum class PieceKind : std::uint8_t { kChanges = 0x10, kStates = 0x11 };
inline constexpr std::uint8_t kPrimedFlag = 0x08;

// Of one list of a state: what it has applied, its heads, what lies ahead.
inline constexpr std::size_t kMaxNamesPerState = 65536;

struct PieceHeader {
  PieceKind kind = PieceKind::kChanges;
  std::uint32_t primer = 0;
  std::uint64_t rows = 0;
  std::string_view body;
};

std::string write_piece(PieceKind kind, const Primer* primer, std::size_t rows, std::string body);
Outcome<PieceHeader> read_header(std::string_view piece);
// The header of a piece that may be decoded: of this kind, within the limits, with the primer at hand.
Outcome<PieceHeader> open_piece(std::string_view piece, PieceKind kind, const DecodeLimits& limits,
                                const Primer* primer);

// How many rows to make room for before they are seen: a row rarely takes less than a byte.
std::size_t expected_rows(const PieceHeader& header, const DecodeLimits& limits, std::size_t bytes_of_row);

Fault piece_fault(const char* code, std::size_t position);

// Null, or the code of the first rule of change.h or state.h that is broken.
const char* find_flaw(const Change& change);
const char* find_flaw(const State& state);

}  // namespace songsong::columns
