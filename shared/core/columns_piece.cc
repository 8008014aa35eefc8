#include "shared/core/columns_piece.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "shared/core/byte_reader.h"
#include "shared/core/columns.h"

namespace songsong::columns {

namespace {

const char* find_flaw(const Value& value) {
  if (const std::string* text = value.text()) return text->size() > kMaxValueBytes ? "piece_text_too_long" : nullptr;
  if (const std::string* bytes = value.bytes())
    return bytes->size() > kMaxValueBytes ? "piece_bytes_too_long" : nullptr;
  if (const Name* reference = value.reference()) return reference->valid() ? nullptr : "piece_name_invalid";
  const Group* const group = value.group();
  if (group == nullptr) return nullptr;
  if (group->size() > kMaxGroupFields) return "piece_group_too_long";
  for (std::size_t i = 0; i < group->size(); ++i) {
    const auto& [field, member] = (*group)[i];
    if (i > 0 && field <= (*group)[i - 1].first) return "piece_group_unordered";
    if (member.type() == ValueType::kGroup) return "piece_group_nested";
    if (const char* flaw = find_flaw(member)) return flaw;
  }
  return nullptr;
}

bool is_member(Shape shape) { return shape == Shape::kAdd || shape == Shape::kRemove; }

bool in_order(const Write& earlier, const Write& later) {
  if (earlier.field != later.field) return earlier.field < later.field;
  return is_member(earlier.shape) && is_member(later.shape) && earlier.value < later.value;
}

template <class T>
const Name& name_of(const T& item) {
  return item.name;
}
const Name& name_of(const Name& name) { return name; }

// Names, or what bears one, as lists of a change or state hold them.
template <class T>
const char* find_list_flaw(const std::vector<T>& list, std::size_t most) {
  if (list.size() > most) return "piece_names_too_many";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!name_of(list[i]).valid()) return "piece_name_invalid";
    if (i > 0 && name_of(list[i]) <= name_of(list[i - 1])) return "piece_names_unordered";
  }
  return nullptr;
}

const char* find_flaw(const Register& field) {
  if (const char* flaw = find_list_flaw(field.heads, kMaxNamesPerState)) return flaw;
  if (const char* flaw = find_list_flaw(field.ahead, kMaxNamesPerState)) return flaw;
  if (const char* flaw = find_flaw(field.member)) return flaw;
  for (const Head& head : field.heads) {
    if (head.personal && !field.member.is_none()) return "piece_personal_member";
    if (const char* flaw = find_flaw(head.value)) return flaw;
  }
  return nullptr;
}

}  // namespace

std::string write_piece(PieceKind kind, const Primer* primer, std::size_t rows, std::string body) {
  ByteWriter writer;
  writer.byte(static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) | (primer != nullptr ? kPrimedFlag : 0)));
  if (primer != nullptr) writer.varint(primer->number());
  writer.varint(rows);
  writer.raw_bytes(body);
  return writer.take();
}

Outcome<PieceHeader> read_header(std::string_view piece) {
  ByteReader reader(piece);
  const std::uint8_t first = reader.byte();
  if (!reader.ok()) return piece_fault("piece_truncated", 0);
  const auto kind = static_cast<PieceKind>(first & ~kPrimedFlag);
  if (kind != PieceKind::kChanges && kind != PieceKind::kStates) return piece_fault("piece_format_unknown", 0);
  const bool primed = (first & kPrimedFlag) != 0;
  const std::uint64_t primer = primed ? reader.varint() : 0;
  if (primer > 0xFFFFFFFFu || (primed && primer == 0)) return piece_fault("piece_primer_unknown", reader.offset());
  const std::uint64_t rows = reader.varint();
  if (!reader.ok()) return piece_fault("piece_truncated", piece.size());
  return PieceHeader{kind, static_cast<std::uint32_t>(primer), rows, reader.raw_bytes(reader.remaining())};
}

