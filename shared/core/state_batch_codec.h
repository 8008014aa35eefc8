// States of any records to bytes and back: the columnar form in which a server sends what records are now.
//
// Changes and states share their columns (columns.h), so that the state of a record which one change has touched costs
// what that change does, and a primer made of changes serves both. A state with more behind it (conflicts, members,
// sums, what lies ahead) is written out in full, with each change that it names named once. Order is kept; states of
// neighbouring records and of one kind cost least side by side. FORMAT.md has the grammar.
//
// As for changes: pure, thread-safe, the same bytes everywhere, decode_states(encode_states(x)) equals x. Encoding what
// state.h forbids is a programming error (std::logic_error); decoding bad bytes is a fault "piece_…".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/change_codec.h"
#include "shared/core/outcome.h"
#include "shared/core/state.h"

namespace songsong {

std::string encode_states(std::span<const State> states, const Primer* primer = nullptr);
Outcome<std::vector<State>> decode_states(std::string_view bytes, const DecodeLimits& limits,
                                          const Primer* primer = nullptr);

}  // namespace songsong
