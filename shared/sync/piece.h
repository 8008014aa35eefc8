// Pieces: consecutive changes of one replica as they travel, signed over the chain hashes before and after them, with
// the block keys that bind their personal values.
//
// Drafting reads the store of the replica that saved the changes; opening is pure. Opening checks everything that can
// be checked without merging: form, limits, the chain from the change before to the last, and the signature.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/change_codec.h"
#include "shared/core/signature.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/store.h"

namespace songsong {

struct PieceDraft {
  wire::Piece message;
  Name last;
  std::uint32_t count = 0;
};

// What entries of the log say, their personal values put back in. Throws StorageDamage.
std::vector<Change> read_changes(StoreReader& reader, std::span<const LogRow> rows);

// The changes of the line after sequence `after`, as many as go into about `most_bytes` (at least one); nothing when
// there are none. Throws StorageDamage.
std::optional<PieceDraft> draft_piece(StoreReader& reader, const OwnLine& line, Sequence after, std::size_t most_bytes,
                                      const Primer* primer);

// What a piece goes on from: a change that the receiver holds, or the root of the replica's chain (no name).
struct Predecessor {
  Name name;
  ChainHash hash;
  std::optional<RunRow> run;  // that holds it
};

struct OpenedPiece {
  std::vector<Change> changes;
  std::vector<ChainHash> hashes;  // after each
  std::vector<BlockName> blocks;  // whose key binds each; its tag is RunRow::key_tag, should the change begin a run
  Tag parent_tag = 0;             // of the first
  std::vector<BlockKeyRow> keys;  // that came
  std::map<Name, ChangeKey> own_keys;              // of changes in blocks whose key was destroyed
  std::map<Name, std::vector<Commitment>> erased;  // changes whose personal values were erased
};

// What the next piece goes on from.
Predecessor after_piece(const Predecessor& before, const OpenedPiece& piece);

// The name of the change that a piece goes on from; not valid before a replica's first.
Name predecessor_of(const wire::Piece& message, ReplicaId replica);

// Faults: the codec's ("piece_…"), "piece_misplaced" (not the sequences that it says), "piece_key_missing",
// "piece_other_path" (the hash before it is another: equal names by chance), "piece_signature" (altered, or signed by
// another key).
Outcome<OpenedPiece> open_piece(const wire::Piece& message, ReplicaId replica, const PublicKey& key,
                                const Predecessor& before, const Primer* primer);

}  // namespace songsong
