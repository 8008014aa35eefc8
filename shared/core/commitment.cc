#include "shared/core/commitment.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace songsong {
namespace {

constexpr HashDomain kChangeKeyDomain("songsong chgkey1");
constexpr HashDomain kCommitmentDomain("songsong commit1");

Fault missing(Name name, std::size_t write) {
  return {"commitment_missing", to_text(name) + " write " + std::to_string(write),
          "A personal value can be checked neither by its key nor by a stored commitment."};
}

}  // namespace

Sequence BlockName::last() const { return std::min((block + 1) * kCommitmentBlock, kMaxSequence); }

BlockName block_of(Name name) {
  if (!name.valid()) throw std::logic_error("A name that names nothing has no commitment key.");
  return {name.replica(), (name.sequence() - 1) / kCommitmentBlock, name.tag()};
}

ChangeKey derive_change_key(const BlockKey& key, Name name) {
  ChangeKey derived;
  derive_key(kChangeKeyDomain, key.view(), name.packed(), derived.fill());
  return derived;
}

Commitment commit(const ChangeKey& key, std::size_t write, const Value& value) {
  if (value.type() == ValueType::kErased) throw std::logic_error("An erased value cannot be committed to.");
  ByteWriter message;
  message.varint(write);
  write_canonical(message, value);
  return {keyed_hash256(kCommitmentDomain, key.view(), message.out())};
}

Outcome<std::vector<Commitment>> commitments(const Change& change, const CommitmentLookup& lookup) {
  std::vector<Commitment> made;
  const std::size_t count = personal_writes(change);
  if (count == 0) return made;
  made.reserve(count);
  const std::optional<ChangeKey> key = lookup.key(change.name);
  const std::vector<Commitment>* const stored = lookup.stored ? lookup.stored(change.name) : nullptr;
  if (stored != nullptr && stored->size() != count) return missing(change.name, 0);
  for (std::size_t index = 0; index < change.writes.size(); ++index) {
    const Write& write = change.writes[index];
    if (!write.personal) continue;
    if (key && write.value.type() != ValueType::kErased) {
      made.push_back(commit(*key, index, write.value));
    } else if (stored != nullptr) {
      made.push_back((*stored)[made.size()]);
    } else {
      return missing(change.name, index);
    }
  }
  return made;
}

std::string join_commitments(std::span<const Commitment> commitments) {
  std::string bytes;
  for (const Commitment& each : commitments) bytes += each.view();
  return bytes;
}

Outcome<std::vector<Commitment>> split_commitments(std::string_view bytes) {
  std::vector<Commitment> commitments;
  for (; !bytes.empty(); bytes.remove_prefix(Commitment::kSize)) {
    if (bytes.size() < Commitment::kSize) {
      return Fault{
          .code = "commitments_malformed", .where = "commitments", .what = "They are cut short, or none of a list."};
    }
    commitments.push_back(*Commitment::from_bytes(bytes.substr(0, Commitment::kSize), "commitments"));
  }
  return commitments;
}

}  // namespace songsong
