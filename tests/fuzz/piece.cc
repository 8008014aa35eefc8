// Pieces of changes: the columns (change_codec.h).
#include "shared/core/change_codec.h"
#include "shared/core/change_row.h"
#include "shared/core/columns_piece.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/rows.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

constexpr DecodeLimits kSmall{.rows = 1024, .bytes = std::size_t{1} << 20};

void hold_encoding(const std::vector<Change>& changes, const Primer* primer) {
  const std::string again = encode_changes(changes, primer);
  hold(must(decode_changes(again, DecodeLimits{}, primer)) == changes, "what is encoded decodes to the same");
  hold(must(primer_of(again)) == (primer == nullptr ? 0 : primer->number()), "a piece names its primer");
}

// One line of changes: what the rows say, in places of their own.
std::vector<Change> in_line(std::vector<Change> changes) {
  for (std::size_t i = 1; i < changes.size(); ++i) {
    const Name before = changes[i - 1].name;
    const bool opens = changes[i].record == changes[i].name;
    if (before.sequence() == kMaxSequence) {
      changes.resize(i);
      break;
    }
    changes[i].name = Name(before.replica(), before.sequence() + 1, changes[i].name.tag());
    if (opens) changes[i].record = changes[i].name;
  }
  std::erase_if(changes, [](const Change& change) { return columns::find_flaw(change) != nullptr; });
  for (std::size_t i = 1; i < changes.size(); ++i) {
    if (changes[i].name.sequence() != changes[i - 1].name.sequence() + 1) changes.resize(i);
  }
  return changes;
}

}  // namespace

// The first byte: 1 primed, 2 rows in place of columns, 4 the limits of the wire.
void piece(std::string_view bytes) {
  const std::uint8_t how = take_byte(bytes);
  const Primer* const primer = (how & 1) != 0 ? &simulation::primer() : nullptr;
  if ((how & 2) != 0) return hold_encoding(in_line(changes_of(split_rows(bytes))), primer);
  (void)primer_of(bytes).ok();
  const DecodeLimits limits = (how & 4) != 0 ? wire::kPieceLimits : kSmall;
  const Outcome<std::vector<Change>> changes = decode_changes(bytes, limits, primer);
  if (!changes) {
    hold_fault(changes.fault());
    return hold(changes.fault().code.starts_with("piece_"), "a piece's fault says so", changes.fault().code);
  }
  hold(changes->size() <= limits.rows, "a piece has no more rows than its limit");
  for (const Change& change : *changes) {
    const char* const flaw = columns::find_flaw(change);
    hold(flaw == nullptr, "a change that comes out keeps every bound", flaw == nullptr ? "" : flaw);
    hold(must(decode_change(encode_change(change))) == change, "a change goes into a log");
  }
  hold_encoding(*changes, primer);
}

}  // namespace songsong::fuzz
