#include "server/throttle.h"

#include <algorithm>

namespace songsong::server {

Throttle::Order::iterator Throttle::find(const std::string& key, Clock::time_point now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return order_.end();
  const Order::iterator at = found->second;
  const auto forgotten = (now - at->last) / rule_.forgets_one_after;
  if (forgotten < at->wrong) {
    at->wrong -= static_cast<int>(forgotten);
    at->last += forgotten * rule_.forgets_one_after;
    return at;
  }
  by_key_.erase(found);
  order_.erase(at);
  return order_.end();
}

std::chrono::seconds Throttle::wait(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const Order::iterator at = find(key, now);
  if (at == order_.end() || at->until <= now) return std::chrono::seconds(0);
  return std::chrono::ceil<std::chrono::seconds>(at->until - now);
}

void Throttle::wrong(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Order::iterator at = find(key, now);
  if (at == order_.end()) {
    if (order_.size() == most_keys_) {
      by_key_.erase(order_.front().key);
      order_.pop_front();
    }
    at = order_.insert(order_.end(), Tries{.key = key, .wrong = 0, .last = now, .until = now});
    by_key_[key] = at;
  } else {
    order_.splice(order_.end(), order_, at);
  }
  ++at->wrong;
  std::chrono::seconds wait = rule_.first_wait;
  for (int i = rule_.free + 1; i < at->wrong && wait < rule_.most_wait; ++i) wait *= 2;
  if (at->wrong > rule_.free) at->until = now + std::min(wait, rule_.most_wait);
}

void Throttle::right(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  order_.erase(found->second);
  by_key_.erase(found);
}

std::size_t Throttle::keys() const {
  const std::lock_guard lock(mutex_);
  return order_.size();
}

void Welcome::add(const std::string& pair) {
  const std::lock_guard lock(mutex_);
  if (!pairs_.insert(pair).second) return;
  order_.push_back(pair);
  if (order_.size() <= most_) return;
  pairs_.erase(order_.front());
  order_.pop_front();
}

bool Welcome::contains(const std::string& pair) const {
  const std::lock_guard lock(mutex_);
  return pairs_.contains(pair);
}

}  // namespace songsong::server
