#include "tests/fuzz/authentic.h"

#include <algorithm>

#include "shared/core/canonical.h"
#include "shared/core/columns_piece.h"
#include "shared/core/receipt.h"
#include "shared/core/state_batch_codec.h"
#include "shared/replica/keyring.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/rows.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

constexpr Shard kShard = 0;
constexpr int kMostPieces = 8;
constexpr std::size_t kBeforeBytes = 8;
constexpr HashDomain kKeyDomain("songsong fuzzkey");

std::vector<std::string> rows_in(const Rows& rows) { return {rows.row().begin(), rows.row().end()}; }

// Stands for what the town has.
class Stand {
 public:
  Stand(const Town& town, std::vector<Name> own) : town_(town), own_(std::move(own)) {}

  Name meant(Name name) const {
    if (name.replica() == kRecordOfTown) return town_.record(name.sequence());
    if (name.replica() == kOwnChange && !own_.empty()) return own_[name.sequence() % own_.size()];
    return name;
  }
  void mean(std::vector<Name>& names) const {
    for (Name& name : names) name = meant(name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  void mean(Value& value) const {
    if (value.reference() != nullptr) value = Value(meant(*value.reference()));
    if (value.group() == nullptr) return;
    Group group = *value.group();
    for (auto& [field, inner] : group) mean(inner);
    value = Value(std::move(group));
  }
  void mean(Change& change) const {
    const bool opens = change.record == change.name;
    if (!opens) change.record = meant(change.record);
    if (change.origin.valid()) change.origin = meant(change.origin);
    mean(change.saw);
    for (Write& write : change.writes) mean(write.value);
  }
  void mean(State& state) const {
    state.id = meant(state.id);
    mean(state.applied);
    mean(state.removal_ahead);
    for (Register& each : state.registers) {
      mean(each.member);
      mean(each.ahead);
      for (Head& head : each.heads) {
        head.name = meant(head.name);
        mean(head.value);
      }
      std::sort(each.heads.begin(), each.heads.end(), [](const Head& a, const Head& b) { return a.name < b.name; });
    }
    for (Sum& sum : state.sums) {
      for (Contribution& last : sum.last) last.name = meant(last.name);
      std::sort(sum.last.begin(), sum.last.end(),
                [](const Contribution& a, const Contribution& b) { return a.name < b.name; });
    }
  }

 private:
  const Town& town_;
  const std::vector<Name> own_;
};

// As the receiver walks it (piece.cc): whose block key each change is bound with.
BlockName step(Predecessor& at, Name next) {
  const BlockName block = key_after(at.run ? &*at.run : nullptr, at.name, next);
  if (at.run && at.name.tag() == next.tag()) {
    at.run->run.last = next.sequence();
  } else {
    const Run run{.first = next.sequence(), .last = next.sequence(), .tag = next.tag(), .parent_tag = at.name.tag()};
    at.run = RunRow{.replica = next.replica(), .run = run, .key_tag = block.tag};
  }
  at.name = next;
  return block;
}

bool has_personal(const Change& change) {
  return std::any_of(change.writes.begin(), change.writes.end(), [](const Write& write) { return write.personal; });
}

}  // namespace

Asker::Made Asker::make(const Asked& asked) {
  wire::Request request = asked.request();
  if (!asked.raw_address()) address(request);
  place(request, asked);
  Made made;
  made.secret.channel = must(agree(pair_, seat_.ticket.server));
  const std::string body = request.SerializeAsString();
  if (!asked.raw_tag()) made.secret.tag = request_tag(made.secret.channel, body);
  made.frame = seal(made.secret.tag, body);
  return made;
}

void Asker::address(wire::Request& request) const {
  request.set_protocol(wire::kProtocol);
  request.set_replica(seat_.identity.replica);
  if (seat_.enrolled) return request.clear_enrolment();
  request.mutable_enrolment()->set_ticket(encode(seat_.ticket));
  request.mutable_enrolment()->set_public_key(std::string(pair_.public_key().view()));
}

void Asker::place(wire::Request& request, const Asked& asked) {
  const std::size_t back = std::min<std::size_t>(asked.goes_back(), line_.size() - 1);
  Predecessor before = line_[line_.size() - 1 - back];
  while (request.pieces_size() > kMostPieces) request.mutable_pieces()->RemoveLast();
  for (int i = 0; i < request.pieces_size(); ++i) {
    std::vector<Change> changes = changes_in(asked, i);
    if (changes.empty()) continue;
    if (asked.raw_pieces()) {
      request.mutable_pieces(i)->set_changes(encode_changes(std::span(changes).first(1)));
      continue;
    }
    seal_piece(*request.mutable_pieces(i), std::move(changes), before, asked);
    line_.push_back(before);
  }
}

// What the rows, or else the columns, say; nothing where those are none.
std::vector<Change> Asker::changes_in(const Asked& asked, int piece) const {
  if (piece < asked.changes_size() && asked.changes(piece).row_size() > 0) {
    std::vector<Name> own;
    for (const Predecessor& each : line_) {
      if (each.name.valid()) own.push_back(each.name);
    }
    const Stand stand(town_, own);
    std::vector<Change> changes = changes_of(rows_in(asked.changes(piece)));
    for (Change& change : changes) stand.mean(change);
    return changes;
  }
  if (asked.raw_pieces()) return {};
  Outcome<std::vector<Change>> decoded =
      decode_changes(asked.request().pieces(piece).changes(), wire::kPieceLimits, &simulation::primer());
  if (!decoded) return {};
  if (decoded->size() > kMostRows) decoded->resize(kMostRows);
  return std::move(*decoded);
}

BlockKey Asker::key_of(const BlockName& block, bool other) const {
  for (const BlockKeyRow& row : seat_.keys) {
    if (row.block == block && row.key && !other) return *row.key;
  }
  ByteWriter name;
  name.varint(block.replica);
  name.varint(block.block);
  name.varint(block.tag);
  name.byte(other ? 1 : 0);
  const std::array<std::uint8_t, 32> secret{};
  return BlockKey(keyed_hash256(kKeyDomain, secret, name.out()));
}

// In a block whose key is destroyed: by a key of its own, or by commitments alone.
void Asker::bind(wire::Piece& piece, Keyring& keyring, const BlockName& block, const BlockKey& key, Change& change) {
  if (!keyring.has(block)) {
    keyring.add(BlockKeyRow{.block = block, .key = std::nullopt});
    piece.add_keys(std::string());
  }
  const bool erased = std::any_of(change.writes.begin(), change.writes.end(), [](const Write& write) {
    return write.personal && write.value.type() == ValueType::kErased;
  });
  if (erased) {
    std::vector<Commitment> commitments(personal_writes(change));
    for (Commitment& each : commitments) each.bytes[0] = static_cast<std::uint8_t>(change.name.sequence());
    for (Write& write : change.writes) {
      if (write.personal) write.value = Value(Erased{});
    }
    piece.add_change_keys(std::string());
    piece.add_commitments(join_commitments(commitments));
    keyring.add(ErasedRow{.name = change.name, .version = 0, .commitments = std::move(commitments)});
    return;
  }
  const ChangeKey own = derive_change_key(key, change.name);
  keyring.add(change.name, own);
  piece.add_change_keys(std::string(own.view().begin(), own.view().end()));
}

void Asker::seal_piece(wire::Piece& piece, std::vector<Change> changes, Predecessor& before, const Asked& asked) {
  Sequence next = before.name.valid() ? before.name.sequence() + 1 : 1;
  const Sequence first = next;
  std::vector<Change> placed;
  for (Change& change : changes) {
    if (next > kMaxSequence) break;
    const bool opens = change.record == change.name;
    change.name = Name(seat_.identity.replica, next, change.name.tag());
    if (opens) change.record = change.name;
    // The encoder takes only what a change may hold.
    if (columns::find_flaw(change) != nullptr) continue;
    ++next;
    placed.push_back(std::move(change));
  }
  if (placed.empty()) return;
  piece.set_first(first);
  piece.set_parent_tag(before.name.valid() ? before.name.tag() : 0);
  piece.set_before(std::string(before.hash.view().substr(0, kBeforeBytes)));
  piece.set_changes(encode_changes(placed));
  piece.clear_keys();
  piece.clear_change_keys();
  piece.clear_commitments();
  PieceSeal seal{.protocol_revision = wire::kProtocol,
                 .replica = seat_.identity.replica,
                 .first = first,
                 .count = static_cast<std::uint32_t>(placed.size()),
                 .before = before.hash,
                 .after = {}};
  Keyring keyring;
  for (Change& change : placed) {
    const BlockName block = step(before, change.name);
    if (has_personal(change) && asked.splits()) {
      bind(piece, keyring, block, key_of(block, asked.other_keys()), change);
    } else if (has_personal(change) && !keyring.has(block)) {
      const BlockKey key = key_of(block, asked.other_keys());
      keyring.add(BlockKeyRow{.block = block, .key = key});
      piece.add_keys(std::string(key.view().begin(), key.view().end()));
    }
    const CommitmentLookup lookup = keyring.lookup(block);
    const Outcome<std::vector<Commitment>> bound = commitments(change, lookup);
    // An erased value can be bound by its key no more: such a piece is refused, whatever its signature says.
    if (!bound) return;
    before.hash = next_hash(before.hash, canonical_bytes(change, *bound));
  }
  seal.after = before.hash;
  piece.set_signature(std::string(sign_piece(pair_, seal).view()));
}

namespace {

// The phone's own changes, oldest first.
struct OwnLog {
  std::vector<Name> names;
  std::vector<ChainHash> hashes;
};

OwnLog own_log(PhoneAtWork& phone, ReplicaId replica) {
  OwnLog own;
  must(phone.store->read(kShard, [&](StoreReader& reader) {
    for (const LogRow& row : reader.log_of(replica, 0, 1000)) {
      own.names.push_back(row.name);
      own.hashes.push_back(row.hash);
    }
  }));
  return own;
}

// Signed, and about a change that the phone saved: its first byte says which, counted from the last.
std::string receipt_of(const Town& town, const OwnLog& own, std::string_view wanted, std::uint64_t epoch) {
  if (own.names.empty()) return std::string(wanted);
  const std::size_t back = take_byte(wanted) % own.names.size();
  const std::size_t at = own.names.size() - 1 - back;
  Receipt receipt{.server_key = {},
                  .epoch = epoch,
                  .held = own.names[at],
                  .hash = own.hashes[at],
                  .released = std::min<Sequence>(take_byte(wanted), own.names[at].sequence()),
                  .issued_ms = kTownTime,
                  .signature = {}};
  sign(receipt, KeyPair(town.server().seed));
  return encode(receipt);
}

// States out of rows, each with a version.
void put_states(wire::Answer& answer, const Stand& stand, const Rows& rows) {
  std::vector<State> states = states_of(rows_in(rows));
  for (State& state : states) stand.mean(state);
  std::erase_if(states, [](const State& state) { return columns::find_flaw(state) != nullptr; });
  if (states.empty()) return;
  answer.set_states(encode_states(states));
  while (static_cast<std::size_t>(answer.versions_size()) > states.size()) answer.mutable_versions()->RemoveLast();
  while (static_cast<std::size_t>(answer.versions_size()) < states.size()) answer.add_versions(1'000'000);
}

}  // namespace

std::string answer_of(const Town& town, PhoneAtWork& phone, std::string_view question, const Told& told) {
  const KeyPair server(town.server().seed);
  const bool carried = is_sealed_frame(question);
  const std::string unsealed = carried ? must(unseal_frame(question, server)) : std::string(question);
  const Frame frame = must(open_frame(unsealed, wire::kMaxRequestBytes));
  wire::Request request;
  hold(request.ParseFromString(frame.body), "a phone's question is a request");
  KeyPair asker(phone.replica->identity().seed);
  must(phone.store->read(kShard, [&](StoreReader& reader) {
    const OwnLines own = OwnLines::read(reader);
    if (const OwnLine* const line = own.find(request.replica())) asker = KeyPair(line->identity.seed);
  }));
  wire::Answer answer = told.answer();
  if (answer.protocol() == 0) answer.set_protocol(wire::kProtocol);
  if (!told.raw_epoch()) answer.set_epoch(town.server().epoch);
  const OwnLog own = own_log(phone, request.replica());
  if (!told.raw_receipts()) {
    for (std::string& each : *answer.mutable_receipts()) each = receipt_of(town, own, each, answer.epoch());
  }
  if (!told.raw_erased() && !own.names.empty()) {
    for (std::uint64_t& each : *answer.mutable_erased()) each = own.names[each % own.names.size()].packed();
  }
  if (told.states().row_size() > 0) put_states(answer, Stand(town, own.names), told.states());
  const std::string body = answer.SerializeAsString();
  const ChannelKey channel = must(agree(server, asker.public_key()));
  return seal(told.raw_tag() ? FrameTag() : answer_tag(channel, frame.tag, body), body);
}

}  // namespace songsong::fuzz
