// Questions: what a replica asks a server, as frames, and the opening of the answers; shared by the conversation and by
// bundles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/change_codec.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/store.h"
#include "shared/sync/frame.h"
#include "shared/sync/ticket.h"

namespace songsong {

struct QuestionDraft {
  const OwnLine* line = nullptr;  // whose question it is; borrowed
  Ticket ticket;                  // of the line, to enrol with
  PublicKey server;               // as it is known now, whoever signed the ticket
  bool enrols = false;
  Sequence from = 0;  // the pieces go on from here
  std::size_t most_piece_bytes = 0;
  std::size_t most_pieces = 1;
  std::string cursor;
  std::uint64_t epoch = 0;  // of the server, as far as is known
  std::uint32_t most_state_bytes = 0;
  std::uint32_t schema_revision = 0;
  std::uint32_t ticket_revision = 0;
  std::int64_t wall_ms = 0;
  std::vector<wire::Range> ranges;  // to be compared
  bool after_restore = false;
  bool renewed = false;
  std::vector<RecordId> orphans;         // to be asked about
  RecordId history;                      // whose log is wanted; not valid: none
  const Primer* primer = nullptr;        // that answers may use
  const Primer* piece_primer = nullptr;  // that the server is known to have
};

// What an answer is checked with.
struct QuestionSecret {
  ChannelKey channel;
  FrameTag tag;
};

struct QuestionMade {
  std::string frame;
  QuestionSecret secret;
  Name upto;
  std::uint64_t changes = 0;
};

Outcome<QuestionMade> make_question(Store& store, const QuestionDraft& draft);

// Faults: "not_our_server" (no frame, or none of an answer), "answer_forged" (the tag does not fit), "refused" with the
// code in `where` of a server that does not know who asks.
Outcome<wire::Answer> open_answer(const QuestionSecret& secret, std::string_view bytes);

}  // namespace songsong
