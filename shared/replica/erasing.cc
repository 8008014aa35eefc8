#include "shared/replica/erasing.h"

#include <algorithm>

#include "shared/core/canonical.h"
#include "shared/core/change_row.h"
#include "shared/replica/admission.h"
#include "shared/replica/own_lines.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 256;

[[noreturn]] void damaged(Name name, const char* what) {
  throw StorageDamage{Fault{.code = "storage_damaged", .where = "change " + to_text(name), .what = what}};
}

bool says_something(const Write& write) {
  return write.personal && write.value.type() != ValueType::kErased && !write.value.is_none();
}

}  // namespace

bool Erasing::destroy(RecordId record, const ErasureCovers& covers) {
  bool any = false;
  PersonalValuesOf& held = cache_.personal(record);
  for (const Change& change : changes_of(record)) {
    const auto covered = [&](const Write& write) { return says_something(write) && covers(change.name, write.field); };
    if (std::none_of(change.writes.begin(), change.writes.end(), covered)) continue;
    any = true;
    const BlockName block = block_of(change.name);
    const Keyring& ring = keys_.of(change.name.replica());
    if (ring.erased(change.name) == nullptr) {
      Outcome<std::vector<Commitment>> bound = commitments(change, ring.lookup(block));
      if (!bound) damaged(change.name, "The key of a personal value is missing.");
      forget(change.name, *std::move(bound));
    }
    for (const Write& write : change.writes) {
      if (covered(write)) held.erase(change.name, write.field);
    }
  }
  return any;
}

void Erasing::forget(Name name, std::vector<Commitment> commitments) {
  const BlockName block = block_of(name);
  keys_.erase(name, std::move(commitments));
  split(block);
}

std::vector<Change> Erasing::changes_of(RecordId record) {
  const RecordId wanted[] = {record};
  cache_.load(wanted);
  std::vector<Change> changes;
  if (const RecordRow* const row = cache_.stored(record))
    changes = changes_of_record(reader_, *row, cache_.personal(record).lookup());
  for (const Incoming& incoming : admitted_) {
    if (incoming.change.record == record) changes.push_back(incoming.change);
  }
  return changes;
}

BlockName Erasing::block_of(Name name) {
  const ReplicaId replica[] = {name.replica()};
  lineages_.load(replica);
  const RunRow* const run = lineages_.run_of(name);
  if (run == nullptr) damaged(name, "No run holds it.");
  return key_of(*run, name);
}

// The others of the block keep their keys, and nothing leads from them to the one that goes.
void Erasing::split(const BlockName& block) {
  const BlockKey* const held = keys_.of(block.replica).block_key(block);
  if (held == nullptr) return keys_.destroy(block);
  const BlockKey key = *held;
  for (Sequence after = block.first() - 1; after < block.last();) {
    const std::vector<LogRow> page = reader_.log_of(block.replica, after, kPage);
    if (page.empty()) break;
    after = page.back().name.sequence();
    for (const LogRow& row : page) {
      if (row.name.sequence() > block.last()) break;
      const Outcome<Change> change = decode_change(row.change, {});
      if (!change) damaged(row.name, "It cannot be read back.");
      keep_key(block, key, *change);
    }
  }
  for (const Incoming& incoming : admitted_) {
    if (incoming.change.name.replica() == block.replica) keep_key(block, key, incoming.change);
  }
  keys_.destroy(block);
}

void Erasing::keep_key(const BlockName& block, const BlockKey& key, const Change& change) {
  const bool of_block = personal_writes(change) > 0 && change.name.sequence() >= block.first() &&
                        change.name.sequence() <= block.last() && block_of(change.name) == block;
  if (of_block && keys_.of(block.replica).change_key(change.name) == nullptr)
    keys_.take(change.name, derive_change_key(key, change.name));
}

void blank_erased(State& state, const PersonalValuesOf& held) {
  for (Register& each : state.registers) {
    for (Head& head : each.heads) {
      const bool gone = head.personal && !head.value.is_none() && held.find(head.name, each.field) == nullptr;
      if (gone) head.value = Value(Erased{});
    }
  }
}

}  // namespace songsong
