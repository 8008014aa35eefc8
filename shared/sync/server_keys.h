// ServerKeys: the key of a server, and those that it had before. A key that may have been seen by others is replaced
// (rotate_key); phones that know an older one are still understood, are answered under it, and are handed a ticket with
// the present one (announcement.h). Receipts and tickets of an older key stay what they were.
//
// Values; any thread.
#pragma once

#include <functional>
#include <vector>

#include "shared/core/signature.h"
#include "shared/replica/store.h"
#include "shared/sync/frame.h"

namespace songsong {

// Setting: the seeds of former keys, the newest first.
inline constexpr const char* kFormerKeysSetting = "server.former_keys";
inline constexpr std::size_t kMostFormerKeys = 32;  // none is dropped: a phone may have been away all the time

// Setting: public keys of this server that are accepted no more, by which an old backup is known for its own.
inline constexpr const char* kForgottenKeysSetting = "server.forgotten_keys";

// Setting: public keys of servers that are lost, in whose place this one stands: whoever holds a ticket of theirs may
// enrol with it, and send all that the lost one had.
inline constexpr const char* kLostServersSetting = "server.lost";
inline constexpr std::size_t kMostLostServers = 16;

class ServerKeys {
 public:
  ServerKeys(const SigningSeed& present, const std::vector<SigningSeed>& former, std::vector<PublicKey> lost = {});

  const KeyPair& present() const { return all_.front(); }
  // Null where it is none of this server's.
  const KeyPair* of(const PublicKey& key) const;
  // That under which the tag is the other's, who knows one of them; null where it is none. `channel` becomes that of
  // the two.
  const KeyPair* that_was_meant(const PublicKey& other, const std::function<bool(const ChannelKey&)>& fits,
                                ChannelKey& channel) const;
  const std::vector<KeyPair>& all() const { return all_; }  // the present one first
  bool is_of_lost(const PublicKey& key) const;

 private:
  std::vector<KeyPair> all_;
  std::vector<PublicKey> lost_;
};

// Fault "storage_damaged".
Outcome<std::vector<SigningSeed>> read_former_keys(StoreReader& reader);
// Of kLostServersSetting, or kForgottenKeysSetting.
std::vector<PublicKey> read_public_keys(StoreReader& reader, const char* setting);
std::string encode_former_keys(const std::vector<SigningSeed>& former);

}  // namespace songsong
