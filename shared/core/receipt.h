// Receipt: the server's signed word that it holds a replica's changes up to one of them, in this epoch.
//
// It travels by any carrier, also on another phone, so it proves itself: by the server's signature, by the chain hash,
// which only changes on the path to it can have, and by the epoch. A phone shows "sent" only for what a receipt covers
// that it heeds; receipts of an earlier epoch than the one it knows no longer count.
//
// Binary form (about 120 bytes; varint, zigzag and fixed64 as in byte_reader.h):
//   version 1 (one byte) · server key id (8) · epoch (varint) · held (fixed64: the packed name) · chain hash (32) ·
//   released (varint) · issued (zigzag, milliseconds) · signature (64)
// The signature covers all before it. Each receipt has one form, and a form with anything after it is refused.
//
// Values and pure functions, any thread. Decoding returns a Fault for bytes that are no receipt; a signature that does
// not fit is `false`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "shared/core/chain.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/core/signature.h"

namespace songsong {

struct Receipt {
  KeyId server_key;
  std::uint64_t epoch = 0;
  Name held;              // replica, last sequence held, and its tag
  ChainHash hash;         // after that change
  Sequence released = 0;  // all backups that the server keeps hold this path up to here; 0: nothing yet; at most held
  std::int64_t issued_ms = 0;
  Signature signature;

  bool operator==(const Receipt&) const = default;
};

std::string encode(const Receipt& receipt);
// Faults: "receipt_version", "receipt_malformed". Says nothing of the signature.
Outcome<Receipt> decode_receipt(std::string_view bytes);

// Fills in server_key and signature. A receipt that its own decoder would refuse is a programming error
// (std::logic_error).
void sign(Receipt& receipt, const KeyPair& server);
bool verify(const Receipt& receipt, const PublicKey& server);

// Whether the receipt speaks of the caller's own path: own replica, and the hash that the caller's own chain has at
// that sequence (`own_hash` is empty beyond its end). The receipt of a copy of this phone that went another way does
// not. To be asked of receipts that verify.
bool concerns(const Receipt& receipt, ReplicaId own, const std::function<std::optional<ChainHash>(Sequence)>& own_hash);

}  // namespace songsong
