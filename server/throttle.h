// Throttle: who has guessed wrongly so often that they have to wait. Counts wrong tries by key (an account, an address,
// both), in memory; each wrong try beyond those that are free doubles the wait, and with time one after the other is
// forgotten.
//
// Bounded: at most so many keys, of which the one that has been quiet longest is forgotten first. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace songsong::server {

class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  struct Rule {
    int free = 5;                         // wrong tries before anybody waits
    std::chrono::seconds first_wait{30};  // after the next; then doubled
    std::chrono::seconds most_wait{900};
    std::chrono::seconds forgets_one_after{600};
  };

  Throttle(const Rule& rule, std::size_t most_keys) : rule_(rule), most_keys_(most_keys) {}

  // How long the key has to wait yet; zero if it may try.
  std::chrono::seconds wait(const std::string& key, Clock::time_point now);
  void wrong(const std::string& key, Clock::time_point now);
  void right(const std::string& key);
  std::size_t keys() const;

 private:
  struct Tries {
    std::string key;
    int wrong = 0;
    Clock::time_point last;
    Clock::time_point until;
  };
  using Order = std::list<Tries>;

  // As of now; end of the list if the key is not known, or no more.
  Order::iterator find(const std::string& key, Clock::time_point now);

  const Rule rule_;
  const std::size_t most_keys_;
  mutable std::mutex mutex_;
  Order order_;  // the quiet longest first
  std::unordered_map<std::string, Order::iterator> by_key_;
};

// Welcome: pairs of account and address that were right once. Bounded as above, the one that came first goes first.
class Welcome {
 public:
  explicit Welcome(std::size_t most) : most_(most) {}

  void add(const std::string& pair);
  bool contains(const std::string& pair) const;

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<std::string> order_;
  std::unordered_set<std::string> pairs_;
};

}  // namespace songsong::server
