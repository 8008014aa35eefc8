#include "tests/peers/floor_wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <stdexcept>

namespace songsong::bench::floor {
namespace {

constexpr std::size_t kHeadBytes = 1 + 8 + 8 + 4;
constexpr std::uint32_t kMostBytes = 200u << 20;
constexpr int kBacklog = 256;
constexpr int kZlibLevel = 6;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int to, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t sent = ::send(to, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int from, char* into, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t received = recv(from, into + at, size - at, 0);
    if (received <= 0) return false;
    at += static_cast<std::size_t>(received);
  }
  return true;
}

}  // namespace

Connection::Connection(int descriptor) : descriptor_(descriptor) {
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}
Connection::~Connection() { close(descriptor_); }

int Connection::dial(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return descriptor;
  close(descriptor);
  return -1;
}

int Connection::listen(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  const bool bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!bound || ::listen(descriptor, kBacklog) != 0) throw std::runtime_error("the port cannot be listened on");
  return descriptor;
}

bool Connection::send(const Message& message) const {
  std::string frame(kHeadBytes, '\0');
  const auto size = static_cast<std::uint32_t>(message.bytes.size());
  frame[0] = message.kind;
  std::memcpy(frame.data() + 1, &message.one, 8);
  std::memcpy(frame.data() + 9, &message.other, 8);
  std::memcpy(frame.data() + 17, &size, 4);
  return send_all(descriptor_, frame + message.bytes);
}

std::optional<Message> Connection::receive() const {
  char head[kHeadBytes];
  if (!receive_all(descriptor_, head, sizeof head)) return std::nullopt;
  Message message;
  std::uint32_t size = 0;
  message.kind = head[0];
  std::memcpy(&message.one, head + 1, 8);
  std::memcpy(&message.other, head + 9, 8);
  std::memcpy(&size, head + 17, 4);
  if (size > kMostBytes) return std::nullopt;
  message.bytes.resize(size);
  if (!receive_all(descriptor_, message.bytes.data(), size)) return std::nullopt;
  return message;
}

// The size before, in four bytes.
std::string compress(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(4 + size, '\0');
  const auto before = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(packed.data(), &before, 4);
  const int result = compress2(reinterpret_cast<Bytef*>(packed.data() + 4), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), kZlibLevel);
  if (result != Z_OK) throw std::runtime_error("zlib cannot compress");
  packed.resize(4 + size);
  return packed;
}

std::string decompress(const std::string& bytes) {
  std::uint32_t before = 0;
  if (bytes.size() < 4) throw std::runtime_error("no changeset");
  std::memcpy(&before, bytes.data(), 4);
  std::string plain(before, '\0');
  uLongf size = before;
  const int result = uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data() + 4), bytes.size() - 4);
  if (result != Z_OK || size != before) throw std::runtime_error("no changeset");
  return plain;
}

}  // namespace songsong::bench::floor
