// Link: a weak link on loopback. It listens, passes bytes to a server and back, and does to them what valleys do: so
// many bits a second each way (which all connections share), so long a way, connections that are cut, that go silent in
// one way while they stay open, or that are closed in one way only. Chances come from a seed.
//
// One thread of its own, from construction to destruction, in one poll loop; buffers are bounded, so a sender that is
// faster than the link waits. The counts may be asked by any thread. Throws std::runtime_error when it cannot listen.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace songsong::link {

enum class Way { kUp, kDown };  // to the server, from it

// What becomes of one connection after some bytes of it. Of a hundred connections so many are met, in this order.
struct Chances {
  unsigned cut = 0;                 // reset, in the middle of whatever goes over it
  unsigned stalled_up = 0;          // what is sent that way vanishes; the connection stays open
  unsigned stalled_down = 0;        //
  unsigned half_closed_up = 0;      // the server is told that no more will come
  unsigned half_closed_down = 0;    // the client is
  std::int64_t after_bytes = 6000;  // of that way (of both for a cut), at most; at least one
};

struct LinkOptions {
  // "HOST:PORT" of the server, asked at each connection; empty: nobody is reached.
  std::function<std::string()> server;
  std::uint64_t seed = 1;
  std::int64_t bits_per_second_up = 0;  // 0: as fast as the machine
  std::int64_t bits_per_second_down = 0;
  int round_trip_ms = 0;  // half each way; opening a connection takes one, too
  int cut_every_ms = 0;   // all connections are reset; the first time at a moment drawn from the seed
  Chances chances = {};
  std::function<void(const char*)> tell = {};  // "cut", "stalled", "half-closed", as it happens
};

struct LinkCounts {
  std::uint64_t connections = 0;
  std::uint64_t cut = 0;  // by chance, or because it was time
  std::uint64_t stalled = 0;
  std::uint64_t half_closed = 0;
  std::uint64_t bytes_up = 0;  // taken from clients, HTTP's own among them
  std::uint64_t bytes_down = 0;
};

class Link {
 public:
  explicit Link(LinkOptions options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // "http://127.0.0.1:PORT"
  const std::string& address() const { return address_; }
  LinkCounts counts() const;

 private:
  class Loop;

  std::string address_;
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace songsong::link
