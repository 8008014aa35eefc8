#include "shared/sync/enrolment.h"

namespace songsong {
namespace {

Fault refused(const char* code, const char* where, const char* what) {
  return Fault{.code = code, .where = where, .what = what};
}

}  // namespace

Outcome<Member> enrol(const wire::Request& request, const PublicKey& server, std::int64_t now_ms) {
  const wire::Enrolment& enrolment = request.enrolment();
  const Outcome<Ticket> ticket = decode_ticket(enrolment.ticket());
  if (!ticket) return ticket.fault();
  if (ticket->server != server) return refused("ticket_other_server", "ticket", "The ticket is of another server.");
  if (!verify(*ticket)) return refused("ticket_forged", "ticket", "The ticket's signature does not fit.");
  if (ticket->replica != request.replica())
    return refused("ticket_forged", "ticket", "The ticket is of another replica.");
  if (now_ms > ticket->expires_ms) return refused("ticket_expired", "ticket", "The ticket has expired.");
  const Outcome<PublicKey> key = PublicKey::from_bytes(enrolment.public_key(), "public key");
  if (!key) return refused("key_malformed", "public key", "The key is none.");
  return Member{.replica = ticket->replica,
                .key = *key,
                .role = ticket->role,
                .units = ticket->units,
                .enrolled_ms = now_ms,
                .revoked_ms = 0,
                .contact_ms = 0,
                .clock_ms = 0,
                .waiting = 0};
}

}  // namespace songsong
