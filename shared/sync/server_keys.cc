#include "shared/sync/server_keys.h"

#include <algorithm>

namespace songsong {

ServerKeys::ServerKeys(const SigningSeed& present, const std::vector<SigningSeed>& former, std::vector<PublicKey> lost)
    : lost_(std::move(lost)) {
  all_.emplace_back(present);
  for (const SigningSeed& seed : former) all_.emplace_back(seed);
}

const KeyPair* ServerKeys::of(const PublicKey& key) const {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const KeyPair& each) { return each.public_key() == key; });
  return found == all_.end() ? nullptr : &*found;
}

const KeyPair* ServerKeys::that_was_meant(const PublicKey& other, const std::function<bool(const ChannelKey&)>& fits,
                                          ChannelKey& channel) const {
  for (const KeyPair& each : all_) {
    const Outcome<ChannelKey> agreed = agree(each, other);
    if (!agreed || !fits(*agreed)) continue;
    channel = *agreed;
    return &each;
  }
  return nullptr;
}

bool ServerKeys::is_of_lost(const PublicKey& key) const {
  return std::find(lost_.begin(), lost_.end(), key) != lost_.end();
}

std::vector<PublicKey> read_public_keys(StoreReader& reader, const char* setting) {
  const std::string stored = reader.setting(setting);
  std::vector<PublicKey> keys;
  for (std::size_t at = 0; at + PublicKey::kSize <= stored.size(); at += PublicKey::kSize)
    keys.push_back(*PublicKey::from_bytes(std::string_view(stored).substr(at, PublicKey::kSize), setting));
  return keys;
}

Outcome<std::vector<SigningSeed>> read_former_keys(StoreReader& reader) {
  const std::string stored = reader.setting(kFormerKeysSetting);
  std::vector<SigningSeed> former;
  for (std::size_t at = 0; at < stored.size(); at += SigningSeed::kSize) {
    const Outcome<SigningSeed> seed =
        SigningSeed::from_bytes(std::string_view(stored).substr(at, SigningSeed::kSize), kFormerKeysSetting);
    if (!seed)
      return Fault{.code = "storage_damaged", .where = kFormerKeysSetting, .what = "The keys cannot be read back."};
    former.push_back(*seed);
  }
  return former;
}

std::string encode_former_keys(const std::vector<SigningSeed>& former) {
  std::string all;
  for (const SigningSeed& seed : former) {
    const auto view = seed.view();
    all.append(reinterpret_cast<const char*>(view.data()), view.size());
  }
  return all;
}

}  // namespace songsong
