#include "tests/link/link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/link/pipe.h"
#include "tests/support/random.h"

namespace songsong::link {
namespace {

constexpr std::size_t kMostConnections = 4096;
constexpr std::int64_t kEndless = INT64_MAX;

int connect_to(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return -1;
  const int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(address.c_str() + colon + 1, nullptr, 10)));
  if (connect(far, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) return far;
  close(far);
  return -1;
}

// A reset, so that neither side takes what it has for the whole.
void reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(socket);
}

enum class Fate { kNone, kCut, kStalled, kHalfClosed };

}  // namespace

class Link::Loop {
 public:
  explicit Loop(LinkOptions options)
      : options_(std::move(options)),
        random_(options_.seed),
        media_{Medium(options_.bits_per_second_up, half_way()), Medium(options_.bits_per_second_down, half_way())},
        listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
        stop_(eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(here);
    if (stop_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&here), length) != 0 || listen(listener_, 512) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &length) != 0)
      throw std::runtime_error("the link cannot listen");
    port_ = ntohs(here.sin_port);
    if (options_.cut_every_ms > 0)
      next_cut_ = Clock::now() + std::chrono::milliseconds(random_.between(1, options_.cut_every_ms));
  }
  ~Loop() {
    for (Pair& pair : pairs_) {
      close(pair.near);
      close(pair.far);
    }
    close(listener_);
    close(stop_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int port() const { return port_; }

  void stop() {
    const std::uint64_t one = 1;
    if (write(stop_, &one, sizeof(one)) < 0) throw std::runtime_error("the link cannot be stopped");
  }

  void run() {
    while (wait()) {
      const Clock::time_point now = Clock::now();
      if (now >= next_cut_) cut_all(now);
      for (auto pair = pairs_.begin(); pair != pairs_.end();) {
        if (serve(*pair, now)) {
          ++pair;
        } else {
          pair = pairs_.erase(pair);
        }
      }
      welcome();
    }
  }

  LinkCounts counts() const {
    return LinkCounts{.connections = connections_,
                      .cut = cut_,
                      .stalled = stalled_,
                      .half_closed = half_closed_,
                      .bytes_up = bytes_[0],
                      .bytes_down = bytes_[1]};
  }

 private:
  // A connection and the one to the server that goes with it.
  struct Pair {
    int near, far;
    Pipe pipes[2];  // by Way
    bool passed_end[2] = {false, false};
    Fate fate = Fate::kNone;
    Way fated = Way::kUp;
    std::int64_t left = kEndless;  // bytes until then
    bool fresh = true;             // nothing has come yet

    int from(int way) const { return way == 0 ? near : far; }
    int to(int way) const { return way == 0 ? far : near; }
  };

  std::chrono::microseconds half_way() const { return std::chrono::microseconds(options_.round_trip_ms * 500); }

  // False when it is to stop.
  bool wait() {
    const Clock::time_point now = Clock::now();
    Clock::time_point until = next_cut_;
    const bool full = pairs_.size() >= kMostConnections;
    waiting_.clear();
    waiting_.push_back({.fd = stop_, .events = POLLIN, .revents = 0});
    waiting_.push_back({.fd = listener_, .events = static_cast<short>(full ? 0 : POLLIN), .revents = 0});
    for (const Pair& pair : pairs_) {
      short events[2] = {0, 0};  // of near and far
      for (int way = 0; way < 2; ++way) {
        const Pipe& pipe = pair.pipes[way];
        if (pipe.wants_to_read(now)) events[way] = static_cast<short>(events[way] | POLLIN);
        if (pipe.is_due(now)) events[1 - way] = static_cast<short>(events[1 - way] | POLLOUT);
        until = std::min(until, pipe.next(now));
      }
      // An end of which nothing is wanted now is not looked at: that it was hung up would be told again and again.
      waiting_.push_back({.fd = events[0] != 0 ? pair.near : -1, .events = events[0], .revents = 0});
      waiting_.push_back({.fd = events[1] != 0 ? pair.far : -1, .events = events[1], .revents = 0});
    }
    int timeout = -1;
    if (until != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
      timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
    }
    if (poll(waiting_.data(), waiting_.size(), timeout) < 0) waiting_[0].revents = 0;
    return waiting_[0].revents == 0;
  }

  // False when the connection is over; both ends are closed then.
  bool serve(Pair& pair, Clock::time_point now) {
    for (int way = 0; way < 2; ++way) {
      Pipe& pipe = pair.pipes[way];
      if (pipe.wants_to_read(now) && !take(pair, way, now)) return false;
      if (!pipe.write(pair.to(way), now)) return over(pair);
      if (pipe.drained() && !pair.passed_end[way]) {
        shutdown(pair.to(way), SHUT_WR);
        pair.passed_end[way] = true;
      }
    }
    // What one end does is not told to the other over a way that is silent; when the client has gone, nobody waits.
    const bool silent = pair.pipes[0].stalled() || pair.pipes[1].stalled();
    const bool left_alone = silent && pair.pipes[0].ended();
    if (left_alone || (pair.passed_end[0] && pair.passed_end[1])) return over(pair);
    return true;
  }

  bool take(Pair& pair, int way, Clock::time_point now) {
    const bool counts = pair.fate == Fate::kCut || (pair.fate != Fate::kNone && static_cast<int>(pair.fated) == way);
    const std::size_t most =
        counts ? static_cast<std::size_t>(std::min<std::int64_t>(pair.left, Pipe::kPacket)) : Pipe::kPacket;
    const auto opening = pair.fresh ? std::chrono::milliseconds(options_.round_trip_ms) : std::chrono::milliseconds(0);
    std::size_t bytes = 0;
    const Came came = pair.pipes[way].read(pair.from(way), most, now, opening, bytes);
    if (came == Came::kGone) return over(pair);
    if (came != Came::kBytes) return true;
    pair.fresh = false;
    bytes_[way] += bytes;
    if (!counts) return true;
    pair.left -= static_cast<std::int64_t>(bytes);
    return pair.left > 0 || meet(pair, way);
  }

  bool meet(Pair& pair, int way) {
    const Fate fate = std::exchange(pair.fate, Fate::kNone);
    if (fate == Fate::kCut) return cut(pair);
    if (fate == Fate::kStalled) {
      pair.pipes[way].stall();
      ++stalled_;
      tell("stalled");
    } else {
      pair.pipes[way].end();
      ++half_closed_;
      tell("half-closed");
    }
    return true;
  }

  bool cut(Pair& pair) {
    reset(pair.near);
    reset(pair.far);
    ++cut_;
    tell("cut");
    return false;
  }

  static bool over(Pair& pair) {
    close(pair.near);
    close(pair.far);
    return false;
  }

  void cut_all(Clock::time_point now) {
    for (Pair& pair : pairs_) cut(pair);
    pairs_.clear();
    next_cut_ = now + std::chrono::milliseconds(options_.cut_every_ms);
  }

  void welcome() {
    while (pairs_.size() < kMostConnections) {
      const int near = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (near < 0) return;
      ++connections_;
      const int far = connect_to(options_.server());
      if (far < 0) {
        close(near);
        continue;
      }
      Pair& pair = pairs_.emplace_back(Pair{.near = near, .far = far, .pipes = {Pipe(media_[0]), Pipe(media_[1])}});
      draw_fate(pair);
    }
  }

  void draw_fate(Pair& pair) {
    const Chances& chances = options_.chances;
    struct {
      unsigned chance;
      Fate fate;
      Way way;
    } const all[] = {{chances.cut, Fate::kCut, Way::kUp},
                     {chances.stalled_up, Fate::kStalled, Way::kUp},
                     {chances.stalled_down, Fate::kStalled, Way::kDown},
                     {chances.half_closed_up, Fate::kHalfClosed, Way::kUp},
                     {chances.half_closed_down, Fate::kHalfClosed, Way::kDown}};
    std::uint64_t drawn = random_.below(100);
    for (const auto& each : all) {
      if (drawn < each.chance) {
        pair.fate = each.fate;
        pair.fated = each.way;
        pair.left = random_.between(1, chances.after_bytes);
        return;
      }
      drawn -= each.chance;
    }
  }

  void tell(const char* what) const {
    if (options_.tell) options_.tell(what);
  }

  const LinkOptions options_;
  Random random_;
  Medium media_[2];  // by Way
  int listener_;
  int stop_;
  int port_ = 0;
  Clock::time_point next_cut_ = Clock::time_point::max();
  std::list<Pair> pairs_;
  std::vector<pollfd> waiting_;
  std::atomic<std::uint64_t> connections_{0}, cut_{0}, stalled_{0}, half_closed_{0};
  std::atomic<std::uint64_t> bytes_[2] = {0, 0};
};

Link::Link(LinkOptions options) : loop_(std::make_unique<Loop>(std::move(options))) {
  address_ = "http://127.0.0.1:" + std::to_string(loop_->port());
  thread_ = std::thread([this] { loop_->run(); });
}

Link::~Link() {
  loop_->stop();
  thread_.join();
}

LinkCounts Link::counts() const { return loop_->counts(); }

}  // namespace songsong::link
