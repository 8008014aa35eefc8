// The named limits of `serve`: each can be set in DIR/server.conf (`name = value`, # begins a comment), and has the
// default that is written here.
#pragma once

#include <cstddef>
#include <string>

#include "shared/core/outcome.h"
#include "shared/sync/wire.h"

namespace songsong::server {

struct Limits {
  int threads = 64;                    // requests handled at once; a connection holds one while it is open
  int max_queued = 1024;               // connections that wait for a thread; further ones are closed
  int read_timeout_seconds = 20;       // a request that sends nothing for so long is given up
  int idle_timeout_seconds = 5;        // an open connection without a request
  int request_deadline_seconds = 120;  // for the whole body of a request
  std::size_t max_body_bytes = wire::kMaxRequestBytes;  // of a request
  std::size_t max_streams = 1000;                       // readers of live totals
  std::size_t stream_buffer_bytes = 64 * 1024;          // unsent to one of them; a slower one is dropped
  int stream_heartbeat_seconds = 15;
  int stop_seconds = 10;            // requests in flight when the server is told to stop
  std::size_t least_free_mib = 64;  // below it /readyz says no
};

// Fault "config_malformed", with the line in `where`, for a name that is none or a value out of range.
Outcome<Limits> read_limits(const std::string& path);

}  // namespace songsong::server
