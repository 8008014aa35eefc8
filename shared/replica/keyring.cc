#include "shared/replica/keyring.h"

namespace songsong {
namespace {

std::uint32_t block_at(Sequence sequence) { return (sequence - 1) / kCommitmentBlock; }

}  // namespace

BlockName key_of(const RunRow& run, Name name) {
  const bool inherited = block_at(name.sequence()) == block_at(run.run.first);
  return BlockName{
      .replica = name.replica(), .block = block_at(name.sequence()), .tag = inherited ? run.key_tag : run.run.tag};
}

BlockName key_after(const RunRow* tip_run, Name tip, Name next) {
  const std::uint32_t block = block_at(next.sequence());
  const bool reaches = tip_run != nullptr && block == block_at(tip.sequence());
  return BlockName{.replica = next.replica(), .block = block, .tag = reaches ? key_of(*tip_run, tip).tag : next.tag()};
}

void Keyring::add(const ErasedRow& row) {
  changes_.erase(row.name);
  erased_.insert_or_assign(row.name, row.commitments);
}

bool Keyring::is_destroyed(const BlockName& block) const {
  const auto found = blocks_.find(block);
  return found != blocks_.end() && !found->second.has_value();
}

const BlockKey* Keyring::block_key(const BlockName& block) const {
  const auto found = blocks_.find(block);
  return found == blocks_.end() || !found->second ? nullptr : &*found->second;
}

const ChangeKey* Keyring::change_key(Name name) const {
  const auto found = changes_.find(name);
  return found == changes_.end() ? nullptr : &found->second;
}

const std::vector<Commitment>* Keyring::erased(Name name) const {
  const auto found = erased_.find(name);
  return found == erased_.end() ? nullptr : &found->second;
}

std::optional<ChangeKey> Keyring::key_for(const BlockName& block, Name name) const {
  if (erased(name) != nullptr) return std::nullopt;
  if (const ChangeKey* const own = change_key(name)) return *own;
  const BlockKey* const shared = block_key(block);
  return shared != nullptr ? std::optional(derive_change_key(*shared, name)) : std::nullopt;
}

CommitmentLookup Keyring::lookup(const BlockName& block) const {
  return CommitmentLookup{.key = [this, block](Name name) { return key_for(block, name); },
                          .stored = [this](Name name) { return erased(name); }};
}

void load_keys(StoreReader& reader, ReplicaId replica, Keyring& into) {
  for (const BlockKeyRow& row : reader.block_keys(replica)) into.add(row);
  for (const ChangeKeyRow& row : reader.change_keys(replica)) into.add(row.name, *row.key);
  for (const ErasedRow& row : reader.erased(replica)) into.add(row);
}

}  // namespace songsong
