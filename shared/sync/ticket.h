// Ticket: a server's leave to one replica to join, on paper, as a code or a QR. It holds all that a phone needs to
// begin to work without a network: the server's address and key, the replica id, role and units. One-time: the first
// key that enrols with it is its holder's.
//
//   binary  version · replica:varint · role:varint · count:varint unit:bytes* · url:bytes · issued:zigzag ·
//           expires:zigzag · authority:32, in version 2 · server key:32 · signature:64 over all before it
//           version 2 where the server has a certificate authority of its own, else 1
//   text    "song1-" and the binary form in base64url without padding (RFC 4648): one word, for a line or a QR code
//
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/songsong/options.pb.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/core/signature.h"

namespace songsong {

// SHA-256 of a certificate (DER, RFC 5280): of the authority that vouches for one server, by TLS.
using Fingerprint = FixedBytes<struct FingerprintKind, 32>;

struct Ticket {
  ReplicaId replica = 0;
  schema::Role role = schema::TEACHER;
  std::vector<std::string> units;
  std::string url;  // "http://host:port", without a slash at its end
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;                // enrolment is refused after it, by the server's clock
  std::optional<Fingerprint> authority = {};  // none: the server shows what any device trusts, or there is no TLS
  PublicKey server;
  Signature signature;

  bool operator==(const Ticket&) const = default;
};

inline constexpr std::size_t kMaxTicketBytes = 4096;
inline constexpr std::size_t kMaxTicketUnits = 64;

// Fills in the server's key and the signature.
void sign(Ticket& ticket, const KeyPair& server);
bool verify(const Ticket& ticket);

std::string encode(const Ticket& ticket);
Outcome<Ticket> decode_ticket(std::string_view bytes);
std::string to_text(const Ticket& ticket);
// Takes spaces and line breaks in it for slips of copying. Faults: "ticket_malformed" (it is none, or was cut short),
// "ticket_forged" (its signature does not fit: a letter is wrong).
Outcome<Ticket> parse_ticket(std::string_view text);

}  // namespace songsong
