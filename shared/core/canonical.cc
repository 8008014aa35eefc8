// The grammar (varint, zigzag, fixed64 and bytes as byte_reader.h has them; every length is explicit, and the fields
// stand in one order, so that the bytes read in one way only):
//
//   change  = name record kind names captured correction uncertainty actor unit revision origin
//             count write*
//   name, record                           fixed64: the packed name
//   kind, uncertainty, revision            varint
//   names   = count fixed64*               `saw`; count is a varint
//   captured, correction                   zigzag, milliseconds
//   actor, unit                            bytes
//   origin                                 varint of the packed name; 0 is none
//
//   write   = field flags (value | commitment)
//   field                                  varint
//   flags                                  one byte: 2 * shape + personal
//   commitment                             32 bytes, if personal; its length is fixed
//
//   value   = type content                 type: one byte, the numbers of ValueType
//   content = none, erased: nothing; integer: zigzag; text, bytes: bytes; reference: fixed64;
//             group: count (field value)*
#include "shared/core/canonical.h"

#include <stdexcept>

namespace songsong {

std::size_t personal_writes(const Change& change) {
  std::size_t count = 0;
  for (const Write& write : change.writes) count += write.personal ? 1 : 0;
  return count;
}

void write_canonical(ByteWriter& out, std::span<const Name> names) {
  out.varint(names.size());
  for (const Name name : names) out.fixed64(name.packed());
}

void write_canonical(ByteWriter& out, const Value& value) {
  out.byte(static_cast<std::uint8_t>(value.type()));
  switch (value.type()) {
    case ValueType::kNone:
    case ValueType::kErased:
      return;
    case ValueType::kInteger:
      return out.zigzag(*value.integer());
    case ValueType::kText:
      return out.bytes(*value.text());
    case ValueType::kBytes:
      return out.bytes(*value.bytes());
    case ValueType::kReference:
      return out.fixed64(value.reference()->packed());
    case ValueType::kGroup:
      out.varint(value.group()->size());
      for (const auto& [field, member] : *value.group()) {
        out.varint(field);
        write_canonical(out, member);
      }
      return;
  }
}

void write_canonical(ByteWriter& out, const Change& change, std::span<const Commitment> commitments) {
  if (commitments.size() != personal_writes(change)) {
    throw std::logic_error("A change needs one commitment for each personal write.");
  }
  out.fixed64(change.name.packed());
  out.fixed64(change.record.packed());
  out.varint(change.kind);
  write_canonical(out, change.saw);
  out.zigzag(change.captured_ms);
  out.zigzag(change.correction_ms);
  out.varint(change.uncertainty_ms);
  out.bytes(change.actor);
  out.bytes(change.unit);
  out.varint(change.revision);
  out.varint(change.origin.packed());
  out.varint(change.writes.size());
  auto commitment = commitments.begin();
  for (const Write& write : change.writes) {
    out.varint(write.field);
    out.byte(static_cast<std::uint8_t>(2 * static_cast<unsigned>(write.shape) + (write.personal ? 1 : 0)));
    if (write.personal) {
      out.raw_bytes((commitment++)->view());
    } else {
      write_canonical(out, write.value);
    }
  }
}

std::string canonical_bytes(const Change& change, std::span<const Commitment> commitments) {
  ByteWriter out;
  write_canonical(out, change, commitments);
  return std::move(out).take();
}

std::string canonical_bytes(const Value& value) {
  ByteWriter out;
  write_canonical(out, value);
  return std::move(out).take();
}

}  // namespace songsong