Outcome<PieceHeader> open_piece(std::string_view piece, PieceKind kind, const DecodeLimits& limits,
                                const Primer* primer) {
  Outcome<PieceHeader> header = read_header(piece);
  if (!header) return header;
  const std::size_t body_at = piece.size() - header->body.size();
  if (header->kind != kind) return piece_fault("piece_format_unknown", 0);
  if (header->rows > limits.rows) return piece_fault("piece_too_large", body_at);
  // A piece that needs no primer is read without, so that a caller may always offer the one it has.
  if (header->primer != 0 && (primer == nullptr || primer->number() != header->primer)) {
    return piece_fault("piece_primer_unknown", body_at);
  }
  return header;
}

std::size_t expected_rows(const PieceHeader& header, const DecodeLimits& limits, std::size_t bytes_of_row) {
  const std::uint64_t most = std::min<std::uint64_t>(header.body.size(), limits.bytes / bytes_of_row);
  return static_cast<std::size_t>(std::min(header.rows, most));
}

Fault piece_fault(const char* code, std::size_t position) {
  return Fault{code, "byte " + std::to_string(position), "The piece cannot be decoded."};
}

const char* find_flaw(const Change& change) {
  if (!change.name.valid() || !change.record.valid()) return "piece_name_invalid";
  if (change.origin != Name() && !change.origin.valid()) return "piece_name_invalid";
  if (change.kind == 0) return "piece_kind_missing";
  if (const char* flaw = find_list_flaw(change.saw, kMaxSawPerChange)) return flaw;
  if (change.actor.size() > kMaxActorBytes || change.unit.size() > kMaxUnitCodeBytes) return "piece_text_too_long";
  if (change.writes.size() > kMaxWritesPerChange) return "piece_writes_too_many";
  for (std::size_t i = 0; i < change.writes.size(); ++i) {
    const Write& write = change.writes[i];
    if (i > 0 && !in_order(change.writes[i - 1], write)) return "piece_writes_unordered";
    if (write.personal && write.shape != Shape::kRegister) return "piece_personal_member";
    if (write.shape == Shape::kIncrement && write.value.integer() == nullptr) return "piece_increment_broken";
    if (const char* flaw = find_flaw(write.value)) return flaw;
  }
  return nullptr;
}

namespace {

// A change has one capture time, whatever registers it stands in: a store's row has room for one. Nearly always all
// heads are of one change, or of few.
bool times_differ(const State& state) {
  const Head* first = nullptr;
  std::map<Name, std::int64_t> others;
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) {
      if (first == nullptr) first = &head;
      const std::int64_t time =
          head.name == first->name ? first->captured_ms : others.try_emplace(head.name, head.captured_ms).first->second;
      if (time != head.captured_ms) return true;
    }
  }
  return false;
}

}  // namespace

const char* find_flaw(const State& state) {
  if (!state.id.valid()) return "piece_name_invalid";
  if (state.opened_in.size() > kMaxUnitCodeBytes) return "piece_text_too_long";
  if (const char* flaw = find_list_flaw(state.applied, kMaxNamesPerState)) return flaw;
  if (const char* flaw = find_list_flaw(state.removal_ahead, kMaxNamesPerState)) return flaw;
  for (std::size_t i = 0; i < state.registers.size(); ++i) {
    const Register& field = state.registers[i];
    if (const char* flaw = find_flaw(field)) return flaw;
    if (i == 0) continue;
    const Register& before = state.registers[i - 1];
    if (std::tie(before.field, before.member) >= std::tie(field.field, field.member)) return "piece_fields_unordered";
  }
  for (std::size_t i = 0; i < state.sums.size(); ++i) {
    if (i > 0 && state.sums[i].field <= state.sums[i - 1].field) return "piece_fields_unordered";
    if (const char* flaw = find_list_flaw(state.sums[i].last, kMaxNamesPerState)) return flaw;
  }
  if (times_differ(state)) return "piece_times_differ";
  return nullptr;
}

}  // namespace songsong::columns
