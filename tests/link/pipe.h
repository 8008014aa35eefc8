// One way of one connection over a link: bytes that were read at one end and are due at the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace songsong::link {

using Clock = std::chrono::steady_clock;

// What all connections share of one way: a sender whose bytes are on their way already is waited for.
class Medium {
 public:
  Medium(std::int64_t bits_per_second, std::chrono::microseconds delay)
      : bits_per_second_(bits_per_second), delay_(delay) {}

  // When so many bytes that are sent now have arrived.
  Clock::time_point arrival(Clock::time_point now, std::size_t bytes);
  // Whether it takes more: no more than a few packets wait to be sent.
  bool takes_more(Clock::time_point now) const { return takes_more_at() <= now; }
  Clock::time_point takes_more_at() const { return free_ - kMostBacklog; }
  std::chrono::microseconds delay() const { return delay_; }

 private:
  static constexpr auto kMostBacklog = std::chrono::milliseconds(50);

  std::int64_t bits_per_second_;
  std::chrono::microseconds delay_;
  Clock::time_point free_ = Clock::now();
};

enum class Came { kBytes, kNothing, kEnd, kGone };

class Pipe {
 public:
  static constexpr std::size_t kPacket = 1400;
  static constexpr std::size_t kMostWaiting = 64 * 1024;

  explicit Pipe(Medium& medium) : medium_(&medium) {}

  bool wants_to_read(Clock::time_point now) const {
    return !ended_ && waiting_ < kMostWaiting && medium_->takes_more(now);
  }
  // Reads a packet, at most `most` bytes; `bytes` is how many came.
  Came read(int from, std::size_t most, Clock::time_point now, Clock::duration more_delay, std::size_t& bytes);
  // Writes what is due. False when the connection is gone.
  bool write(int to, Clock::time_point now);

  bool is_due(Clock::time_point now) const { return !stalled_ && !packets_.empty() && packets_.front().due <= now; }
  // The next moment at which something can be done that cannot now.
  Clock::time_point next(Clock::time_point now) const;
  void stall() { stalled_ = true; }
  bool stalled() const { return stalled_; }
  bool ended() const { return ended_; }
  void end() { ended_ = true; }
  // All that came was passed on, and no more will come.
  bool drained() const { return ended_ && packets_.empty() && !stalled_; }

 private:
  struct Packet {
    Clock::time_point due;
    std::string bytes;
  };

  Medium* medium_;
  std::deque<Packet> packets_;
  std::size_t waiting_ = 0;  // bytes in packets_
  bool ended_ = false;
  bool stalled_ = false;
};

}  // namespace songsong::link
