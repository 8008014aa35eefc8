// Canonical bytes: the one form of a change that is hashed. Independent of compression and of any schema: unknown kinds
// and fields have it as known ones do. Two different changes never have the same canonical bytes.
//
// It is written for hashing only: nothing reads it back. Stored hashes depend on every byte of it, so it may not
// change; the grammar stands above the code (canonical.cc) and, with an example, in FORMAT.md.
//
// Pure functions, any thread.
#pragma once

#include <span>
#include <string>

#include "shared/core/byte_reader.h"
#include "shared/core/change.h"
#include "shared/core/fixed_bytes.h"
#include "shared/core/value.h"

namespace songsong {

// Stands in the hash for a personal value, so that the value can be destroyed and the chain still be checked
// (commitment.h says how it is made and why it tells nothing).
using Commitment = FixedBytes<struct CommitmentKind, 32>;

// `commitments` holds one for each personal write, in the order of the writes; any other number of them is a
// programming error (std::logic_error). What a personal write's value holds, or that it was erased, makes no
// difference.
void write_canonical(ByteWriter& out, const Change& change, std::span<const Commitment> commitments);
std::string canonical_bytes(const Change& change, std::span<const Commitment> commitments);

void write_canonical(ByteWriter& out, const Value& value);
std::string canonical_bytes(const Value& value);

// A count, then the packed names.
void write_canonical(ByteWriter& out, std::span<const Name> names);

// How many writes of the change are personal.
std::size_t personal_writes(const Change& change);

}  // namespace songsong
