#include "tests/link/pipe.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace songsong::link {

Clock::time_point Medium::arrival(Clock::time_point now, std::size_t bytes) {
  free_ = std::max(free_, now);
  if (bits_per_second_ > 0)
    free_ += std::chrono::microseconds(static_cast<std::int64_t>(bytes) * 8 * 1'000'000 / bits_per_second_);
  return free_ + delay_;
}

Came Pipe::read(int from, std::size_t most, Clock::time_point now, Clock::duration more_delay, std::size_t& bytes) {
  bytes = 0;
  std::array<char, kPacket> packet;
  const ssize_t got = recv(from, packet.data(), std::min(most, packet.size()), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Came::kNothing : Came::kGone;
  if (got == 0) {
    ended_ = true;
    return Came::kEnd;
  }
  bytes = static_cast<std::size_t>(got);
  packets_.push_back(
      Packet{.due = medium_->arrival(now, bytes) + more_delay, .bytes = std::string(packet.data(), bytes)});
  waiting_ += bytes;
  return Came::kBytes;
}

bool Pipe::write(int to, Clock::time_point now) {
  while (is_due(now)) {
    std::string& bytes = packets_.front().bytes;
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    waiting_ -= static_cast<std::size_t>(sent);
    if (static_cast<std::size_t>(sent) < bytes.size()) {
      bytes.erase(0, static_cast<std::size_t>(sent));
      return true;
    }
    packets_.pop_front();
  }
  return true;
}

Clock::time_point Pipe::next(Clock::time_point now) const {
  Clock::time_point at = Clock::time_point::max();
  if (!stalled_ && !packets_.empty() && packets_.front().due > now) at = packets_.front().due;
  if (!ended_ && waiting_ < kMostWaiting && !medium_->takes_more(now)) at = std::min(at, medium_->takes_more_at());
  return at;
}

}  // namespace songsong::link
