#include "server/stream_hub.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <chrono>

#include "server/tls.h"

namespace songsong::server {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

StreamHub::StreamHub(const Limits& limits, Totals totals, std::function<StoreSequence()> sequence, Allowed allowed)
    : limits_(limits),
      totals_(std::move(totals)),
      sequence_(std::move(sequence)),
      allowed_(std::move(allowed)),
      thread_([this] { run(); }) {}

StreamHub::~StreamHub() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool StreamHub::add(Poco::Net::StreamSocket socket, Watched watched, StoreSequence seen, std::string who) {
  const std::lock_guard lock(mutex_);
  if (full() || stopping_) return false;
  ++readers_now_;
  joining_.push_back(Reader{.socket = std::move(socket),
                            .watched = std::move(watched),
                            .seen = seen,
                            .begun = false,
                            .unsent = {},
                            .who = std::move(who)});
  notified_ = true;
  changed_.notify_all();
  return true;
}

void StreamHub::notify() {
  const std::lock_guard lock(mutex_);
  notified_ = true;
  changed_.notify_all();
}

void StreamHub::run() {
  Clock::time_point beat = Clock::now();
  for (;;) {
    bool look = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(kLookMs), [this] { return stopping_ || notified_; });
      if (stopping_) break;
      look = notified_;
      notified_ = false;
      for (Reader& reader : joining_) {
        reader.socket.setBlocking(false);
        reader.socket.setSendTimeout(Poco::Timespan(0));  // TLS would wait for so long nonetheless
        reading_.push_back(std::move(reader));
      }
      joining_.clear();
    }
    const StoreSequence now = reading_.empty() ? sent_ : sequence_();
    if (look || now != sent_) send_totals();
    sent_ = now;
    if (Clock::now() - beat >= std::chrono::seconds(limits_.stream_heartbeat_seconds)) {
      send_heartbeats();
      beat = Clock::now();
    }
    flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  }
  reading_.clear();
}

// A reader who has this event already (it reconnected) is not sent it again.
void StreamHub::send_totals() {
  std::map<Watched, std::optional<TotalsNow>> by_unit;
  for (Reader& reader : reading_) {
    auto found = by_unit.find(reader.watched);
    if (found == by_unit.end()) {
      Outcome<std::optional<TotalsNow>> totals = totals_(reader.watched);
      found = by_unit.emplace(reader.watched, totals ? std::move(*totals) : std::nullopt).first;
    }
    const std::optional<TotalsNow>& totals = found->second;
    const bool had = totals && reader.seen != 0 && totals->sequence <= reader.seen;
    if (!totals || had) continue;
    reader.seen = totals->sequence;
    reader.unsent += "event: totals\nid: " + std::to_string(totals->sequence) + "\ndata: " + totals->json + "\n\n";
  }
}

void StreamHub::send_heartbeats() {
  std::map<std::pair<std::string, Watched>, bool> asked;
  std::erase_if(reading_, [&](const Reader& reader) {
    const auto [found, is_new] = asked.try_emplace({reader.who, reader.watched}, true);
    if (is_new) found->second = allowed_(reader.who, reader.watched);
    if (!found->second) --readers_now_;
    return !found->second;
  });
  for (Reader& reader : reading_) reader.unsent += ": still here\n\n";
}

void StreamHub::flush() {
  std::erase_if(reading_, [this](Reader& reader) {
    const bool gone = !send(reader) || reader.unsent.size() > limits_.stream_buffer_bytes;
    if (gone) --readers_now_;
    return gone;
  });
}

bool StreamHub::send(Reader& reader) {
  forget_tls_errors();  // the last reader's
  try {
    while (!reader.unsent.empty()) {
      const int sent = reader.socket.sendBytes(reader.unsent.data(), static_cast<int>(reader.unsent.size()));
      if (sent <= 0) return true;  // it would block
      reader.unsent.erase(0, static_cast<std::size_t>(sent));
    }
    return true;
  } catch (const Poco::TimeoutException&) {
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace songsong::server
