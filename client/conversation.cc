#include "client/conversation.h"

#include <algorithm>
#include <thread>

#include "client/device.h"
#include "shared/sync/wire.h"
#include "shared/system/entropy.h"

namespace songsong::client {
namespace {

bool is_ours(const HttpAnswer& answer) { return answer.content_type.starts_with(wire::kContentType); }

bool is_of_a_busy_server(const HttpAnswer& answer) {
  return answer.status == 429 || (answer.status >= 502 && answer.status <= 504);
}

// What came too slowly, or only in part, is as good as lost on the way.
bool came_in_part(const HttpAnswer& answer) {
  return answer.status == 408 || (answer.status == 400 && answer.content_type.starts_with("application/problem+json"));
}

// What the server named, and up to half as long again, so that those who were told the same do not come at once.
std::chrono::milliseconds pause_of(long named_seconds) {
  const long seconds = std::clamp(named_seconds > 0 ? named_seconds : kBusySeconds, 1L, kMostBusySeconds);
  std::uint8_t drawn[1] = {};
  draw_entropy(drawn);
  return std::chrono::milliseconds(seconds * 1000 + seconds * 500 * drawn[0] / 255);
}

class Conversation {
 public:
  Conversation(Initiator& initiator, const ConversationOptions& options) : initiator_(initiator), options_(options) {}

  // Until the initiator has nothing more to say.
  Outcome<Done> hold() {
    for (;;) {
      const Outcome<std::optional<Outgoing>> outgoing = initiator_.next(read_clock());
      if (!outgoing) return outgoing.fault();
      if (!outgoing->has_value()) return Done{};
      const Outcome<Done> asked = ask(**outgoing);
      if (!asked) return asked;
    }
  }

 private:
  Outcome<Done> ask(const Outgoing& outgoing) {
    // The server may have told of another address, or of TLS, in the last answer.
    if (!http_ || authority_ != outgoing.authority) http_.emplace(outgoing.authority, options_.patience);
    authority_ = outgoing.authority;
    const Outcome<HttpAnswer> answer = http_->post(outgoing.url, wire::kContentType, outgoing.body);
    if (!answer) return lost(answer.fault());
    if (!is_ours(*answer)) {
      if (came_in_part(*answer))
        return lost(Fault{.code = "network", .where = outgoing.url, .what = "Not all of the message came through."});
      if (is_of_a_busy_server(*answer)) return busy(outgoing.url, answer->retry_after_seconds);
      return Fault{.code = "not_our_server", .where = outgoing.url, .what = "The answer is none of a SongSong server."};
    }
    const Outcome<Done> received = initiator_.receive(answer->body, read_clock());
    if (!received && received.fault().code == "refused" && received.fault().where == "busy")
      return busy(outgoing.url, answer->retry_after_seconds);
    if (!received) return received;
    lost_ = busy_ = 0;
    if (options_.progress) options_.progress(initiator_.tally());
    return Done{};
  }

  Outcome<Done> lost(const Fault& fault) {
    initiator_.failed();
    return ++lost_ < kTries ? Outcome<Done>(Done{}) : fault;
  }

  Outcome<Done> busy(const std::string& url, long named_seconds) {
    initiator_.failed();
    if (++busy_ > options_.busy_tries) return Fault{.code = "busy", .where = url, .what = "The server is busy."};
    const std::chrono::milliseconds pause = pause_of(named_seconds);
    if (options_.told_to_wait) options_.told_to_wait(pause);
    std::this_thread::sleep_for(pause);
    return Done{};
  }

  Initiator& initiator_;
  const ConversationOptions& options_;
  std::optional<Fingerprint> authority_;
  std::optional<HttpClient> http_;
  int lost_ = 0;
  int busy_ = 0;
};

}  // namespace

Outcome<SyncTally> converse(Replica& replica, const ConversationOptions& options) {
  const Outcome<std::unique_ptr<Initiator>> initiator =
      Initiator::begin(replica, InitiatorOptions{.primer = options.primer, .check = options.check});
  if (!initiator) return initiator.fault();
  const Outcome<Done> held = Conversation(**initiator, options).hold();
  if (!held) return held.fault();
  return (*initiator)->tally();
}

}  // namespace songsong::client
