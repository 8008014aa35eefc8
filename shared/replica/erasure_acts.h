// What saves an erasure: of a record, and of all that decisions say are the same person. And what a server keeps of
// each beside its record, in a setting: enough to write it down outside of the store, and to know it from one that a
// restore has lost.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/replica/replica.h"

namespace songsong {

// One act for each of them that is not to be erased already. Faults "unknown_record"; "unknown_kind" where the schema
// has no erasures.
Outcome<std::vector<Act>> erasure_acts(StoreReader& reader, const Policies& policies, RecordId record,
                                       std::int64_t reason);

struct ErasureNote {
  RecordId record;
  std::int64_t reason = 0;
  bool stands = true;  // false: it was taken back

  bool operator==(const ErasureNote&) const = default;
};
// "RECORD REASON", and " back" where it was taken back.
std::string encode_erasure(const ErasureNote& note);
std::optional<ErasureNote> decode_erasure(std::string_view text);
// By the record that they name: of several the one that stands. Throws StorageDamage.
std::map<RecordId, ErasureNote> read_erasures(StoreReader& reader);
// Whether the store keeps any, standing or taken back; whether a batch writes one.
bool holds_erasures(StoreReader& reader);
bool writes_erasures(const StoreBatch& batch);

// The act for this record alone.
Act erasure_act(const Policies& policies, RecordId record, std::int64_t reason);

}  // namespace songsong
