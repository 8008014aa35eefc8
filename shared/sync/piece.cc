#include "shared/sync/piece.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/core/canonical.h"
#include "shared/core/change_row.h"
#include "shared/core/personal_values.h"
#include "shared/replica/keyring.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr std::size_t kMaxChangesInPiece = 4096;
// A new record takes 15 to 60 bytes; the first guess is mended by encoding again.
constexpr std::size_t kBytesPerChange = 16;
constexpr std::size_t kBeforeBytes = 8;

Fault bad_piece(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
}

bool has_personal(const Change& change) { return personal_writes(change) > 0; }

// Which commitment key each change of a path uses, from one change on to the next.
class KeyPath {
 public:
  explicit KeyPath(const Predecessor& before) : tip_(before.name), run_(before.run) {}

  BlockName step(Name next) {
    const BlockName block = key_after(run_ ? &*run_ : nullptr, tip_, next);
    if (run_ && tip_.tag() == next.tag()) {
      run_->run.last = next.sequence();
    } else {
      run_ = RunRow{
          .replica = next.replica(),
          .run = Run{.first = next.sequence(), .last = next.sequence(), .tag = next.tag(), .parent_tag = tip_.tag()},
          .key_tag = block.tag};
    }
    tip_ = next;
    return block;
  }
  Predecessor end(const ChainHash& hash) const { return Predecessor{.name = tip_, .hash = hash, .run = run_}; }

 private:
  Name tip_;
  std::optional<RunRow> run_;
};

Predecessor predecessor_in_log(StoreReader& reader, const OwnLine& line, Sequence first,
                               const std::vector<RunRow>& runs) {
  const KeyPair keys(line.identity.seed);
  Predecessor before{.name = {}, .hash = root_hash(line.identity.replica, keys.public_key()), .run = std::nullopt};
  if (first == 1) return before;
  const std::vector<LogRow> rows = reader.log_of(line.identity.replica, first - 2, 1);
  if (rows.empty() || rows.back().name.sequence() != first - 1) {
    throw StorageDamage{Fault{.code = "storage_damaged",
                              .where = "change " + std::to_string(first - 1),
                              .what = "A change that was saved here is missing from the log."}};
  }
  before.name = rows.back().name;
  before.hash = rows.back().hash;
  if (const RunRow* const run = run_holding(runs, before.name)) before.run = *run;
  return before;
}

std::string text_of(std::span<const std::uint8_t> key) { return std::string(key.begin(), key.end()); }

[[noreturn]] void key_is_missing() {
  throw StorageDamage{
      Fault{.code = "storage_damaged", .where = "block keys", .what = "The key of a personal value is missing."}};
}

// Only of changes with personal values.
void put_keys(StoreReader& reader, const Predecessor& before, std::span<const Change> changes, wire::Piece& message) {
  if (std::none_of(changes.begin(), changes.end(), has_personal)) return;
  Keyring held;
  load_keys(reader, changes.front().name.replica(), held);
  KeyPath path(before);
  std::set<BlockName> used;
  for (const Change& change : changes) {
    const BlockName block = path.step(change.name);
    if (!has_personal(change)) continue;
    if (!held.has(block)) key_is_missing();
    const BlockKey* const key = held.block_key(block);
    if (used.insert(block).second) message.add_keys(key != nullptr ? text_of(key->view()) : std::string());
    if (key != nullptr) continue;
    if (const std::vector<Commitment>* const erased = held.erased(change.name)) {
      message.add_change_keys(std::string());
      message.add_commitments(join_commitments(*erased));
    } else if (const ChangeKey* const own = held.change_key(change.name)) {
      message.add_change_keys(text_of(own->view()));
    } else {
      key_is_missing();
    }
  }
}

// Takes the keys of a piece out of its message, change by change.
class KeysOfPiece {
 public:
  KeysOfPiece(const wire::Piece& message, OpenedPiece& piece) : message_(message), piece_(piece) {}

  // False where a key, or commitments, are missing or none.
  bool take(Change& change, const BlockName& block) {
    if (!ring_.has(block)) {
      if (next_block_ == message_.keys_size()) return false;
      const std::string& bytes = message_.keys(next_block_++);
      std::optional<BlockKey> key;
      if (!bytes.empty()) {
        const Outcome<BlockKey> read = BlockKey::from_bytes(bytes, "keys");
        if (!read) return false;
        key = *read;
        piece_.keys.push_back(BlockKeyRow{.block = block, .key = key});
      }
      ring_.add(BlockKeyRow{.block = block, .key = key});
    }
    return ring_.is_destroyed(block) ? take_own(change) : true;
  }

  CommitmentLookup lookup(const BlockName& block) const { return ring_.lookup(block); }

 private:
  bool take_own(Change& change) {
    if (next_change_ == message_.change_keys_size()) return false;
    const std::string& bytes = message_.change_keys(next_change_++);
    if (bytes.empty()) return take_erased(change);
    const Outcome<ChangeKey> key = ChangeKey::from_bytes(bytes, "change keys");
    if (!key) return false;
    ring_.add(change.name, *key);
    piece_.own_keys.emplace(change.name, *key);
    return true;
  }

  // Nothing binds a value any more that comes without its key.
  bool take_erased(Change& change) {
    if (next_erased_ == message_.commitments_size()) return false;
    Outcome<std::vector<Commitment>> commitments = split_commitments(message_.commitments(next_erased_++));
    if (!commitments || commitments->size() != personal_writes(change)) return false;
    for (Write& write : change.writes) {
      if (write.personal && !write.value.is_none()) write.value = Value(Erased{});
    }
    ring_.add(ErasedRow{.name = change.name, .version = 0, .commitments = *commitments});
    piece_.erased.emplace(change.name, *std::move(commitments));
    return true;
  }

