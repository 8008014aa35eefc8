// Sessions: who is signed in. A session is a token of 256 bits of chance that only the browser has; here it is known by
// its hash. In memory: whoever was signed in signs in again when the server was started anew.
//
// Bounded: at most kMost, and kMostOfOne of one account; the one that was idle longest ends for a new one. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace songsong::server {

struct Session {
  std::string account;
  std::uint32_t revision = 0;  // the account's when it began; another one ends it
  std::string csrf;            // what a page has to say besides the cookie before anything is altered
};

class Sessions {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::size_t kMostOfOne = 32;

  Sessions(std::chrono::seconds idle, std::chrono::seconds longest) : idle_(idle), longest_(longest) {}

  struct Opened {
    std::string token;
    std::string csrf;
  };
  Opened open(const std::string& account, std::uint32_t revision, Clock::time_point now);
  // Being asked for by who has it keeps a session awake.
  enum class Asked { kByOwner, kByTheWay };
  // Nothing of a token that is none or is past its time.
  std::optional<Session> find(const std::string& token, Clock::time_point now, Asked asked = Asked::kByOwner);
  void close(const std::string& token);
  std::size_t count() const;

 private:
  struct Held {
    Session session;
    Clock::time_point began;
    Clock::time_point seen;
  };
  using All = std::map<std::string, Held>;  // by the token's hash

  bool over(const Held& held, Clock::time_point now) const;
  void make_room(const std::string& account, Clock::time_point now);

  const std::chrono::seconds idle_;
  const std::chrono::seconds longest_;
  mutable std::mutex mutex_;
  All all_;
};

}  // namespace songsong::server
