// Match keys: what makes two records a likely duplicate. Records of one kind that agree in every field of a declared
// match key may be one person; only a person decides.
//
// Pure functions. A key is a digest of personal values that may be guessed, so whoever erases the values erases the
// keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/records.h"

namespace songsong {

struct MatchKey {
  std::uint32_t number = 0;  // of the rule
  std::uint64_t digest = 0;  // first 8 bytes of the BLAKE2b hash of the folded values
  auto operator<=>(const MatchKey&) const = default;
};

// Ascending. A record that is not live, or lacks a field of a rule, or has nothing but spaces in it, has no key for
// that rule.
std::vector<MatchKey> match_keys(const Shown& record, const Records& records);

// The words by which the record is found: its searchable fields, folded, joined by a line feed. Empty when not live.
std::string search_text(const Shown& record, const Records& records);

// Of the records that share a key (ascending), the pairs that somebody must look at. Every pair of a small group; of
// one larger than kMaxMatchedInFull each with the least only, because such a key ("0000") says little.
std::vector<std::pair<RecordId, RecordId>> likely_pairs(const std::vector<RecordId>& sharing);

inline constexpr std::size_t kMaxMatchedInFull = 8;

// Whether the two are one of those pairs.
bool is_likely_pair(const std::vector<RecordId>& sharing, RecordId one, RecordId other);

// The first 8 bytes of a BLAKE2b hash: a short name for a key, never a proof.
std::uint64_t short_digest(std::string_view bytes);

}  // namespace songsong
