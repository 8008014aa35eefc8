// What a connection has received, whether its thread has read it or not.
//
// Threads: any. Source: TCP_INFO of tcp(7), `tcpi_bytes_received` (tcpEStatsAppHCThruOctetsReceived of RFC 4898).
#pragma once

#include <cstdint>

namespace songsong::server {

// Bytes, since the connection was opened; 0 where the system does not say.
std::uint64_t bytes_heard(int descriptor);

}  // namespace songsong::server
