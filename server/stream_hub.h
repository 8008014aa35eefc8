// StreamHub: the readers of live totals. One thread for all of them: a reader is a socket that was taken from its
// request's thread, and is sent an event when the totals of its unit may have changed.
//
// Bounded: so many readers, so many unsent bytes for each (a slower one is dropped), totals computed at most once in
// kPauseMs for each unit that is watched. Any thread may add and notify.
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/limits.h"
#include "server/totals.h"

namespace songsong::server {

class StreamHub {
 public:
  static constexpr int kPauseMs = 200;
  // Another process may write, too: the store is asked that often.
  static constexpr int kLookMs = 1000;

  // What a reader reads: of which unit, and whether as a stranger (disclosure.h).
  struct Watched {
    std::string unit;
    bool is_public = false;

    auto operator<=>(const Watched&) const = default;
  };
  using Totals = std::function<Outcome<std::optional<TotalsNow>>(const Watched&)>;

  // Whether who reads may still; asked with each heartbeat, by the hub's thread, once for all readers that are alike.
  using Allowed = std::function<bool(const std::string& who, const Watched&)>;

  StreamHub(const Limits& limits, Totals totals, std::function<StoreSequence()> sequence, Allowed allowed);
  ~StreamHub();

  // Takes the socket, on which a response's head was sent. `seen` is the id of the last event that the reader had.
  // `who` is what Allowed is asked with; a reader who may not read any more is let go. False when there are too many
  // readers; then nothing was sent.
  bool add(Poco::Net::StreamSocket socket, Watched watched, StoreSequence seen, std::string who);
  bool full() const { return readers_now_ >= limits_.max_streams; }
  // Something was committed.
  void notify();
  std::size_t readers() const { return readers_now_; }

 private:
  struct Reader {
    Poco::Net::StreamSocket socket;
    Watched watched;
    StoreSequence seen = 0;
    bool begun = false;
    std::string unsent;
    std::string who;
  };

  void run();
  void send_totals();
  void send_heartbeats();
  void flush();
  bool send(Reader& reader);

  const Limits& limits_;
  const Totals totals_;
  const std::function<StoreSequence()> sequence_;
  const Allowed allowed_;
  std::atomic<std::size_t> readers_now_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_, as the two below
  bool notified_ = false;
  std::vector<Reader> joining_;

  std::vector<Reader> reading_;  // the hub's thread only
  StoreSequence sent_ = 0;
  std::thread thread_;
};

}  // namespace songsong::server
