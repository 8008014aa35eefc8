#include "server/sessions.h"

#include <array>

#include "shared/core/crypto.h"
#include "shared/system/entropy.h"

namespace songsong::server {
namespace {

constexpr HashDomain kDomain("songsong session");

std::string drawn() {
  std::array<std::uint8_t, 32> chance{};
  draw_entropy(chance);
  return to_base64url({reinterpret_cast<const char*>(chance.data()), chance.size()});
}

// A map that was searched by the token itself would tell by its time how much of a guess is right.
std::string hash_of(const std::string& token) {
  const Hash256 hash = hash256(kDomain, token);
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

}  // namespace

bool Sessions::over(const Held& held, Clock::time_point now) const {
  return now - held.seen > idle_ || now - held.began > longest_;
}

// What is over goes; then, where that is not enough, the one that was idle longest.
void Sessions::make_room(const std::string& account, Clock::time_point now) {
  std::erase_if(all_, [&](const auto& each) { return over(each.second, now); });
  std::size_t own = 0;
  All::iterator idle = all_.end(), own_idle = all_.end();
  const auto longer = [&](All::iterator one, All::iterator other) {
    return other == all_.end() || one->second.seen < other->second.seen;
  };
  for (auto at = all_.begin(); at != all_.end(); ++at) {
    if (longer(at, idle)) idle = at;
    if (at->second.session.account != account) continue;
    ++own;
    if (longer(at, own_idle)) own_idle = at;
  }
  if (own >= kMostOfOne) {
    all_.erase(own_idle);
  } else if (all_.size() >= kMost) {
    all_.erase(idle);
  }
}

Sessions::Opened Sessions::open(const std::string& account, std::uint32_t revision, Clock::time_point now) {
  Opened opened{.token = drawn(), .csrf = drawn()};
  const std::lock_guard lock(mutex_);
  make_room(account, now);
  all_[hash_of(opened.token)] = Held{
      .session = Session{.account = account, .revision = revision, .csrf = opened.csrf}, .began = now, .seen = now};
  return opened;
}

std::optional<Session> Sessions::find(const std::string& token, Clock::time_point now, Asked asked) {
  if (token.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(hash_of(token));
  if (found == all_.end()) return std::nullopt;
  if (over(found->second, now)) {
    all_.erase(found);
    return std::nullopt;
  }
  if (asked == Asked::kByOwner) found->second.seen = now;
  return found->second.session;
}

void Sessions::close(const std::string& token) {
  const std::lock_guard lock(mutex_);
  all_.erase(hash_of(token));
}

std::size_t Sessions::count() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

}  // namespace songsong::server
