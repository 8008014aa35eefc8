// Tickets: what a person types, pastes or scans.
#include "shared/sync/ticket.h"

#include "shared/core/crypto.h"
#include "tests/fuzz/target.h"

namespace songsong::fuzz {
namespace {

void hold_text(std::string_view text) {
  const Outcome<Ticket> ticket = parse_ticket(text);
  if (!ticket) return hold_fault(ticket.fault());
  hold(verify(*ticket), "a ticket that is taken is signed");
  hold(must(parse_ticket(to_text(*ticket))) == *ticket, "a ticket's text is the ticket");
}

}  // namespace

// The first byte: 1 the bytes in place of the text, 2 the harness signs what they say.
void ticket(std::string_view bytes) {
  const std::uint8_t how = take_byte(bytes);
  if ((how & 1) == 0) return hold_text(bytes);
  Outcome<Ticket> ticket = decode_ticket(bytes);
  if (!ticket) return hold_fault(ticket.fault());
  hold(encode(*ticket) == bytes, "one ticket has one form in bytes");
  if ((how & 2) != 0) {
    SigningSeed seed;
    seed.fill()[0] = 7;
    sign(*ticket, KeyPair(seed));
    hold(must(parse_ticket(to_text(*ticket))) == *ticket, "a signed ticket is taken");
  } else {
    hold_text(to_text(*ticket));
  }
}

}  // namespace songsong::fuzz
