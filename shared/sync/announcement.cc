#include "shared/sync/announcement.h"

#include <algorithm>
#include <charconv>

namespace songsong {

std::uint32_t next_revision(const Announcement& announcement, std::int64_t now_ms) {
  constexpr std::int64_t kSince = 1'767'225'600;  // 2026-01-01
  const std::int64_t seconds = std::clamp<std::int64_t>(now_ms / 1000 - kSince, 0, UINT32_MAX / 2);
  return std::max(announcement.revision + 1, static_cast<std::uint32_t>(seconds));
}

Announcement decode_announcement(std::string_view text) {
  Announcement announcement;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), announcement.revision);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) announcement.url = text.substr(1);
  return announcement;
}

std::string encode(const Announcement& announcement) {
  return std::to_string(announcement.revision) + " " + announcement.url;
}

void announce(const Announcement& announcement, const wire::Request& request, const ServerKeys& keys,
              const std::function<Outcome<std::optional<Fingerprint>>(const std::string& url)>& authority,
              wire::Answer& answer) {
  if (request.ticket_revision() >= announcement.revision) return;
  if (!request.has_enrolment()) {
    answer.set_ticket_revision(announcement.revision);
    return;
  }
  const Outcome<Ticket> held = decode_ticket(request.enrolment().ticket());
  // Only what one of its own keys signed is signed again.
  const bool own = held && keys.of(held->server) != nullptr && verify(*held) && held->replica == request.replica();
  if (!own) return;
  Ticket present = *held;
  if (!announcement.url.empty()) present.url = announcement.url;
  const Outcome<std::optional<Fingerprint>> vouches =
      authority ? authority(present.url) : Outcome<std::optional<Fingerprint>>(std::optional<Fingerprint>());
  // An address at which the server does not answer is announced to nobody.
  if (!vouches) return;
  present.authority = *vouches;
  sign(present, keys.present());
  answer.set_ticket_revision(announcement.revision);
  if (present != *held) answer.set_ticket(encode(present));
}

}  // namespace songsong
