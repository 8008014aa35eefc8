// Clients that are none: many connections that do nothing, that dribble a header or a body, or that have closed their
// side. Where the server ends one, another takes its place, as a machine that is broken or hostile would do.
//
// One thread of its own, from construction to destruction.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>

namespace songsong::testing {

enum class Nuisance { kIdle, kSlowHeader, kSlowBody, kHalfClosed };

const char* name_of(Nuisance nuisance);

class Nuisances {
 public:
  // So many connections, opened as fast as may be. The address is a server's "http://HOST:PORT".
  Nuisances(const std::string& address, Nuisance what, std::size_t count);
  ~Nuisances();
  Nuisances(const Nuisances&) = delete;
  Nuisances& operator=(const Nuisances&) = delete;

  std::size_t open() const { return open_; }
  std::size_t opened() const { return opened_; }  // in all
  std::size_t ended() const { return ended_; }    // by the server
  // Waits until so many were opened, or the time is up.
  void wait_for(std::size_t opened, int seconds) const;

 private:
  void run(int port, std::size_t count);

  const Nuisance what_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> open_{0}, opened_{0}, ended_{0};
  std::thread thread_;
};

// Lets this process and what it begins have so many files open, as far as the system permits; how many it may have
// then.
std::size_t allow_open_files(std::size_t wanted);

}  // namespace songsong::testing