  const wire::Piece& message_;
  OpenedPiece& piece_;
  Keyring ring_;
  int next_block_ = 0, next_change_ = 0, next_erased_ = 0;
};

}  // namespace

std::vector<Change> read_changes(StoreReader& reader, std::span<const LogRow> rows) {
  std::vector<RecordId> ids;
  for (const LogRow& row : rows) ids.push_back(row.record);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const std::vector<std::string> personal = reader.personal(ids);
  std::map<RecordId, PersonalValuesOf> values;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Outcome<PersonalValuesOf> decoded = PersonalValuesOf::decode(personal[i]);
    if (!decoded) throw StorageDamage{decoded.fault()};
    values.emplace(ids[i], std::move(*decoded));
  }
  std::vector<Change> changes;
  for (const LogRow& row : rows) {
    Outcome<Change> change = decode_change(row.change, values.at(row.record).lookup());
    if (!change) {
      throw StorageDamage{Fault{.code = "storage_damaged",
                                .where = "log entry " + std::to_string(row.sequence),
                                .what = change.fault().what}};
    }
    changes.push_back(std::move(*change));
  }
  return changes;
}

std::optional<PieceDraft> draft_piece(StoreReader& reader, const OwnLine& line, Sequence after, std::size_t most_bytes,
                                      const Primer* primer) {
  const ReplicaId replica = line.identity.replica;
  std::size_t count = std::clamp<std::size_t>(most_bytes / kBytesPerChange, 1, kMaxChangesInPiece);
  const std::vector<LogRow> rows = reader.log_of(replica, after, count);
  if (rows.empty()) return std::nullopt;
  const std::vector<Change> changes = read_changes(reader, rows);
  count = changes.size();
  std::string encoded = encode_changes(changes, primer);
  while (encoded.size() > most_bytes && count > 1) {
    count = std::max<std::size_t>(1, std::min(count - 1, count * most_bytes * 9 / 10 / encoded.size()));
    encoded = encode_changes(std::span(changes).first(count), primer);
  }
  const ReplicaId wanted[] = {replica};
  const Predecessor before = predecessor_in_log(reader, line, after + 1, reader.runs(wanted).front());
  PieceDraft draft;
  draft.last = changes[count - 1].name;
  draft.count = static_cast<std::uint32_t>(count);
  draft.message.set_first(after + 1);
  if (before.name.valid()) draft.message.set_parent_tag(before.name.tag());
  draft.message.set_before(std::string(before.hash.view().substr(0, kBeforeBytes)));
  put_keys(reader, before, std::span(changes).first(count), draft.message);
  draft.message.set_changes(std::move(encoded));
  const PieceSeal seal{.protocol_revision = wire::kProtocol,
                       .replica = replica,
                       .first = after + 1,
                       .count = draft.count,
                       .before = before.hash,
                       .after = rows[count - 1].hash};
  draft.message.set_signature(std::string(sign_piece(KeyPair(line.identity.seed), seal).view()));
  return draft;
}

Predecessor after_piece(const Predecessor& before, const OpenedPiece& piece) {
  KeyPath path(before);
  for (const Change& change : piece.changes) path.step(change.name);
  return path.end(piece.hashes.empty() ? before.hash : piece.hashes.back());
}

Name predecessor_of(const wire::Piece& message, ReplicaId replica) {
  const std::uint32_t first = message.first();
  if (first <= 1 || first > kMaxSequence || message.parent_tag() > kMaxTag) return Name();
  return Name(replica, first - 1, message.parent_tag());
}

Outcome<OpenedPiece> open_piece(const wire::Piece& message, ReplicaId replica, const PublicKey& key,
                                const Predecessor& before, const Primer* primer) {
  Outcome<std::vector<Change>> decoded = decode_changes(message.changes(), wire::kPieceLimits, primer);
  if (!decoded) return decoded.fault();
  OpenedPiece piece;
  piece.changes = std::move(*decoded);
  const std::string where = "piece from " + std::to_string(message.first());
  if (piece.changes.empty() || piece.changes.front().name.sequence() != message.first() ||
      piece.changes.front().name.replica() != replica) {
    return bad_piece("piece_misplaced", where, "The piece holds other changes than it says.");
  }
  if (message.before() != before.hash.view().substr(0, kBeforeBytes))
    return bad_piece("piece_other_path", where, "The change before the piece is another one here.");
  piece.parent_tag = before.name.valid() ? before.name.tag() : 0;

  KeyPath path(before);
  KeysOfPiece keys(message, piece);
  ChainHash hash = before.hash;
  for (Change& change : piece.changes) {
    const BlockName block = path.step(change.name);
    piece.blocks.push_back(block);
    if (has_personal(change) && !keys.take(change, block))
      return bad_piece("piece_key_missing", where, "The key of a personal value is missing, or none.");
    const Outcome<std::vector<Commitment>> bound = commitments(change, keys.lookup(block));
    if (!bound) return bad_piece("piece_key_missing", where, "The key of a personal value is missing.");
    hash = next_hash(hash, canonical_bytes(change, *bound));
    piece.hashes.push_back(hash);
  }
  const Outcome<Signature> signature = Signature::from_bytes(message.signature(), where);
  const PieceSeal seal{.protocol_revision = wire::kProtocol,
                       .replica = replica,
                       .first = message.first(),
                       .count = static_cast<std::uint32_t>(piece.changes.size()),
                       .before = before.hash,
                       .after = hash};
  if (!signature || !verify_piece(key, seal, *signature))
    return bad_piece("piece_signature", where, "The piece was altered, or another key signed it.");
  return piece;
}

}  // namespace songsong
