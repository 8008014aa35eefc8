// Responder: a server's half of one exchange: a request in, an answer out. Pieces of Host, which owns what it borrows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/receipt.h"
#include "shared/core/validate.h"
#include "shared/sync/feed.h"
#include "shared/sync/frame.h"
#include "shared/sync/host.h"
#include "shared/sync/receiving.h"
#include "shared/sync/server_keys.h"

namespace songsong {

struct ResponderContext {
  Store& store;
  const Policies& policies;
  const HostDoors& doors;
  const Primer* primer;
  const ServerIdentity& server;
  const ServerKeys& keys;
  ReceivingContext receiving;
  UnitTreeCache& trees;
};

class Responder {
 public:
  explicit Responder(const ResponderContext& context) : context_(context) {}

  Answered answer(std::string_view bytes, std::size_t most_bytes);

 private:
  struct Exchange;

  Answered refuse(const Fault& fault, int status) const;
  Outcome<Done> know_sender(Exchange& exchange);
  Outcome<Done> take_pieces(Exchange& exchange);
  Outcome<std::vector<OpenedPiece>> open_pieces(Exchange& exchange);
  Outcome<std::optional<Predecessor>> held_before(const wire::Piece& piece, ReplicaId replica,
                                                  const PublicKey& key) const;
  Outcome<Done> commit_contact(const Exchange& exchange);
  static bool notes_contact(const Exchange& exchange);
  static Outcome<Done> note_contact(const Exchange& exchange, StoreReader& reader, StoreBatch& batch);
  Outcome<Done> tell(Exchange& exchange);
  Outcome<Done> remember_scope(const Exchange& exchange);

  const ResponderContext& context_;
};

}  // namespace songsong
