// Asking: how a replica says who it is where it asks for something by plain HTTP (a unit's totals), beside the
// conversation:
//
//   Authorization: SongSong REPLICA.TAG     decimal; 32 hexadecimal digits of asking_tag() over path and query
//
// Only the two ends know the key (frame.h). Whoever hears the question can ask it again, and is told what they have
// heard already; nothing is altered by it. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/core/name.h"
#include "shared/sync/frame.h"

namespace songsong {

std::string authorization(ReplicaId replica, const ChannelKey& key, std::string_view target);

struct Asker {
  ReplicaId replica = 0;
  FrameTag tag;
};
// Nothing for any other text.
std::optional<Asker> read_authorization(std::string_view header);

}  // namespace songsong
