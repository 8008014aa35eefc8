// A phone whose program does not keep the rules: everything that it says is authentic, and may be wrong. Its changes,
// pieces and requests are made by hand and can be altered before they are said.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/chain.h"
#include "shared/core/change.h"
#include "shared/core/commitment.h"
#include "shared/core/signature.h"
#include "shared/sync/ticket.h"
#include "tests/support/phone.h"
#include "tests/support/random.h"

namespace songsong::testing {

class Server;

class Hostile {
 public:
  static constexpr Tag kTag = 0xABCDE;

  // To a server, by whatever way; what comes back.
  using Carrier = std::function<std::string(const std::string& frame)>;

  explicit Hostile(Server& server, const std::vector<std::string>& units = {"school-1"},
                   schema::Role role = schema::TEACHER);
  Hostile(const Ticket& ticket, std::uint64_t luck, Carrier carrier);

  // An honest phone draws one for 256 changes.
  void draw_block_key();

  Name name(Sequence sequence) const { return Name(ticket_.replica, sequence, tag_); }

  // Another line, from the root.
  void begin_anew(Tag tag);
  void take_tag(Tag tag) { tag_ = tag; }

  // The next change, which opens a record of the kind.
  Change change(const std::string& kind_name, const Filled& filled);
  Change pupil(const Filled& more = {});
  // The same fields, of a record that somebody opened.
  Change edit(RecordId record, const std::string& kind_name, const Filled& filled);

  // As it should be; goes on from the piece before.
  wire::Piece piece(const std::vector<Change>& changes);
  wire::Request request(const std::vector<wire::Piece>& pieces) const;
  wire::Answer say(const wire::Request& request);
  // The code with which it is refused as a whole; empty if it is not.
  std::string refusal(const wire::Piece& piece) { return say(request({piece})).refusal().code(); }
  // The reason with which the last of the changes is set aside; empty if it is applied.
  std::string reason(const std::vector<Change>& changes);

  // The header with which it asks beside the conversation (asking.h), once it has enrolled.
  std::string authorization(std::string_view target) const;

  const Ticket& ticket() const { return ticket_; }
  std::int64_t now_ms;

 private:
  Random random_;
  Carrier carrier_;
  Ticket ticket_;
  KeyPair keys_;
  BlockKey block_key_;
  ChainHash hash_;
  Sequence last_ = 0;
  Tag tag_ = kTag;
  Tag parent_tag_ = 0;  // of the last change in a piece
};

}  // namespace songsong::testing
