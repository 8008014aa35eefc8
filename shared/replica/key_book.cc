#include "shared/replica/key_book.h"

#include <optional>
#include <utility>

namespace songsong {

Keyring& KeyBook::loaded(ReplicaId replica) {
  const auto [at, fresh] = rings_.try_emplace(replica);
  if (fresh) load_keys(reader_, replica, at->second);
  return at->second;
}

const Keyring& KeyBook::of(ReplicaId replica) { return loaded(replica); }

bool KeyBook::take(const BlockName& block, const BlockKey& key) {
  Keyring& ring = loaded(block.replica);
  if (ring.is_destroyed(block)) return true;
  if (const BlockKey* const held = ring.block_key(block)) return *held == key;
  ring.add(BlockKeyRow{.block = block, .key = key});
  blocks_changed_.insert(block);
  return true;
}

bool KeyBook::take(Name name, const ChangeKey& key) {
  Keyring& ring = loaded(name.replica());
  if (ring.erased(name) != nullptr) return true;
  if (const ChangeKey* const held = ring.change_key(name)) return *held == key;
  ring.add(name, key);
  changes_changed_.insert(name);
  return true;
}

void KeyBook::destroy(const BlockName& block) {
  Keyring& ring = loaded(block.replica);
  if (ring.is_destroyed(block)) return;
  ring.add(BlockKeyRow{.block = block, .key = std::nullopt});
  blocks_changed_.insert(block);
}

void KeyBook::erase(Name name, std::vector<Commitment> commitments) {
  Keyring& ring = loaded(name.replica());
  if (ring.erased(name) != nullptr) return;
  ring.add(ErasedRow{.name = name, .version = 0, .commitments = std::move(commitments)});
  changes_changed_.insert(name);
  erased_.insert(name);
}

void KeyBook::settle(StoreSequence version, StoreBatch& batch) {
  for (const BlockName& block : blocks_changed_) {
    const BlockKey* const key = of(block.replica).block_key(block);
    batch.block_keys.push_back(BlockKeyRow{.block = block, .key = key != nullptr ? std::optional(*key) : std::nullopt});
  }
  for (const Name name : changes_changed_) {
    const ChangeKey* const key = of(name.replica()).change_key(name);
    batch.change_keys.push_back(ChangeKeyRow{.name = name, .key = key != nullptr ? std::optional(*key) : std::nullopt});
  }
  for (const Name name : erased_)
    batch.erased.push_back(
        ErasedRow{.name = name, .version = version, .commitments = *of(name.replica()).erased(name)});
}

}  // namespace songsong
