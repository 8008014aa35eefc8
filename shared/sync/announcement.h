// Announcement: what a server has to tell every device of itself: it has another key, another address, or speaks TLS by
// now. It is told in the conversation, under the key that the device knows, as a ticket in the place of the one that
// the device has: of the same replica, role and units.
//
//   server's setting   "REVISION URL"; the URL is empty where each device keeps the one that it has
//   a question         says the revision that the device knows (0: none); an answer of a later one says that, and the
//                      next question brings the ticket along, of which the answer then makes another
//
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/songsong/wire.pb.h"
#include "shared/sync/server_keys.h"
#include "shared/sync/ticket.h"

namespace songsong {

inline constexpr const char* kAnnouncedSetting = "server.announced";

struct Announcement {
  std::uint32_t revision = 0;  // 0: nothing was ever announced
  std::string url;
};

// Greater than it, and than what a store that was put back ever announced: by the clock, in seconds since 2026.
std::uint32_t next_revision(const Announcement& announcement, std::int64_t now_ms);
Announcement decode_announcement(std::string_view text);
std::string encode(const Announcement& announcement);

// Puts into the answer what the sender of the request has to be told. `authority` is asked what stands on a ticket for
// an address (HostDoors).
void announce(const Announcement& announcement, const wire::Request& request, const ServerKeys& keys,
              const std::function<Outcome<std::optional<Fingerprint>>(const std::string& url)>& authority,
              wire::Answer& answer);

}  // namespace songsong
