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

std::optional<ChangeKey> Keyring::key_for(const BlockName& block, Name name) const {
  const auto found = keys_.find(block);
  if (found == keys_.end()) return std::nullopt;
  return derive_change_key(found->second, name);
}

}  // namespace songsong
