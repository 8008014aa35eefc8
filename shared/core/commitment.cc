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

void CommitmentKeys::add(BlockName block, const BlockKey& key) {
  if (any_erased(block)) return split(block, key, block.last());
  block_keys_.insert_or_assign(block, key);
}

void CommitmentKeys::add(Name name, const ChangeKey& key) {
  if (!erased_.contains(name)) change_keys_.insert_or_assign(name, key);
}

std::optional<ChangeKey> CommitmentKeys::key_for(Name name) const {
  if (const auto single = change_keys_.find(name); single != change_keys_.end()) return single->second;
  if (!name.valid()) return std::nullopt;
  const auto block = block_keys_.find(block_of(name));
  if (block == block_keys_.end()) return std::nullopt;
  return derive_change_key(block->second, name);
}

void CommitmentKeys::erase(Name name, Sequence last) {
  const BlockName block = block_of(name);
  erased_.insert(name);
  change_keys_.erase(name);
  const auto held = block_keys_.find(block);
  if (held == block_keys_.end()) return;
  split(block, held->second, std::min(last, block.last()));
  block_keys_.erase(held);
}

bool CommitmentKeys::any_erased(BlockName block) const {
  // Names order by replica, sequence, tag: the block's are within this range, among those of other tags.
  auto at = erased_.lower_bound(Name(block.replica, block.first(), 0));
  for (; at != erased_.end() && *at <= Name(block.replica, block.last(), kMaxTag); ++at) {
    if (at->tag() == block.tag) return true;
  }
  return false;
}

void CommitmentKeys::split(BlockName block, const BlockKey& key, Sequence last) {
  for (Sequence sequence = block.first(); sequence <= last; ++sequence) {
    const Name name(block.replica, sequence, block.tag);
    add(name, derive_change_key(key, name));
  }
}

CommitmentLookup lookup_in(const CommitmentKeys& keys) {
  return {[&keys](Name name) { return keys.key_for(name); },
          [](Name, std::size_t) -> std::optional<Commitment> { return std::nullopt; }};
}

Outcome<std::vector<Commitment>> commitments(const Change& change, const CommitmentLookup& lookup) {
  std::vector<Commitment> made;
  const std::size_t count = personal_writes(change);
  if (count == 0) return made;
  made.reserve(count);
  const std::optional<ChangeKey> key = lookup.key(change.name);
  for (std::size_t index = 0; index < change.writes.size(); ++index) {
    const Write& write = change.writes[index];
    if (!write.personal) continue;
    std::optional<Commitment> commitment;
    if (key && write.value.type() != ValueType::kErased) {
      commitment = commit(*key, index, write.value);
    } else if (lookup.stored) {
      commitment = lookup.stored(change.name, index);
    }
    if (!commitment) return missing(change.name, index);
    made.push_back(*commitment);
  }
  return made;
}

}  // namespace songsong
