// A file of its own: <linux/tcp.h> and <netinet/tcp.h>, which Poco's headers need, define the same names, and only the
// former knows how much was received.
#include "server/sockets.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace songsong::server {

std::uint64_t bytes_heard(int descriptor) {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  const std::size_t needed = offsetof(tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received);
  return length < needed ? 0 : info.tcpi_bytes_received;
}

void shut_both_ways(int descriptor) {
  (void)shutdown(descriptor, SHUT_RDWR);  // the other side may have been faster
}

}  // namespace songsong::server
