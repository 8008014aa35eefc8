// What Poco does not ask of a socket, or does not leave to another thread.
//
// Threads: any. Source: TCP_INFO of tcp(7), `tcpi_bytes_received` (tcpEStatsAppHCThruOctetsReceived of RFC 4898).
#pragma once

#include <cstdint>

namespace songsong::server {

// What a connection has received, whether its thread has read it or not, since it was opened: bytes, those of TLS as
// they came; 0 where the system does not say.
std::uint64_t bytes_heard(int descriptor);

// Its owner sees the end of the stream, in whatever thread it waits. Poco's own would say goodbye by TLS first, with
// what the owner may be using.
void shut_both_ways(int descriptor);

}  // namespace songsong::server
