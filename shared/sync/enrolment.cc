#include "shared/sync/enrolment.h"

namespace songsong {
namespace {

Fault refused(const char* code, const char* where, const char* what) {
  return Fault{.code = code, .where = where, .what = what};
}

}  // namespace

Outcome<Member> enrol(Member known, const wire::Request& request, const ServerKeys& keys, std::int64_t now_ms) {
  const wire::Enrolment& enrolment = request.enrolment();
  const Outcome<Ticket> ticket = decode_ticket(enrolment.ticket());
  if (!ticket) return ticket.fault();
  const bool of_lost = keys.is_of_lost(ticket->server);
  if (keys.of(ticket->server) == nullptr && !of_lost)
    return refused("ticket_other_server", "ticket", "The ticket is of another server.");
  if (!verify(*ticket)) return refused("ticket_forged", "ticket", "The ticket's signature does not fit.");
  if (ticket->replica != request.replica())
    return refused("ticket_forged", "ticket", "The ticket is of another replica.");
  // A phone that enrolled in time at a server that is lost may come late.
  if (now_ms > ticket->expires_ms && !of_lost) return refused("ticket_expired", "ticket", "The ticket has expired.");
  // Whoever has seen a former key may sign tickets with it: such a one is good for what is known to be issued only.
  if (ticket->server != keys.present().public_key() && !of_lost && known.grants.empty())
    return refused("ticket_expired", "ticket", "The server has another key since the ticket was issued.");
  const Outcome<PublicKey> key = PublicKey::from_bytes(enrolment.public_key(), "public key");
  if (!key) return refused("key_malformed", "public key", "The key is none.");
  known.replica = ticket->replica;
  known.key = *key;
  // What it was appointed to since the ticket stands; a restored server that has forgotten it goes by the ticket.
  if (known.grants.empty()) known.grants = held_of(granted(ticket->role, ticket->units));
  known.enrolled_ms = now_ms;
  return known;
}

}  // namespace songsong
