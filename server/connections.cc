#include "server/connections.h"

#include <Poco/Exception.h>

#include <algorithm>

namespace songsong::server {
namespace {

constexpr auto kLook = std::chrono::milliseconds(250);  // deadlines are kept to that

thread_local Connections::Connection* serving = nullptr;

// What has come of a request that its thread, on a busy machine, has not got round to reading.
bool has_unread(const Poco::Net::StreamSocket& socket) {
  try {
    return socket.available() > 0;
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace

Connections::Connection::Connection(Connections& all, const Poco::Net::StreamSocket& socket) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  open_ = all_.open_.insert(all_.open_.end(),
                            Open{.socket = socket, .since = Clock::now(), .deadline = all_.until_next_request()});
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

void Connections::Connection::request_ends() {
  const std::lock_guard lock(all_.mutex_);
  if (left_) return;
  open_->in_request = false;
  open_->since = Clock::now();
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

// Looked at whenever one more has come or become idle: those that still wait for a thread are counted, too.
void Connections::make_room() {
  const auto most = static_cast<std::uint64_t>(limits_.max_connections);
  while (accepted_ > most + refused_ + finished_ + shut_now_) {
    Open* longest = nullptr;
    for (Open& each : open_) {
      if (each.in_request || each.shut) continue;
      const bool longer = longest == nullptr || each.since < longest->since;
      if (longer && !has_unread(each.socket)) longest = &each;
    }
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
  }
}

void Connections::shut(Open& open) {
  if (open.shut) return;
  open.shut = true;
  ++shut_now_;
  try {
    open.socket.shutdown();
  } catch (const Poco::Exception&) {
    return;  // the other side was faster
  }
}

}  // namespace songsong::server
