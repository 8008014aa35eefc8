#include "shared/core/match.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/core/crypto.h"
#include "shared/core/fold.h"

namespace songsong {
namespace {

// What of a value tells two records apart; empty for nothing.
std::string folded(const Value* value) {
  ByteWriter writer;
  if (value == nullptr) return {};
  if (const std::string* const text = value->text()) return fold_key(*text);
  if (const std::int64_t* const integer = value->integer()) writer.zigzag(*integer);
  if (const RecordId* const reference = value->reference()) writer.fixed64(reference->packed());
  if (const std::string* const bytes = value->bytes()) writer.raw_bytes(*bytes);
  return std::move(writer).take();
}

bool key_of(const policy::MatchRule& rule, const Shown& record, const Records& records, MatchKey& key) {
  ByteWriter writer;
  writer.varint(rule.number());
  for (const FieldNumber field : rule.field()) {
    const std::string part = folded(records.value(record, field));
    if (part.empty()) return false;
    writer.bytes(part);
  }
  key = MatchKey{.number = rule.number(), .digest = short_digest(writer.out())};
  return true;
}

}  // namespace

std::uint64_t short_digest(std::string_view bytes) {
  const Hash256 hash = hash256(HashDomain("songsong match"), bytes);
  std::uint64_t digest = 0;
  for (std::size_t i = 0; i < 8; ++i) digest = (digest << 8) | hash[i];
  return digest;
}

std::vector<MatchKey> match_keys(const Shown& record, const Records& records) {
  std::vector<MatchKey> keys;
  if (!record.live || record.kind == nullptr) return keys;
  for (const policy::MatchRule& rule : record.kind->match()) {
    MatchKey key;
    if (key_of(rule, record, records, key)) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::string search_text(const Shown& record, const Records& records) {
  std::string words;
  if (!record.live || record.kind == nullptr) return words;
  for (const FieldPolicy& field : record.kind->field()) {
    const Value* const value = field.search() ? records.value(record, field.number()) : nullptr;
    const std::string* const text = value != nullptr ? value->text() : nullptr;
    if (text == nullptr) continue;
    if (!words.empty()) words += '\n';
    words += fold(*text);
  }
  return words;
}

bool is_likely_pair(const std::vector<RecordId>& sharing, RecordId one, RecordId other) {
  const auto shares = [&](RecordId id) { return std::binary_search(sharing.begin(), sharing.end(), id); };
  if (one == other || !shares(one) || !shares(other)) return false;
  return sharing.size() <= kMaxMatchedInFull || std::min(one, other) == sharing.front();
}

std::vector<std::pair<RecordId, RecordId>> likely_pairs(const std::vector<RecordId>& sharing) {
  std::vector<std::pair<RecordId, RecordId>> pairs;
  const std::size_t firsts = sharing.size() <= kMaxMatchedInFull ? sharing.size() : 1;
  for (std::size_t one = 0; one < firsts; ++one) {
    for (std::size_t other = one + 1; other < sharing.size(); ++other) pairs.emplace_back(sharing[one], sharing[other]);
  }
  return pairs;
}

}  // namespace songsong
