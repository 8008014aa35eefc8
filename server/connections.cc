#include "server/connections.h"

#include "server/sockets.h"

namespace songsong::server {
namespace {

constexpr auto kLook = std::chrono::milliseconds(250);  // deadlines are kept to that
// A header that has begun to come has so long before its connection may make room for another.
constexpr auto kHeaderComes = std::chrono::seconds(1);

thread_local Connections::Connection* serving = nullptr;

std::uint64_t heard(const Poco::Net::StreamSocket& socket) { return bytes_heard(socket.impl()->sockfd()); }

}  // namespace

Connections::Connection::Connection(Connections& all, const Poco::Net::StreamSocket& socket) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  open_ = all_.open_.insert(all_.open_.end(), Open{.socket = socket, .deadline = all_.until_next_request()});
  if (all_.no_more_) all_.shut(*open_);
  all_.make_room();
  serving = this;
}

Connections::Connection::~Connection() {
  serving = nullptr;
  leaves();
}

Connections::Connection* Connections::Connection::here() { return serving; }

void Connections::Connection::request_begins() {
  const std::lock_guard lock(all_.mutex_);
  if (left_) return;
  open_->in_request = true;
  open_->deadline = Clock::now() + std::chrono::seconds(all_.limits_.request_deadline_seconds);
}

void Connections::Connection::request_is_read() {
  const std::lock_guard lock(all_.mutex_);
  if (left_) return;
  open_->heard = heard(open_->socket);
  open_->begins.reset();
}

void Connections::Connection::request_ends() {
  const std::lock_guard lock(all_.mutex_);
  if (left_) return;
  open_->in_request = false;
  all_.open_.splice(all_.open_.end(), all_.open_, open_);
  open_->deadline = all_.until_next_request();
  all_.make_room();
}

void Connections::Connection::leaves() {
  const std::lock_guard lock(all_.mutex_);
  if (left_) return;
  left_ = true;
  if (open_->shut) --all_.shut_now_;
  all_.open_.erase(open_);
  ++all_.finished_;
}

Connections::Connections(const Limits& limits) : limits_(limits), thread_([this] { watch(); }) {}

Connections::~Connections() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

std::size_t Connections::count() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

std::uint64_t Connections::overdue() const {
  const std::lock_guard lock(mutex_);
  return overdue_;
}

std::uint64_t Connections::replaced() const {
  const std::lock_guard lock(mutex_);
  return replaced_;
}

// Poco waits so long for the first byte, and after that the header has to come.
Connections::Clock::time_point Connections::until_next_request() const {
  return Clock::now() + std::chrono::seconds(limits_.idle_timeout_seconds + limits_.header_deadline_seconds);
}

void Connections::accepted(std::uint64_t refused) {
  const std::lock_guard lock(mutex_);
  ++accepted_;
  refused_ = refused;
  make_room();
}

// Null when there is none, or none yet. Between the thread's reading of a header and the request's beginning a
// connection looks idle, so that one of which something has come goes only when there is no other, has had its time,
// and no place is about to become free whose newcomer may be idle.
Connections::Open* Connections::longest_idle() {
  Open* begins = nullptr;
  for (Open& each : open_) {
    if (each.in_request || each.shut) continue;
    // Asked once, so that a crowd of them costs newcomers no more than a walk.
    if (!each.begins && heard(each.socket) > each.heard) each.begins = Clock::now();
    if (!each.begins) return &each;
    if (begins == nullptr) begins = &each;
  }
  if (begins == nullptr || shut_now_ > 0 || Clock::now() - *begins->begins < kHeaderComes) return nullptr;
  return begins;
}

// Looked at whenever one more has come, has been given a thread or has become idle, and by the watch. Newcomers that
// wait for a thread are counted, but while there are threads left they are open in a moment, and may be the ones that
// wait longest.
void Connections::make_room() {
  const auto most = static_cast<std::uint64_t>(limits_.max_connections);
  if (open_.size() < most) return;
  while (accepted_ > most + refused_ + finished_ + shut_now_) {
    Open* const longest = longest_idle();
    if (longest == nullptr) return;
    shut(*longest);
    ++replaced_;
  }
}

void Connections::close_idle() {
  const std::lock_guard lock(mutex_);
  no_more_ = true;
  for (Open& each : open_) {
    if (!each.in_request) shut(each);
  }
}

void Connections::close_all() {
  const std::lock_guard lock(mutex_);
  no_more_ = true;
  for (Open& each : open_) shut(each);
}

void Connections::watch() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, kLook, [this] { return stopping_; })) {
    const Clock::time_point now = Clock::now();
    for (Open& each : open_) {
      if (each.shut || each.deadline > now) continue;
      shut(each);
      ++overdue_;
    }
    make_room();
  }
}

void Connections::shut(Open& open) {
  if (open.shut) return;
  open.shut = true;
  ++shut_now_;
  shut_both_ways(open.socket.impl()->sockfd());
}

}  // namespace songsong::server
