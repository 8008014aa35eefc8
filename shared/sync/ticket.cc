#include "shared/sync/ticket.h"

#include "shared/core/byte_reader.h"

namespace songsong {
namespace {

constexpr std::string_view kPrefix = "song1-";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionWithAuthority = 2;
constexpr std::size_t kMaxUrlBytes = 512;

std::string signed_part(const Ticket& ticket) {
  ByteWriter writer;
  writer.byte(ticket.authority ? kVersionWithAuthority : kVersion);
  writer.varint(ticket.replica);
  writer.varint(static_cast<std::uint64_t>(ticket.role));
  writer.varint(ticket.units.size());
  for (const std::string& unit : ticket.units) writer.bytes(unit);
  writer.bytes(ticket.url);
  writer.zigzag(ticket.issued_ms);
  writer.zigzag(ticket.expires_ms);
  if (ticket.authority) writer.raw_bytes(ticket.authority->view());
  writer.raw_bytes(ticket.server.view());
  return std::move(writer).take();
}

Fault malformed() {
  return Fault{.code = "ticket_malformed", .where = "ticket", .what = "This is no ticket, or a part of it is missing."};
}

template <class Bytes>
void read_into(ByteReader& reader, Bytes& bytes) {
  const std::string_view raw = reader.raw_bytes(bytes.bytes.size());
  std::copy(raw.begin(), raw.end(), bytes.bytes.begin());
}

}  // namespace

void sign(Ticket& ticket, const KeyPair& server) {
  ticket.server = server.public_key();
  ticket.signature = server.sign(SignatureDomain::kTicket, signed_part(ticket));
}

bool verify(const Ticket& ticket) {
  return verify(ticket.server, SignatureDomain::kTicket, signed_part(ticket), ticket.signature);
}

std::string encode(const Ticket& ticket) {
  std::string bytes = signed_part(ticket);
  bytes.append(ticket.signature.view());
  return bytes;
}

Outcome<Ticket> decode_ticket(std::string_view bytes) {
  if (bytes.size() > kMaxTicketBytes) return malformed();
  ByteReader reader(bytes);
  const std::uint8_t version = reader.byte();
  if (version != kVersion && version != kVersionWithAuthority) return malformed();
  Ticket ticket;
  ticket.replica = static_cast<ReplicaId>(reader.varint_up_to(kMaxReplica));
  const std::uint64_t role = reader.varint_up_to(schema::Role_MAX);
  ticket.role = static_cast<schema::Role>(role);
  const std::uint64_t units = reader.varint_up_to(kMaxTicketUnits);
  for (std::uint64_t i = 0; i < units && reader.ok(); ++i) {
    ticket.units.emplace_back(reader.bytes());
    if (ticket.units.back().size() > kMaxUnitCodeBytes) reader.fail();
  }
  ticket.url = std::string(reader.bytes());
  ticket.issued_ms = reader.zigzag();
  ticket.expires_ms = reader.zigzag();
  if (version == kVersionWithAuthority) read_into(reader, ticket.authority.emplace());
  read_into(reader, ticket.server);
  read_into(reader, ticket.signature);
  if (!reader.at_end() || ticket.replica == 0 || role == 0 || ticket.url.size() > kMaxUrlBytes) return malformed();
  return ticket;
}

std::string to_text(const Ticket& ticket) { return std::string(kPrefix) + to_base64url(encode(ticket)); }

Outcome<Ticket> parse_ticket(std::string_view text) {
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') word.push_back(c);
    if (word.size() > kMaxTicketBytes * 2) return malformed();
  }
  if (!word.starts_with(kPrefix)) return malformed();
  const Outcome<std::string> bytes = from_base64url(std::string_view(word).substr(kPrefix.size()));
  if (!bytes) return malformed();
  Outcome<Ticket> ticket = decode_ticket(*bytes);
  if (ticket && !verify(*ticket)) {
    return Fault{.code = "ticket_forged",
                 .where = "ticket",
                 .what = "The ticket's signature does not fit: a letter of it is wrong."};
  }
  return ticket;
}

}  // namespace songsong
