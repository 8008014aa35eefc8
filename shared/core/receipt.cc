#include "shared/core/receipt.h"

#include <algorithm>
#include <stdexcept>

#include "shared/core/byte_reader.h"

namespace songsong {
namespace {

constexpr std::uint8_t kReceiptVersion = 1;

bool well_formed(const Receipt& receipt) { return receipt.held.valid() && receipt.released <= receipt.held.sequence(); }

std::string signed_part(const Receipt& receipt) {
  ByteWriter out;
  out.byte(kReceiptVersion);
  out.raw_bytes(receipt.server_key.view());
  out.varint(receipt.epoch);
  out.fixed64(receipt.held.packed());
  out.raw_bytes(receipt.hash.view());
  out.varint(receipt.released);
  out.zigzag(receipt.issued_ms);
  return std::move(out).take();
}

template <class Bytes>
void read_into(ByteReader& in, Bytes& bytes) {
  const std::string_view raw = in.raw_bytes(Bytes::kSize);
  std::copy(raw.begin(), raw.end(), bytes.bytes.begin());
}

}  // namespace

std::string encode(const Receipt& receipt) { return signed_part(receipt).append(receipt.signature.view()); }

Outcome<Receipt> decode_receipt(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.byte() != kReceiptVersion) return Fault{"receipt_version", "byte 0", "It is no receipt of a known version."};
  Receipt receipt;
  read_into(in, receipt.server_key);
  receipt.epoch = in.varint();
  receipt.held = Name::from_packed(in.fixed64());
  read_into(in, receipt.hash);
  receipt.released = static_cast<Sequence>(in.varint_up_to(kMaxSequence));
  receipt.issued_ms = in.zigzag();
  read_into(in, receipt.signature);
  if (!in.at_end() || !well_formed(receipt)) {
    return Fault{"receipt_malformed", "byte " + std::to_string(in.offset()),
                 "It is cut, too long or contradicts itself."};
  }
  return receipt;
}

void sign(Receipt& receipt, const KeyPair& server) {
  if (!well_formed(receipt)) throw std::logic_error("A receipt names a change, and releases none after it.");
  receipt.server_key = key_id(server.public_key());
  receipt.signature = server.sign(SignatureDomain::kReceipt, signed_part(receipt));
}

bool verify(const Receipt& receipt, const PublicKey& server) {
  return receipt.server_key == key_id(server) &&
         verify(server, SignatureDomain::kReceipt, signed_part(receipt), receipt.signature);
}

bool concerns(const Receipt& receipt, ReplicaId own,
              const std::function<std::optional<ChainHash>(Sequence)>& own_hash) {
  return receipt.held.replica() == own && own_hash(receipt.held.sequence()) == receipt.hash;
}

}  // namespace songsong
