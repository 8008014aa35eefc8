// The named limits of `serve`, and how it speaks TLS: each can be set in DIR/server.conf (`name = value`, # begins a
// comment), and has the default that is written here.
#pragma once

#include <cstddef>
#include <string>

#include "shared/core/outcome.h"
#include "shared/sync/wire.h"

namespace songsong::server {

struct Limits {
  int max_connections = 1024;                // open at once, each with a thread; then the longest idle one makes room
  int max_queued = 1024;                     // connections that wait for a thread; further ones are closed
  int max_at_once = 32;                      // requests that are worked on at once; further ones wait
  int turn_seconds = 20;                     // for so long, and are told to come again then
  int read_timeout_seconds = 20;             // a request that sends nothing for so long is given up
  int idle_timeout_seconds = 10;             // an open connection without a request
  int header_deadline_seconds = 15;          // for a request's header to come whole
  int request_deadline_seconds = 120;        // for the body of a request and for its answer to be sent
  std::size_t least_bytes_per_second = 100;  // a body that comes slower, after read_timeout_seconds, is given up
  std::size_t max_messages_mib = 256;        // bodies of requests and answers in memory, together
  std::size_t max_body_bytes = wire::kMaxRequestBytes;  // of a request
  std::size_t max_streams = 1000;                       // readers of live totals
  std::size_t stream_buffer_bytes = 64 * 1024;          // unsent to one of them; a slower one is dropped
  int stream_heartbeat_seconds = 15;
  int stop_seconds = 10;            // requests in flight when the server is told to stop
  std::size_t least_free_mib = 64;  // below it /readyz says no
  int public_totals = 0;            // 1: strangers see figures as well, without small cells
  int least_published = 5;          // what a published figure counts at least, if anything
  int session_idle_minutes = 120;   // who is signed in and asks for nothing for so long signs in again
  int session_hours = 168;          // and after so long in any case
  int tls = 0;                      // 1: by TLS only, with a certificate of the folder's own authority, or this one:
  std::string tls_listen = {};      // HOST:PORT where TLS is spoken besides, while devices move there
  std::string tls_certificate = {}, tls_key = {};  // PEM files, of a chain and its key
  std::string tls_names = {};                      // what else the own certificate is for: names, between commas
};

// Fault "config_malformed", with the line in `where`, for a name that is none or a value out of range.
Outcome<Limits> read_limits(const std::string& path);

}  // namespace songsong::server
