// Connections: the open ones, and how long each may go on.
//
// Poco gives each connection a thread and bounds only a single read, so a client that dribbles would hold its thread
// for ever. Here every connection has a deadline, which one thread keeps: until the next request's header has come
// whole, then for the request and its answer. When all places are taken, the connection that has been without a request
// longest makes room for the newcomer; one of whose next request something has come does so only when there is no
// other, and one whose request is being served never does.
//
// Threads: a Connection belongs to its own; everything else may be called by any. The sockets are shut, not closed:
// their owners see the end of the stream and finish.
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "server/limits.h"

namespace songsong::server {

class Connections {
  struct Open;

 public:
  // One connection, for as long as its thread serves it.
  class Connection {
   public:
    Connection(Connections& all, const Poco::Net::StreamSocket& socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // The one that this thread serves; null on a thread that serves none.
    static Connection* here();

    void request_begins();
    // Before the answer goes out: whatever comes after it is the next request's.
    void request_is_read();
    void request_ends();
    // The socket belongs to somebody else from now on.
    void leaves();

   private:
    Connections& all_;
    std::list<Open>::iterator open_;
    bool left_ = false;
  };

  explicit Connections(const Limits& limits);
  ~Connections();

  std::size_t count() const;
  std::uint64_t overdue() const;   // were ended by their deadline
  std::uint64_t replaced() const;  // made room for others

  // Of every newcomer, before it waits for a thread. `refused`: how many of those found no place to wait, until now.
  void accepted(std::uint64_t refused);
  // Ends all that are without a request, now and from now on.
  void close_idle();
  // Ends all.
  void close_all();

 private:
  using Clock = std::chrono::steady_clock;

  struct Open {
    Poco::Net::StreamSocket socket;
    Clock::time_point deadline;
    std::uint64_t heard = 0;                       // bytes, of all requests that were read
    std::optional<Clock::time_point> begins = {};  // seen that something of the next request has come
    bool in_request = false;
    bool shut = false;
  };

  Clock::time_point until_next_request() const;
  Open* longest_idle();
  void make_room();
  void watch();
  void shut(Open& open);

  const Limits& limits_;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  std::list<Open> open_;  // that which has been without a request longest first; guarded by mutex_, as all below
  bool stopping_ = false;
  bool no_more_ = false;
  std::uint64_t accepted_ = 0, refused_ = 0, finished_ = 0;
  std::uint64_t shut_now_ = 0;  // of those that are open
  std::uint64_t overdue_ = 0, replaced_ = 0;
  std::thread thread_;
};

}  // namespace songsong::server
