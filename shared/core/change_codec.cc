#include "shared/core/change_codec.h"

#include <stdexcept>

#include "shared/core/byte_reader.h"
#include "shared/core/columns.h"
#include "shared/core/columns_piece.h"

namespace songsong {

namespace {

using namespace columns;

constexpr std::uint8_t kPrimerVersion = 1;

// The name of the row: the replica and the first sequence once, then only a tag that is another one.
template <class C>
Name code_name(C& c, RowColumns& columns, Name before, Name name) {
  if (!before.valid()) {
    const auto replica = static_cast<ReplicaId>(c.raw(name.replica(), Names::kReplicaBits));
    const std::uint64_t sequence = columns.sequences.code(c, name.sequence());
    c.require(sequence <= kMaxSequence, "piece_sequence_too_large");
    return Name(replica, static_cast<Sequence>(sequence), static_cast<Tag>(c.raw(name.tag(), Names::kTagBits)));
  }
  c.require(before.sequence() < kMaxSequence, "piece_sequence_too_large");
  const bool same = c.bit(columns.same_tag, name.tag() == before.tag());
  const Tag tag = same ? before.tag() : static_cast<Tag>(c.raw(name.tag(), Names::kTagBits));
  return Name(before.replica(), before.sequence() + 1, tag);
}

template <class C>
void code_change(C& c, Model& model, Name before, typename C::template Ref<Change> change) {
  RowColumns& columns = model.columns();
  const Name name = code_name(c, columns, before, change.name);
  model.begin_row(name);
  const bool opens = c.bit(columns.opens, change.record == change.name);
  const Name record = opens ? name : columns.records.code(c, change.record, name);
  const ColumnIndex kind = model.code_kind(c, change.kind);
  code_names(c, columns.saw, columns.saw_sizes, name, kMaxSawPerChange, change.saw);
  const std::int64_t captured = model.code_clock(c, change.captured_ms);
  const std::int64_t correction = columns.corrections.code(c, change.correction_ms);
  const std::int64_t uncertainty = columns.uncertainties.code(c, change.uncertainty_ms);
  columns.actors.code(c, model.row(), kMaxActorBytes, change.actor);
  columns.units.code(c, model.row(), kMaxUnitCodeBytes, change.unit);
  const std::int64_t revision = columns.revisions.code(c, change.revision);
  const bool released = c.bit(columns.released, change.origin != Name());
  const Name origin = released ? columns.origins.code(c, change.origin, name) : Name();
  c.require(uncertainty == static_cast<std::uint32_t>(uncertainty), "piece_number_too_large");
  c.require(revision == static_cast<std::uint32_t>(revision), "piece_number_too_large");
  if constexpr (C::kDecoding) {
    change.name = name;
    change.record = record;
    change.captured_ms = captured;
    change.correction_ms = correction;
    change.uncertainty_ms = static_cast<std::uint32_t>(uncertainty);
    change.revision = static_cast<std::uint32_t>(revision);
    change.origin = origin;
  }
  model.code_writes(c, kind, change.writes);
}

void decode_rows(RangeDecoder& decoder, Model& model, std::uint64_t rows, std::vector<Change>& changes) {
  Name before;
  for (std::uint64_t i = 0; i < rows && decoder.charge(sizeof(Change)); ++i) {
    Change& change = changes.emplace_back();
    code_change(decoder, model, before, change);
    const char* const flaw = decoder.ok() ? find_flaw(change) : nullptr;
    if (!decoder.require(flaw == nullptr, flaw)) return;
    before = change.name;
  }
  decoder.finish();
}

void require_sound(const Change& change, Name before) {
  if (const char* flaw = find_flaw(change)) throw std::logic_error(std::string("encode_changes: ") + flaw);
  if (!before.valid()) return;
  const bool follows = change.name.replica() == before.replica() && change.name.sequence() == before.sequence() + 1;
  if (!follows) throw std::logic_error("encode_changes: not the consecutive changes of one replica");
}

void encode_rows(RangeEncoder& encoder, Model& model, std::span<const Change> changes) {
  Name before;
  for (const Change& change : changes) {
    require_sound(change, before);
    code_change(encoder, model, before, change);
    before = change.name;
  }
}

}  // namespace

Primer::Primer(std::uint32_t number, std::shared_ptr<const columns::Model> model)
    : number_(number), model_(std::move(model)) {}

Outcome<Primer> Primer::from_pieces(std::uint32_t number, std::span<const std::string> pieces) {
  if (number == 0) return piece_fault("piece_primer_unknown", 0);
  auto model = std::make_shared<Model>();
  RangeEncoder learner;  // only what the model learns is wanted
  for (const std::string& piece : pieces) {
    const Outcome<std::vector<Change>> changes = decode_changes(piece, DecodeLimits());
    if (!changes) return changes.fault();
    model->begin_piece();
    encode_rows(learner, *model, *changes);
  }
  model->settle();
  return Primer(number, std::move(model));
}

Outcome<Primer> Primer::parse(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint8_t version = reader.byte();
  const std::uint64_t number = reader.varint();
  const std::uint64_t count = reader.varint();
  std::vector<std::string> pieces;
  while (reader.ok() && pieces.size() < count) pieces.emplace_back(reader.bytes());
  if (version != kPrimerVersion || number > UINT32_MAX || !reader.at_end())
    return Fault{.code = "primer_malformed", .where = "primer", .what = "The bytes are no primer of this version."};
  return from_pieces(static_cast<std::uint32_t>(number), pieces);
}

std::string encode_primer(std::uint32_t number, std::span<const std::string> pieces) {
  ByteWriter writer;
  writer.byte(kPrimerVersion);
  writer.varint(number);
  writer.varint(pieces.size());
  for (const std::string& piece : pieces) writer.bytes(piece);
  return writer.take();
}

std::string encode_changes(std::span<const Change> changes, const Primer* primer) {
  Model model(primer != nullptr ? &primer->model() : nullptr);
  RangeEncoder encoder;
  encode_rows(encoder, model, changes);
  return write_piece(PieceKind::kChanges, primer, changes.size(), changes.empty() ? "" : encoder.finish());
}

Outcome<std::vector<Change>> decode_changes(std::string_view bytes, const DecodeLimits& limits, const Primer* primer) {
  const Outcome<PieceHeader> header = open_piece(bytes, PieceKind::kChanges, limits, primer);
  if (!header) return header.fault();
  Model model(header->primer != 0 ? &primer->model() : nullptr);
  RangeDecoder decoder(header->body, limits.bytes);
  std::vector<Change> changes;
  changes.reserve(expected_rows(*header, limits, sizeof(Change)));
  decode_rows(decoder, model, header->rows, changes);
  if (!decoder.ok()) return piece_fault(decoder.fault(), bytes.size() - header->body.size() + decoder.position());
  return changes;
}

Outcome<std::uint32_t> primer_of(std::string_view piece) {
  const Outcome<PieceHeader> header = read_header(piece);
  if (!header) return header.fault();
  return header->primer;
}

}  // namespace songsong
