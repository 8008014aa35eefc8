#include "tests/town/hostile.h"

#include <algorithm>

#include "shared/core/canonical.h"
#include "shared/core/value_text.h"
#include "shared/sync/asking.h"
#include "shared/sync/frame.h"
#include "shared/sync/questions.h"
#include "shared/sync/wire.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

constexpr std::size_t kBeforeBytes = 8;

SigningSeed drawn_seed(Random& random) {
  SigningSeed seed;
  for (std::uint8_t& byte : seed.fill()) byte = static_cast<std::uint8_t>(random.next());
  return seed;
}

}  // namespace

Hostile::Hostile(Server& server, const std::vector<std::string>& units, schema::Role role)
    : Hostile(server.ticket(units, role), server.random().next(),
              [&server](const std::string& frame) { return server.host().answer(frame).frame; }) {
  now_ms = kTownTime;
}

Hostile::Hostile(const Ticket& ticket, std::uint64_t luck, Carrier carrier)
    : now_ms(ticket.issued_ms),
      random_(luck),
      carrier_(std::move(carrier)),
      ticket_(ticket),
      keys_(drawn_seed(random_)),
      hash_(root_hash(ticket.replica, keys_.public_key())) {
  draw_block_key();
}

void Hostile::draw_block_key() {
  for (std::uint8_t& byte : block_key_.fill()) byte = static_cast<std::uint8_t>(random_.next());
}

void Hostile::begin_anew(Tag tag) {
  hash_ = root_hash(ticket_.replica, keys_.public_key());
  last_ = 0;
  parent_tag_ = 0;
  take_tag(tag);
}

Change Hostile::change(const std::string& kind_name, const Filled& filled) {
  const KindPolicy& kind = *programme().kind_named(kind_name);
  Change made;
  made.name = made.record = name(++last_);
  made.kind = kind.number();
  made.captured_ms = now_ms;
  made.revision = programme().revision();
  for (const auto& [field_name, text] : filled) {
    const FieldPolicy& field = *Policies::field_named(kind, field_name);
    made.writes.push_back(Write{.field = field.number(),
                                .shape = Shape::kRegister,
                                .personal = field.personal(),
                                .value = must(parse_value(field, text))});
  }
  std::sort(made.writes.begin(), made.writes.end(),
            [](const Write& one, const Write& other) { return one.field < other.field; });
  return made;
}

Change Hostile::pupil(const Filled& more) {
  Filled filled{
      {"full_name", "Vi Thị Hoa"}, {"school", "school-1"}, {"school_level", "primary"}, {"household", "poor"}};
  for (const auto& each : more) {
    std::erase_if(filled, [&](const auto& before) { return before.first == each.first; });
    filled.push_back(each);
  }
  return change("pupil", filled);
}

Change Hostile::edit(RecordId record, const std::string& kind_name, const Filled& filled) {
  Change made = change(kind_name, filled);
  made.record = record;
  made.saw = {record};
  return made;
}

wire::Piece Hostile::piece(const std::vector<Change>& changes) {
  const Sequence first = changes.front().name.sequence();
  wire::Piece message;
  message.set_first(first);
  if (first > 1) message.set_parent_tag(parent_tag_);
  parent_tag_ = changes.back().name.tag();
  message.set_before(std::string(hash_.view().substr(0, kBeforeBytes)));
  message.set_changes(encode_changes(changes));
  const CommitmentLookup lookup{.key = [this](Name each) { return std::optional(derive_change_key(block_key_, each)); },
                                .stored = {}};
  const ChainHash before = hash_;
  for (const Change& each : changes) hash_ = next_hash(hash_, canonical_bytes(each, must(commitments(each, lookup))));
  const auto key = block_key_.view();
  message.add_keys(std::string(key.begin(), key.end()));
  const PieceSeal seal{.protocol_revision = wire::kProtocol,
                       .replica = ticket_.replica,
                       .first = first,
                       .count = static_cast<std::uint32_t>(changes.size()),
                       .before = before,
                       .after = hash_};
  message.set_signature(std::string(sign_piece(keys_, seal).view()));
  return message;
}

wire::Request Hostile::request(const std::vector<wire::Piece>& pieces) const {
  wire::Request made;
  made.set_protocol(wire::kProtocol);
  made.set_replica(ticket_.replica);
  made.mutable_enrolment()->set_ticket(encode(ticket_));
  made.mutable_enrolment()->set_public_key(std::string(keys_.public_key().view()));
  made.set_wall_ms(now_ms);
  for (const wire::Piece& each : pieces) *made.add_pieces() = each;
  return made;
}

wire::Answer Hostile::say(const wire::Request& request) {
  const ChannelKey channel = must(agree(keys_, ticket_.server));
  const std::string body = request.SerializeAsString();
  const FrameTag tag = request_tag(channel, body);
  Outcome<wire::Answer> answer = open_answer(QuestionSecret{.channel = channel, .tag = tag}, carrier_(seal(tag, body)));
  if (answer) return std::move(*answer);
  wire::Answer refused;
  refused.mutable_refusal()->set_code(answer.fault().where);
  return refused;
}

std::string Hostile::reason(const std::vector<Change>& changes) {
  const wire::Answer answer = say(request({piece(changes)}));
  CHECK(answer.refusal().code() == "");
  CHECK(answer.receipts_size() == 1);  // set aside is received as well
  for (const wire::Quarantined& each : answer.quarantined()) {
    if (each.change() == changes.back().name.packed()) return each.reason();
  }
  return "";
}

std::string Hostile::authorization(std::string_view target) const {
  return songsong::authorization(ticket_.replica, must(agree(keys_, ticket_.server)), target);
}

}  // namespace songsong::testing
